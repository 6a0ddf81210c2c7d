/** Where a reader of timestamps puts what it found, and what it remembers between lines. */
export interface Stamp {
  /** Whole milliseconds since the epoch. */
  ms: number;
  /** Below a millisecond. */
  nanos: number;
  /** The last minute seen, as `2026-11-21T12:14:`, and its first millisecond: nearly every line is of the minute of the one before. */
  readonly minute: Uint8Array;
  minuteMs: number;
  /** The time has a zone that names no offset: it is not known. */
  unknownZone: boolean;
}

export function createStamp(): Stamp {
  return { ms: 0, nanos: 0, minute: new Uint8Array(MINUTE_LENGTH), minuteMs: 0, unknownZone: false };
}

const ZERO = 48;
const MINUTE_LENGTH = 17;

/**
 * Reads `2026-11-21T12:14:31[.123456789](Z|+02:00)` at `p`; date and time may also stand apart by a space, the date have slashes,
 * the fraction stand behind a comma, and the zone be `+0200`, `+02`, or stand behind a blank, where it may also be `UTC`, `GMT` or
 * `CET`. Returns the place after it, or -1. Without a zone the text is taken as `localOffset` (ms east of UTC) says; where
 * that is not given a zone must be there.
 */
export function readIsoTime(src: Buffer, p: number, end: number, stamp: Stamp, localOffset?: LocalOffset): number {
  if (p + 19 > end) return -1;
  const known = stamp.minute;
  let same = 0;
  // From the end, where other lines differ first.
  for (let k = MINUTE_LENGTH - 1; k >= 0 && src[p + k] === known[k]; k--) same++;
  if (same < MINUTE_LENGTH && !readMinute(src, p, stamp)) return -1;
  const second = two(src, p + 17);
  if (!(second < 61)) return -1;
  let ms = stamp.minuteMs + second * 1000;
  let at = p + 19;
  let nanos = 0;
  if (at < end && (src[at] === 46 || src[at] === 44)) {
    let unit = 100_000_000;
    let digit = 0;
    for (at++; at < end && (digit = src[at] - ZERO) >= 0 && digit <= 9; at++) {
      nanos += digit * unit;
      unit = unit > 1 ? unit / 10 : 0;
    }
  }
  // What the container runtimes write.
  if (src[at] === 90 && at < end) at++;
  else {
    const zone = readZone(src, at, end);
    if (zone === undefined && localOffset === undefined) return -1;
    ms -= zone === undefined ? (localOffset?.(ms) ?? 0) : zone.shift;
    stamp.unknownZone = Number.isNaN(zone?.shift);
    if (stamp.unknownZone && localOffset === undefined) return -1;
    at = zone?.end ?? at;
  }
  const whole = Math.floor(nanos / 1_000_000);
  stamp.ms = ms + whole;
  stamp.nanos = nanos - whole * 1_000_000;
  return at;
}

function readMinute(src: Buffer, p: number, stamp: Stamp): boolean {
  const separator = src[p + 4];
  if ((separator !== 45 && separator !== 47) || src[p + 7] !== separator || src[p + 13] !== 58 || src[p + 16] !== 58)
    return false;
  if (src[p + 10] !== 84 && src[p + 10] !== 32) return false;
  const year = two(src, p) * 100 + two(src, p + 2);
  const month = two(src, p + 5);
  const date = two(src, p + 8);
  const hour = two(src, p + 11);
  const minute = two(src, p + 14);
  // A byte that is no digit gives NaN, and every comparison with it is false.
  if (!(year > 0 && month > 0 && month < 13 && date > 0 && hour < 24 && minute < 60)) return false;
  if (date > daysOf(year, month)) return false;
  stamp.minute.set(src.subarray(p, p + MINUTE_LENGTH));
  stamp.minuteMs = Date.UTC(year, month - 1, date, hour, minute);
  return true;
}

