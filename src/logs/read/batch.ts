import type { LogBatch, LogSource } from '../../model/log.ts';

export type Mark = 'truncated' | 'unparsed' | 'invalid_utf8' | 'partial' | 'unknown_zone';

const NO_SOURCE: LogSource = { id: '', path: '', fields: {} };

/** A record needs at least this many bytes of a buffer on average before its columns run out first. */
const BYTES_PER_RECORD = 64;

/**
 * A buffer with its columns, reused from batch to batch:
 *
 *     bytes  [ lines as read from the file      | joined and mended messages → ]
 *            0                                  lineBytes          joined      length
 *
 * A message is a slice of the first part, or of the second where it could not stay as it was read.
 */
export class Batch implements LogBatch {
  source = NO_SOURCE;
  count = 0;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly offsets: Float64Array;
  readonly timestamps: Float64Array;
  readonly nanos: Uint32Array;
  readonly streams: Uint8Array;
  readonly untimed: Uint8Array;
  flags: Map<number, Mark[]> | undefined;
  /** How much of `bytes` takes raw lines; one byte more is kept for a line end that the file lacks. */
  readonly lineBytes: number;
  readonly capacity: number;
  #joined: number;

  constructor(lineBytes: number, joinBytes: number) {
    this.lineBytes = lineBytes;
    this.bytes = Buffer.allocUnsafeSlow(lineBytes + 1 + joinBytes);
    this.#joined = lineBytes + 1;
    this.capacity = Math.max(64, Math.ceil(lineBytes / BYTES_PER_RECORD));
    this.starts = new Uint32Array(this.capacity);
    this.ends = new Uint32Array(this.capacity);
    this.offsets = new Float64Array(this.capacity);
    this.timestamps = new Float64Array(this.capacity);
    this.nanos = new Uint32Array(this.capacity);
    this.streams = new Uint8Array(this.capacity);
    this.untimed = new Uint8Array(this.capacity);
  }

  begin(source: LogSource): void {
    this.source = source;
    this.count = 0;
    this.flags = undefined;
    this.#joined = this.lineBytes + 1;
  }

  add(start: number, end: number, offset: number, timestamp: number, nanos: number, stream: number): void {
    const i = this.count++;
    this.starts[i] = start;
    this.ends[i] = end;
    this.offsets[i] = offset;
    this.timestamps[i] = timestamp;
    this.nanos[i] = nanos;
    this.streams[i] = stream;
    this.untimed[i] = 0;
  }

  /** The record that was added last has the time at which it was read. */
  setUntimed(): void {
    this.untimed[this.count - 1] = 1;
  }

  /** Marks the record that is added next. */
  mark(mark: Mark): void {
    this.flags ??= new Map();
    const marks = this.flags.get(this.count);
    if (marks === undefined) this.flags.set(this.count, [mark]);
    else if (!marks.includes(mark)) marks.push(mark);
  }

  /** Marks the record that was added last. */
  markLast(mark: Mark): void {
    this.count--;
    this.mark(mark);
    this.count++;
  }

  /** Place for `length` bytes of a joined message; -1 where the buffer has no more. */
  reserve(length: number): number {
    const at = this.#joined;
    if (at + length > this.bytes.length) return -1;
    this.#joined = at + length;
    return at;
  }

  hasRoom(length: number): boolean {
    return this.#joined + length <= this.bytes.length;
  }

  /** Takes away the records up to and with `offset`, which were accepted before a restart. */
  dropThrough(offset: number): void {
    let gone = 0;
    while (gone < this.count && this.offsets[gone] <= offset) gone++;
    if (gone === 0) return;
    for (const column of [
      this.starts,
      this.ends,
      this.offsets,
      this.timestamps,
      this.nanos,
      this.streams,
      this.untimed,
    ])
      column.copyWithin(0, gone, this.count);
    if (this.flags !== undefined)
      this.flags = new Map([...this.flags].filter(([i]) => i >= gone).map(([i, marks]) => [i - gone, marks]));
    this.count -= gone;
  }
}
