import { isUtf8 } from 'node:buffer';
import { read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Joiner } from '../join/joiner.ts';
import { bytesDropped } from '../metrics.ts';
import type { Batch } from './batch.ts';
import { LongLine } from './long-line.ts';

/** Bytes appended a moment ago are in memory, where asking a thread for them costs more than the read; a backlog may not be. */
const READ_AT_ONCE = 64 * 1024;
const readInThread = promisify(read);
const NEWLINE = 10;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

export interface LineReaderOptions {
  readonly fd: number;
  readonly joiner: Joiner;
  readonly maxLineBytes: number;
  readonly position: number;
  /** Whether `position` may lie within a line, the rest of which is left out. */
  readonly midLine: boolean;
}

/** How one read is done. */
export interface ReadOptions {
  /** Milliseconds. */
  readonly now: number;
  /** Bytes of the largest buffer there is: a longer line comes in parts. */
  readonly largest: number;
  /** Nothing more is expected: a last line without line end, or a record without its last part, is taken as it is. */
  readonly last: boolean;
  /** It may be expected all the same: what is taken is marked `partial`. */
  readonly quiet: boolean;
}

/** Reads the lines of one open file, in order, into batches of records. */
export class LineReader {
  /** Place of the first byte that was not read yet. */
  position: number;
  readonly #fd: number;
  readonly #joiner: Joiner;
  readonly #maxLineBytes: number;
  #midLine: boolean;
  #long: LongLine | undefined;
  #want = 0;
  /** A line was taken without its line end, which may still come. */
  #unended = false;
  /** The size at which reading found no whole line. */
  #triedSize = -1;

  constructor({ fd, joiner, maxLineBytes, position, midLine }: LineReaderOptions) {
    this.#fd = fd;
    this.#joiner = joiner;
    this.#maxLineBytes = maxLineBytes;
    this.position = position;
    this.#midLine = midLine;
  }

