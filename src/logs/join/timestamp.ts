/** Where a reader of timestamps puts what it found, and what it remembers between lines. */
export interface Stamp {
  /** Whole milliseconds since the epoch. */
  ms: number;
  /** Below a millisecond. */
  nanos: number;
  /** The last minute seen, as `2026-11-21T12:14:`, and its first millisecond: nearly every line is of the minute of the one before. */
  readonly minute: Uint8Array;
  minuteMs: number;
}

export function createStamp(): Stamp {
  return { ms: 0, nanos: 0, minute: new Uint8Array(MINUTE_LENGTH), minuteMs: 0 };
}

const ZERO = 48;
const MINUTE_LENGTH = 17;

/**
 * Reads `2026-11-21T12:14:31[.123456789](Z|+02:00)` at `p`; date and time may also stand apart by a space and the
 * fraction behind a comma. Gives the place after it, or -1. Without a zone the text is taken as `localOffset` (ms east of
 * UTC) says; where that is not given a zone must be there.
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
  if (src[at] === 90 && at < end) at++;
  else if (at + 6 <= end && (src[at] === 43 || src[at] === 45) && src[at + 3] === 58) {
    const shift = (two(src, at + 1) * 60 + two(src, at + 4)) * 60_000;
    if (Number.isNaN(shift)) return -1;
    ms -= src[at] === 43 ? shift : -shift;
    at += 6;
  } else if (localOffset !== undefined) ms -= localOffset(ms);
  else return -1;
  const whole = Math.floor(nanos / 1_000_000);
  stamp.ms = ms + whole;
  stamp.nanos = nanos - whole * 1_000_000;
  return at;
}

function readMinute(src: Buffer, p: number, stamp: Stamp): boolean {
  if (src[p + 4] !== 45 || src[p + 7] !== 45 || src[p + 13] !== 58 || src[p + 16] !== 58) return false;
  if (src[p + 10] !== 84 && src[p + 10] !== 32) return false;
  const year = two(src, p) * 100 + two(src, p + 2);
  const month = two(src, p + 5);
  const date = two(src, p + 8);
  const hour = two(src, p + 11);
  const minute = two(src, p + 14);
  // A byte that is no digit gives NaN, and every comparison with it is false.
  if (!(year > 0 && month > 0 && month < 13 && date > 0 && date < 32 && hour < 24 && minute < 60)) return false;
  stamp.minute.set(src.subarray(p, p + MINUTE_LENGTH));
  stamp.minuteMs = Date.UTC(year, month - 1, date, hour, minute);
  return true;
}

/** Milliseconds that the machine's clock is east of UTC at a time of that clock. */
export type LocalOffset = (localMs: number) => number;

/** The machine's zone, asked once an hour of log time, as asking is slow. */
export function createLocalOffset(): LocalOffset {
  let hour = NaN;
  let offset = 0;
  return (localMs) => {
    const asked = Math.floor(localMs / 3_600_000);
    if (asked === hour) return offset;
    hour = asked;
    const wall = new Date(localMs);
    const here = new Date(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate(), wall.getUTCHours());
    offset = -here.getTimezoneOffset() * 60_000;
    return offset;
  };
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/**
 * Reads syslog's `Nov 21 12:00:00` (RFC 3164), which names neither year nor zone: the newest such time that is not more
 * than a day after `now`. Gives the place after it, or -1.
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
  if (at < 0 || at % 3 !== 0 || !(date > 0 && date < 32 && seconds < 86_400)) return -1;
  const year = new Date(now).getUTCFullYear();
  for (const candidate of [year + 1, year, year - 1]) {
    const local = Date.UTC(candidate, at / 3, date) + seconds * 1000;
    const ms = local - localOffset(local);
    if (ms > now + 86_400_000) continue;
    stamp.ms = ms;
    stamp.nanos = 0;
    return p + 15;
  }
  return -1;
}

function two(src: Buffer, p: number): number {
  return digit(src[p]) * 10 + digit(src[p + 1]);
}

function digit(byte: number): number {
  const value = byte - ZERO;
  return value >= 0 && value <= 9 ? value : NaN;
}
