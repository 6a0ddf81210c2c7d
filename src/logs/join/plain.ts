import type { Batch } from '../read/batch.ts';
import { type Joiner, type ReadContext, type TakeLine, addChecked, lineEnd } from './joiner.ts';
import { type Stamp, createLocalOffset, createStamp, readIsoTime, readSyslogTime } from './timestamp.ts';

const DECADE = 10 * 365 * 86_400_000;
const DAY = 86_400_000;
/** A JSON line's time is looked for this far. */
const JSON_HEAD = 160;
const JSON_TIME_KEYS = ['"time":"', '"ts":"', '"timestamp":"', '"@timestamp":"'].map((key) => Buffer.from(key));

/**
 * A line is a record, its time that which the line begins with (ISO 8601, RFC 3339, syslog, or the time of a JSON line)
 * or else when it was read. The message stays whole, time included.
 */
interface PlainJoiner extends Joiner {
  readonly takeLine: TakeLine;
}

export function createPlainJoiner(): PlainJoiner {
  const stamp = createStamp();
  const localOffset = createLocalOffset();

  const joiner: PlainJoiner = {
    need: 0,
    takeLine,
    take(batch, from, end, context) {
      let p = from;
      while (p < end && batch.count < batch.capacity) {
        const newline = batch.bytes.indexOf(10, p);
        joiner.need = takeLine(batch, p, newline, context);
        if (joiner.need > 0) return p;
        p = newline + 1;
      }
      return p;
    },
    flush: (_batch: Batch, _context: ReadContext) => true,
    pending: () => undefined,
  };

  function takeLine(batch: Batch, p: number, newline: number, context: ReadContext): number {
    const { base, clean, maxRecordBytes, now } = context;
    const stop = lineEnd(batch.bytes, p, newline);
    const isTimed = readTime(batch.bytes, p, stop, now);
    const ms = isTimed ? stamp.ms : now;
    const nanos = isTimed ? stamp.nanos : 0;
    let need = 0;
    if (clean && stop - p <= maxRecordBytes) batch.add(p, stop, base + newline + 1, ms, nanos, 0);
    else need = addChecked(batch, p, stop, base + newline + 1, ms, nanos, 0, context);
    if (need === 0 && !isTimed) batch.setUntimed();
    return need;
  }

  function readTime(src: Buffer, p: number, end: number, now: number): boolean {
    const first = src[p];
    let found = -1;
    if (first >= 48 && first <= 57) found = readIsoTime(src, p, end, stamp, localOffset);
    else if (first === 91) found = readIsoTime(src, p + 1, end, stamp, localOffset);
    else if (first === 123) found = readJsonTime(src, p, end, stamp);
    else if (first >= 65 && first <= 83) found = readSyslogTime(src, p, end, stamp, now, localOffset);
    // A number that only looks like a time must not put a record out of reach.
    return found >= 0 && stamp.ms > now - DECADE && stamp.ms < now + DAY;
  }
  return joiner;
}

function readJsonTime(src: Buffer, p: number, end: number, stamp: Stamp): number {
  const head = src.subarray(p, Math.min(end, p + JSON_HEAD));
  for (const key of JSON_TIME_KEYS) {
    const at = head.indexOf(key);
    if (at >= 0) return readIsoTime(src, p + at + key.length, end, stamp);
  }
  return -1;
}