/** Offsets of zones by the names that they have in logs, in hours. Names that stand for several zones are NaN. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0, GMT: 0, Z: 0, EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7,
  WET: 0, WEST: 1, CET: 1, CEST: 2, EET: 2, EEST: 3, MSK: 3, JST: 9, BST: NaN, IST: NaN, AST: NaN, AEST: 10, AEDT: 11,
}; // prettier-ignore

/** A zone at `at`, or behind a blank: milliseconds east of UTC, NaN where its name stands for several. */
function readZone(src: Buffer, at: number, end: number): { shift: number; end: number } | undefined {
  const from = src[at] === 32 ? at + 1 : at;
  const sign = from < end ? src[from] : 0;
  if (sign === 43 || sign === 45) {
    const colon = src[from + 3] === 58 ? 1 : 0;
    const hours = from + 3 <= end ? two(src, from + 1) : NaN;
    const minutes = from + 5 + colon <= end ? two(src, from + 3 + colon) : NaN;
    if (!(hours < 15)) return undefined;
    const shift = (hours * 60 + (minutes < 60 ? minutes : 0)) * 60_000;
    return { shift: sign === 43 ? shift : -shift, end: from + 3 + (minutes < 60 ? 2 + colon : 0) };
  }
  if (from === at && sign !== 90) return undefined;
  const word = /^[A-Z]{1,4}(?![A-Za-z0-9])/.exec(src.toString('latin1', from, Math.min(end, from + 5)))?.[0];
  if (word === undefined || !Object.hasOwn(ZONES, word)) return undefined;
  return { shift: ZONES[word] * 3_600_000, end: from + word.length };
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Milliseconds that the machine's clock is east of UTC at a time of that clock. */
export type LocalOffset = (localMs: number) => number;

/** The offset of a zone (IANA name), or of the machine's own; asked once an hour of log time, as asking is slow. */
export function createLocalOffset(zone?: string): LocalOffset {
  let hour = NaN;
  let offset = 0;
  return (localMs) => {
    const asked = Math.floor(localMs / 3_600_000);
    if (asked === hour) return offset;
    hour = asked;
    const wall = new Date(localMs);
    const here = new Date(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate(), wall.getUTCHours());
    offset = zone === undefined ? -here.getTimezoneOffset() * 60_000 : offsetIn(zone, localMs);
    return offset;
  };
}

/** By how much a zone's clock is ahead of UTC where it shows `localMs`. */
function offsetIn(zone: string, localMs: number): number {
  const wallOf = (ms: number) =>
    Date.parse(`${new Date(ms).toLocaleString('sv-SE', { timeZone: zone }).replace(' ', 'T')}Z`);
  const whole = Math.floor(localMs / 1000) * 1000;
  const guess = wallOf(whole) - whole;
  return wallOf(whole - guess) - (whole - guess);
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/**
 * Reads syslog's `Nov 21 12:00:00` (RFC 3164), which names neither year nor zone: the newest such time that is not more
 * than a day after `now`. Returns the index after it, or -1.
 */
export function readSyslogTime(
  src: Buffer,
  p: number,
  end: number,
  stamp: Stamp,
  now: number,
  localOffset: LocalOffset,
): number {
  if (p + 15 > end || src[p + 3] !== 32 || src[p + 6] !== 32 || src[p + 9] !== 58 || src[p + 12] !== 58) return -1;
  const at = MONTHS.indexOf(String.fromCharCode(src[p], src[p + 1], src[p + 2]));
  const date = (src[p + 4] === 32 ? 0 : digit(src[p + 4]) * 10) + digit(src[p + 5]);
  const seconds = two(src, p + 7) * 3600 + two(src, p + 10) * 60 + two(src, p + 13);
  if (at < 0 || at % 3 !== 0 || !(seconds < 86_400)) return -1;
  return isNewest(stamp, now, localOffset, at / 3, date, seconds * 1000) ? p + 15 : -1;
}

/** Reads an access log's `30/Nov/2026:20:00:00 +0100`. Returns the place after it, or -1. */
export function readClfTime(src: Buffer, p: number, end: number, stamp: Stamp): number {
  const found = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d\d)(\d\d)/.exec(
    src.toString('latin1', p, Math.min(end, p + 26)),
  );
  if (found === null) return -1;
  const month = MONTHS.indexOf(found[2]) / 3;
  const [date, year, hour, minute, second] = [found[1], found[3], found[4], found[5], found[6]].map(Number);
  if (!Number.isInteger(month) || month < 0 || date < 1 || date > daysOf(year, month + 1) || hour > 23) return -1;
  const shift = (Math.abs(Number(found[7])) * 60 + Number(found[8])) * (found[7].startsWith('-') ? -60_000 : 60_000);
  stamp.ms = Date.UTC(year, month, date, hour, minute, second) - shift;
  stamp.nanos = 0;
  return p + 26;
}

/** Reads klog's `I1130 20:00:00.123456`, which names neither year nor zone. Returns the place after it, or -1. */
export function readKlogTime(
  src: Buffer,
  p: number,
  end: number,
  stamp: Stamp,
  now: number,
  localOffset: LocalOffset,
): number {
  const found = /^[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{6})/.exec(
    src.toString('latin1', p, Math.min(end, p + 21)),
  );
  if (found === null) return -1;
  const [month, date, hour, minute, second, micros] = found.slice(1).map(Number);
  if (!isNewest(stamp, now, localOffset, month - 1, date, (hour * 3600 + minute * 60 + second) * 1000)) return -1;
  stamp.ms += Math.floor(micros / 1000);
  stamp.nanos = (micros % 1000) * 1000;
  return p + 21;
}

/** Sets the stamp to the newest such time that is not more than a day after `now`; false where there is none. */
function isNewest(
  stamp: Stamp,
  now: number,
  localOffset: LocalOffset,
  month: number,
  date: number,
  msOfDay: number,
): boolean {
  const year = new Date(now).getUTCFullYear();
  for (const candidate of [year + 1, year, year - 1]) {
    if (!(date > 0 && date <= daysOf(candidate, month + 1))) continue;
    const local = Date.UTC(candidate, month, date) + msOfDay;
    const ms = local - localOffset(local);
    if (ms > now + 86_400_000) continue;
    stamp.ms = ms;
    stamp.nanos = 0;
    return true;
  }
  return false;
}

function two(src: Buffer, p: number): number {
  return digit(src[p]) * 10 + digit(src[p + 1]);
}

function digit(byte: number): number {
  const value = byte - ZERO;
  return value >= 0 && value <= 9 ? value : NaN;
}