  /** Place where the oldest unfinished record begins, or `position`. */
  get resume(): number {
    return Math.min(this.#joiner.pending() ?? this.position, this.#long?.start ?? this.position);
  }

  /** Whether a line or a record is waiting for its end. */
  waits(size: number): boolean {
    return this.#long !== undefined || this.#joiner.pending() !== undefined || this.position < size;
  }

  /** Whether a read would bring something. */
  hasWork(size: number, last: boolean): boolean {
    if (this.#long?.complete) return true;
    if (this.position < size && (this.#triedSize !== size || last)) return true;
    return last && this.waits(size);
  }

  /** Whether all of `size` bytes were read, but for a line that is not ended yet. */
  isDrained(size: number): boolean {
    return this.position === size || this.#triedSize === size;
  }

  /** Bytes of lines, and of joined messages, that the next batch should have room for. */
  wants(size: number): { unread: number; joined: number } {
    return {
      unread: Math.max(size - this.position, this.#want),
      joined: this.#joiner.need + (this.#long?.complete ? this.#long.length + 1 : 0),
    };
  }

  /**
   * Fills a batch with what comes next and returns where an unfinished record of it begins, or the place reached. Undefined
   * where the bytes make no record yet. @throws the system's error.
   */
  async read(batch: Batch, { now, largest, last, quiet }: ReadOptions): Promise<number | undefined> {
    if (this.#long?.complete) return this.#takeLong(batch, this.#long, now);
    const count = await this.#fill(batch);
    if (this.#skipLeading(batch, count)) return undefined;
    const base = this.position;
    if (this.#midLine) return this.#skipLine(batch, count);
    if (this.#long !== undefined) return this.#extendLong(batch, this.#long, count, last);
    const capacity = batch.lineBytes;
    let end = count === 0 ? 0 : batch.bytes.lastIndexOf(NEWLINE, count - 1) + 1;
    if (end === 0 && count === capacity) return this.#noLineEnd(batch, count, largest);
    const size = base + count;
    if (count < capacity && end < count && last) {
      batch.bytes[count] = NEWLINE;
      end = count + 1;
      this.#unended = true;
    }
    const lines = batch.bytes.subarray(0, end);
    const clean = isUtf8(lines) && !lines.includes(0);
    const context = { base, clean, now, maxRecordBytes: this.#maxLineBytes };
    this.#joiner.need = 0;
    const taken = this.#joiner.take(batch, 0, end, context);
    this.position = Math.min(base + taken, size);
    if (taken >= Math.min(end, count) && count < capacity) this.#triedSize = size;
    if (quiet && this.#unended && taken === end && batch.count > 0) batch.markLast('partial');
    if (last && this.position === size && this.#joiner.need === 0 && batch.count < batch.capacity - 2)
      this.#joiner.flush(batch, { ...context, base: size + 1 });
    return this.#done(batch);
  }

  async #fill(batch: Batch): Promise<number> {
    const { bytes, lineBytes } = batch;
    if (lineBytes <= READ_AT_ONCE) return readSync(this.#fd, bytes, 0, lineBytes, this.position);
    return (await readInThread(this.#fd, bytes, 0, lineBytes, this.position)).bytesRead;
  }

  /**
   * Passes over bytes at the beginning of a line that are no part of it: a byte order mark, the NULs that a truncation under
   * a writer leaves, the end of a line that was taken without it.
   */
  #skipLeading({ bytes }: Batch, count: number): boolean {
    if (count === 0 || this.#long !== undefined || this.#midLine) return false;
    let skip = 0;
    if (this.#unended && bytes[0] === NEWLINE) skip = 1;
    this.#unended = false;
    if (this.position === 0 && count >= BOM.length && bytes.subarray(0, BOM.length).equals(BOM)) skip = BOM.length;
    if (skip === 0) {
      while (skip < count && bytes[skip] === 0) skip++;
      if (skip > 0) bytesDropped.inc({ reason: 'nul' }, skip);
    }
    this.position += skip;
    return skip > 0;
  }

  #done(batch: Batch): number {
    // Marks of a record that found no room are set again with the next batch.
    batch.flags?.delete(batch.count);
    return this.resume;
  }

  /** The buffer holds the middle of a line: more room, or, where there is none, the line in parts. */
  #noLineEnd(batch: Batch, count: number, largest: number): undefined {
    if (batch.lineBytes < largest) {
      this.#want = batch.lineBytes * 2;
      return;
    }
    this.#want = 0;
    this.#long = new LongLine(this.position, this.#maxLineBytes);
    this.#long.add(batch.bytes, 0, count);
    this.position += count;
  }

  #extendLong(batch: Batch, long: LongLine, count: number, last: boolean): undefined {
    const newline = count === 0 ? -1 : batch.bytes.subarray(0, count).indexOf(NEWLINE);
    const end = newline < 0 ? count : newline;
    long.add(batch.bytes, 0, end);
    this.position += newline < 0 ? count : newline + 1;
    if (newline >= 0 || (last && count === 0)) long.complete = true;
  }

  #takeLong(batch: Batch, long: LongLine, now: number): number | undefined {
    const at = batch.reserve(long.length + 1);
    if (at < 0) return undefined;
    const end = long.copyTo(batch.bytes, at);
    // Such that the end of the line is at its true place.
    const base = this.position - end;
    const line = batch.bytes.subarray(at, end);
    const clean = isUtf8(line) && !line.includes(0);
    this.#joiner.need = 0;
    if (long.dropped > 0) batch.mark('truncated');
    const wasPending = this.#joiner.pending() !== undefined;
    const taken = this.#joiner.take(batch, at, end, { base, clean, now, maxRecordBytes: this.#maxLineBytes });
    if (taken < end) return undefined;
    bytesDropped.inc({ reason: 'line_too_long' }, long.dropped);
    this.#long = undefined;
    const resume = this.#done(batch);
    // A first part this long begins where the line did, not where its kept bytes seem to.
    return wasPending || this.#joiner.pending() === undefined ? resume : long.start;
  }

  /** Reading began somewhere in the file: what is left of that line is left out. */
  #skipLine(batch: Batch, count: number): undefined {
    const newline = count === 0 ? -1 : batch.bytes.subarray(0, count).indexOf(NEWLINE);
    this.position += newline < 0 ? count : newline + 1;
    if (newline >= 0) this.#midLine = false;
    else if (count === 0) this.#triedSize = this.position;
  }
}
