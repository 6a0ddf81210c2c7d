import type { Batch } from '../read/batch.ts';
import { type Joiner, type ReadContext, type TakeLine, addChecked, lineEnd } from './joiner.ts';
import { readLineTime } from './line-time.ts';
import { createLocalOffset, createStamp } from './timestamp.ts';

interface PlainJoiner extends Joiner {
  readonly takeLine: TakeLine;
}

/**
 * A line is a record, its time that which the line says, or else when it was read. The message stays whole, time included.
 * @param zone of times that name none, as an IANA name; the machine's own where it is not given.
 */
export function createPlainJoiner(zone?: string): PlainJoiner {
  const stamp = createStamp();
  const localOffset = createLocalOffset(zone);

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
    const told = readLineTime(batch.bytes, p, stop, stamp, now, localOffset);
    const isTimed = told === 'told';
    if (told === 'unknown_zone') batch.mark('unknown_zone');
    const ms = isTimed ? stamp.ms : now;
    const nanos = isTimed ? stamp.nanos : 0;
    let need = 0;
    if (clean && stop - p <= maxRecordBytes) batch.add(p, stop, base + newline + 1, ms, nanos, 0);
    else need = addChecked(batch, p, stop, base + newline + 1, ms, nanos, 0, context);
    if (need === 0 && !isTimed) batch.setUntimed();
    return need;
  }
  return joiner;
}
