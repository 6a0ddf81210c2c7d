import { isUtf8 } from 'node:buffer';
import type { Batch } from '../read/batch.ts';

const CARRIAGE_RETURN = 13;

/** Makes records of the lines of one file, and keeps what the next lines will complete. */
export interface Joiner {
  /**
   * Takes the lines in `batch.bytes[from..end)`, each with its line end.
   * Returns the index of the first byte not taken: less than `end` where the batch is full.
   */
  take(batch: Batch, from: number, end: number, context: ReadContext): number;
  /** Adds what waits for a line that will not come, with `base` and the places after it. False where the batch has no room. */
  flush(batch: Batch, context: ReadContext): boolean;
  /** Place in the file where the oldest unfinished record begins; undefined without one. */
  pending(): number | undefined;
  /** Bytes for joined messages that the next batch needs; set where `take` stopped for want of them. */
  need: number;
}

/**
 * Takes one line, `batch.bytes[p..newline)`. Returns 0, or the bytes for joined messages that the batch needs and does not have,
 * or {@link OTHER_FORM} where the line is not of the form that is read here.
 */
export type TakeLine = (batch: Batch, p: number, newline: number, context: ReadContext) => number;

export const OTHER_FORM = -1;

export interface ReadContext {
  /** Place in the file of the buffer's first byte. */
  readonly base: number;
  /** Whether all lines are valid UTF-8 without NUL; else each is looked at. */
  readonly clean: boolean;
  /** Milliseconds; the time of records whose line says none. */
  readonly now: number;
  readonly maxRecordBytes: number;
}

/** First parts of a record of which the end was not read yet. */
export interface Carry {
  bytes: Buffer;
  length: number;
  /** Place in the file where the record begins; -1 while there is none. */
  start: number;
  ms: number;
  nanos: number;
  clean: boolean;
  cut: boolean;
}

export function createCarry(): Carry {
  return { bytes: Buffer.alloc(0), length: 0, start: -1, ms: 0, nanos: 0, clean: true, cut: false };
}

/** Keeps a part; what exceeds the longest record is dropped. */
export function carryPart(carry: Carry, src: Buffer, start: number, end: number, context: ReadContext): void {
  const fits = Math.min(end - start, context.maxRecordBytes - carry.length);
  if (fits < end - start) carry.cut = true;
  if (carry.length + fits > carry.bytes.length) {
    const grown = Buffer.allocUnsafe(Math.max(16_384, 2 * carry.bytes.length, carry.length + fits));
    carry.bytes.copy(grown, 0, 0, carry.length);
    carry.bytes = grown;
  }
  src.copy(carry.bytes, carry.length, start, start + fits);
  carry.length += fits;
  if (!context.clean) carry.clean = false;
}

function resetCarry(carry: Carry): void {
  carry.length = 0;
  carry.start = -1;
  carry.clean = true;
  carry.cut = false;
  if (carry.bytes.length > 65_536) carry.bytes = Buffer.alloc(0);
}

export function earliest(...carries: readonly Carry[]): number | undefined {
  const starts = carries.filter(({ start }) => start >= 0).map(({ start }) => start);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/**
 * Adds the record that a carry and its last part `[start..end)` make.
 * Returns 0, or the bytes for joined messages that the batch needs and does not have.
 */
export function addJoined(
  batch: Batch,
  carry: Carry,
  start: number,
  end: number,
  offset: number,
  stream: number,
  context: ReadContext,
): number {
  const fits = Math.min(end - start, context.maxRecordBytes - carry.length);
  const length = carry.length + fits;
  const at = batch.reserve(length);
  if (at < 0) return length;
  carry.bytes.copy(batch.bytes, at, 0, carry.length);
  batch.bytes.copy(batch.bytes, at + carry.length, start, start + fits);
  const cut = carry.cut || fits < end - start;
  const clean = carry.clean && context.clean && !cut;
  const { ms, nanos } = carry;
  if (cut) batch.mark('truncated');
  if (clean) batch.add(at, at + length, offset, ms, nanos, stream);
  else {
    const need = addMended(batch, at, at + length, cut, offset, ms, nanos, stream);
    if (need > 0) return need;
  }
  resetCarry(carry);
  return 0;
}

/** Adds a line that is not of the form that the file's other lines have. */
export const addUnparsed: TakeLine = (batch, p, newline, context) => {
  batch.mark('unparsed');
  const end = lineEnd(batch.bytes, p, newline);
  const need = addChecked(batch, p, end, context.base + newline + 1, context.now, 0, 0, context);
  if (need === 0) batch.setUntimed();
  return need;
};

/** The end of a text whose line ends with `\r\n`, or with `\n` alone. */
export function lineEnd(src: Buffer, start: number, newline: number): number {
  return newline > start && src[newline - 1] === CARRIAGE_RETURN ? newline - 1 : newline;
}

/**
 * Adds a record that may be too long or not UTF-8: it is cut at a character's edge, and NULs and bytes that are no UTF-8 become U+FFFD.
 * Returns 0, or the bytes for joined messages that the batch needs and does not have.
 */
export function addChecked(
  batch: Batch,
  start: number,
  end: number,
  offset: number,
  ms: number,
  nanos: number,
  stream: number,
  context: ReadContext,
): number {
  const cut = end - start > context.maxRecordBytes;
  if (cut) batch.mark('truncated');
  return addMended(batch, start, cut ? start + context.maxRecordBytes : end, cut, offset, ms, nanos, stream);
}

function addMended(
  batch: Batch,
  start: number,
  end: number,
  cut: boolean,
  offset: number,
  ms: number,
  nanos: number,
  stream: number,
): number {
  const stop = cut ? characterEdge(batch.bytes, start, end) : end;
  const text = batch.bytes.subarray(start, stop);
  if (isUtf8(text) && !text.includes(0)) {
    batch.add(start, stop, offset, ms, nanos, stream);
    return 0;
  }
  const mended = Buffer.from(batch.bytes.toString('utf8', start, stop).replaceAll('\0', '\ufffd'));
  const at = batch.reserve(mended.length);
  // The reservation for the parts, where there was one, is made again in the next batch.
  if (at < 0) return mended.length + (stop - start);
  mended.copy(batch.bytes, at);
  batch.mark('invalid_utf8');
  batch.add(at, at + mended.length, offset, ms, nanos, stream);
  return 0;
}

/** The end without the bytes of a character that was cut through. */
function characterEdge(src: Buffer, start: number, end: number): number {
  let lead = end - 1;
  while (lead > start && lead > end - 4 && (src[lead] & 0xc0) === 0x80) lead--;
  const byte = src[lead];
  const length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
  return lead + length > end ? lead : end;
}
