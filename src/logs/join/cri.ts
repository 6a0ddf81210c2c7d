import type { Batch } from '../read/batch.ts';
import {
  type Carry,
  type Joiner,
  type ReadContext,
  type TakeLine,
  addChecked,
  addJoined,
  addUnparsed,
  carryPart,
  createCarry,
  earliest,
  lineEnd,
} from './joiner.ts';
import { createStamp, readIsoTime } from './timestamp.ts';

const SPACE = 32;
const COLON = 58;
const STDOUT = 1;
const STDERR = 2;

interface CriOptions {
  /** Takes lines of other forms. */
  readonly elsewhere?: TakeLine;
  /** A joiner that `elsewhere` leads to and that may have unfinished records too. */
  readonly beside?: Joiner;
}

/**
 * Lines of the container runtime interface: `<RFC3339Nano> stdout|stderr P|F[:tag…] <content>`. Parts (P) are joined up to
 * the line that is full (F), for each stream apart; the record has the time of its first part.
 * Source: kubernetes, staging/src/k8s.io/cri-client/pkg/logs/logs.go.
 */
export function createCriJoiner({ elsewhere = addUnparsed, beside }: CriOptions = {}): Joiner {
  const stamp = createStamp();
  const out = createCarry();
  const err = createCarry();

  function take(batch: Batch, from: number, end: number, context: ReadContext): number {
    const src = batch.bytes;
    const { base, clean, maxRecordBytes } = context;
    const { capacity } = batch;
    let p = from;
    while (p < end && batch.count < capacity) {
      const newline = src.indexOf(10, p);
      const head = readHead(src, p, newline);
      if (head < 0) {
        const need = elsewhere(batch, p, newline, context);
        if (need > 0) return stopFor(need, p);
        p = newline + 1;
        continue;
      }
      const stream = src[head + 3] === 111 ? STDOUT : STDERR;
      const carry = stream === STDOUT ? out : err;
      const content = src[head + 8] === SPACE ? head + 9 : afterTags(src, head + 8, newline);
      if (src[head + 7] === 80) {
        if (carry.start < 0) begin(carry, base + p);
        carryPart(carry, src, content, newline, context);
      } else if (carry.start < 0 && clean && newline - content <= maxRecordBytes) {
        batch.add(content, lineEnd(src, content, newline), base + newline + 1, stamp.ms, stamp.nanos, stream);
      } else {
        const offset = base + newline + 1;
        const need =
          carry.start < 0
            ? addChecked(batch, content, lineEnd(src, content, newline), offset, stamp.ms, stamp.nanos, stream, context)
            : addJoined(batch, carry, content, lineEnd(src, content, newline), offset, stream, context);
        if (need > 0) return stopFor(need, p);
      }
      p = newline + 1;
    }
    return p;
  }

  /** Reads the time; returns the index of the stream's name, or -1 where the line is not of this form. */
  function readHead(src: Buffer, p: number, newline: number): number {
    const space = readIsoTime(src, p, newline, stamp);
    if (space < 0 || src[space] !== SPACE || newline - space < 9) return -1;
    const head = space + 1;
    // s t d (o|e) … space (P|F) then space, colon, or the end of the line.
    if (src[head] !== 115 || src[head + 1] !== 116 || src[head + 2] !== 100 || src[head + 6] !== SPACE) return -1;
    const letter = src[head + 3];
    if (letter !== 111 && letter !== 101) return -1;
    const tag = src[head + 7];
    if (tag !== 80 && tag !== 70) return -1;
    const after = src[head + 8];
    return after === SPACE || after === COLON || head + 8 === newline ? head : -1;
  }

  function begin(carry: Carry, start: number): void {
    carry.start = start;
    carry.ms = stamp.ms;
    carry.nanos = stamp.nanos;
  }

  function stopFor(need: number, p: number): number {
    joiner.need = need;
    return p;
  }

  const joiner: Joiner = {
    need: 0,
    take,
    flush(batch, context) {
      if (beside?.flush(batch, context) === false) return false;
      const open = [out, err].filter(({ start }) => start >= 0);
      return open.every((carry, i) => {
        batch.mark('partial');
        const offset = context.base + i;
        const need = addJoined(batch, carry, 0, 0, offset, carry === out ? STDOUT : STDERR, context);
        joiner.need = need;
        return need === 0;
      });
    },
    pending: () => oldest(earliest(out, err), beside?.pending()),
  };
  return joiner;
}

function oldest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** Tags behind the first are parted by colons; the content begins after the next space. */
function afterTags(src: Buffer, p: number, newline: number): number {
  let at = p;
  while (at < newline && src[at] !== SPACE) at++;
  return Math.min(at + 1, newline);
}
