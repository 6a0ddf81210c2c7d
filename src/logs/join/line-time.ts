import { type LocalOffset, type Stamp, readClfTime, readIsoTime, readKlogTime, readSyslogTime } from './timestamp.ts';

const DECADE = 10 * 365 * 86_400_000;
const DAY = 86_400_000;
/** The time of a JSON line, or of an access log's, is looked for this far. */
const LOOKED_AT = 200;
const JSON_KEYS = ['"time"', '"ts"', '"timestamp"', '"@timestamp"'].map((key) => Buffer.from(key));
const WORD_KEYS = ['ts=', 'time=', 'timestamp='].map((key) => Buffer.from(key));

const SPACE = 32;
const QUOTE = 34;
const COLON = 58;
const LESS = 60;
const BRACKET = 91;
const BRACE = 123;

/** What a line says of its time: it is in the stamp, there is none, or it has a zone that names no offset. */
export type LineTime = 'told' | 'none' | 'unknown_zone';

/**
 * Reads the time of a line in `src[p..end)` into the stamp: ISO 8601 and RFC 3339, first or in brackets; syslog (RFC 3164 and 5424);
 * klog; nginx's error log; the `[…]` of access logs; `time`, `ts`, `timestamp`, `@timestamp` of a JSON line, as text or epoch;
 * `ts=` or `time=` of a logfmt line. @param now milliseconds: a time a decade before or a day after is none.
 */
export function readLineTime(
  src: Buffer,
  p: number,
  end: number,
  stamp: Stamp,
  now: number,
  localOffset: LocalOffset,
): LineTime {
  const found = placeOfTime(src, p, end, stamp, now, localOffset);
  if (found < 0) return 'none';
  if (stamp.unknownZone) return 'unknown_zone';
  // A number that only looks like a time must not put a record out of reach.
  return stamp.ms > now - DECADE && stamp.ms < now + DAY ? 'told' : 'none';
}

function placeOfTime(src: Buffer, p: number, end: number, stamp: Stamp, now: number, local: LocalOffset): number {
  const first = src[p];
  stamp.unknownZone = false;
  if (first === BRACE) return readJsonTime(src, p, end, stamp, now, local);
  if (first === LESS) return readPrioritized(src, p, end, stamp, now, local);
  const at = first === BRACKET ? p + 1 : p;
  const isDigit = src[at] >= 48 && src[at] <= 57;
  let found = isDigit ? readIsoTime(src, at, end, stamp, local) : -1;
  if (found < 0 && first >= 65 && first <= 83) found = readSyslogTime(src, p, end, stamp, now, local);
  if (found < 0 && first >= 69 && first <= 87) found = readKlogTime(src, p, end, stamp, now, local);
  if (found < 0) found = readWordTime(src, p, end, stamp, now, local);
  return found < 0 ? readAccessTime(src, p, end, stamp) : found;
}

/** `<34>1 2026-11-30T20:00:00Z …` (RFC 5424) or `<34>Nov 30 20:00:00 …` (RFC 3164). */
function readPrioritized(src: Buffer, p: number, end: number, stamp: Stamp, now: number, local: LocalOffset): number {
  const close = src.indexOf(62, p);
  if (close < 0 || close > p + 4 || close >= end) return -1;
  const version = src[close + 2] === SPACE ? readIsoTime(src, close + 3, end, stamp, local) : -1;
  return version < 0 ? readSyslogTime(src, close + 1, end, stamp, now, local) : version;
}

function readJsonTime(src: Buffer, p: number, end: number, stamp: Stamp, now: number, local: LocalOffset): number {
  const head = src.subarray(p, Math.min(end, p + LOOKED_AT));
  for (const key of JSON_KEYS) {
    const at = head.indexOf(key);
    if (at < 0) continue;
    let value = p + at + key.length;
    while (value < end && (src[value] === SPACE || src[value] === COLON)) value++;
    return src[value] === QUOTE
      ? readIsoTime(src, value + 1, end, stamp, local)
      : readEpoch(src, value, end, stamp, now);
  }
  return -1;
}

function readWordTime(src: Buffer, p: number, end: number, stamp: Stamp, now: number, local: LocalOffset): number {
  const head = src.subarray(p, Math.min(end, p + LOOKED_AT));
  for (const key of WORD_KEYS) {
    const at = head.indexOf(key);
    if (at < 0 || (at > 0 && head[at - 1] !== SPACE)) continue;
    const value = p + at + key.length + (head[at + key.length] === QUOTE ? 1 : 0);
    const found = readIsoTime(src, value, end, stamp, local);
    return found < 0 ? readEpoch(src, value, end, stamp, now) : found;
  }
  return -1;
}

/** `10.0.0.1 - - [30/Nov/2026:20:00:00 +0100] "GET / HTTP/1.1"` */
function readAccessTime(src: Buffer, p: number, end: number, stamp: Stamp): number {
  const bracket = src.subarray(p, Math.min(end, p + LOOKED_AT)).indexOf(BRACKET);
  return bracket < 0 ? -1 : readClfTime(src, p + bracket + 1, end, stamp);
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, told by their size. */
function readEpoch(src: Buffer, p: number, end: number, stamp: Stamp, now: number): number {
  const text = /^\d{9,19}(?:\.\d{1,9})?(?![\d.])/.exec(src.toString('latin1', p, Math.min(end, p + 32)))?.[0];
  if (text === undefined) return -1;
  for (const perMs of [0.001, 1, 1000, 1_000_000]) {
    const ms = Number(text) / perMs;
    if (ms < now - DECADE || ms > now + DAY) continue;
    stamp.ms = Math.floor(ms);
    stamp.nanos = Math.min(999_999, Math.round((ms - stamp.ms) * 1000) * 1000);
    return p + text.length;
  }
  return -1;
}
