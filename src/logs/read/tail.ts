import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import type { LogSource } from '../../model/log.ts';
import type { Batch } from './batch.ts';
import type { CheckpointEntry } from './checkpoint.ts';
import type { FileRule } from './discover.ts';
import { HEAD_BYTES, type OpenFile, hashHead, readHead, sourceId } from './identity.ts';
import type { Joiner } from '../join/joiner.ts';
import { Lag } from './lag.ts';
import { LongLine } from './long-line.ts';
import { bytesDropped } from '../metrics.ts';

/** Bytes appended a moment ago are in memory, where asking a thread for them costs more than the read; a backlog may not be. */
const READ_AT_ONCE = 64 * 1024;
const readInThread = promisify(read);

/** Records of a batch and where reading goes on once they are accepted. */
export interface Delivery {
  readonly batch: Batch;
  readonly records: number;
  /** All records that end here or before are accepted then. */
  readonly accepted: number;
  readonly resume: number;
  done: boolean;
}

export interface TailOptions {
  readonly path: string;
  readonly rule: FileRule;
  readonly open: OpenFile;
  readonly generation: number;
  /** Given where a checkpoint knows the file; else made from what the file is. */
  readonly id?: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly joiner: Joiner;
  /** Reading starts here … */
  readonly resume: number;
  /** … and records that end here or before were accepted earlier. */
  readonly accepted: number;
  /** Whether `resume` may lie within a line, the rest of which is left out. */
  readonly midLine: boolean;
  readonly maxLineBytes: number;
}

/**
 * One file from the bytes on disk to batches of records. Three places in the file, which only grow:
 *
 *     0 …… resume ≤ accepted ≤ position ≤ size
 *
 * Up to `accepted` the other side has all records, up to `position` they were read. `resume` is where an unfinished record
 * begins, or `accepted`: a restart reads from there, and leaves out what ends at `accepted` or before.
 */
export class TailedFile {
  readonly rule: FileRule;
  readonly open: OpenFile;
  readonly source: LogSource;
  readonly generation: number;
  path: string;
  size = 0;
  position: number;
  accepted: number;
  resume: number;
  /** Renamed or removed: nobody is expected to write to it for much longer. */
  rotatedOut: 'rename' | 'remove' | undefined;
  /** Nothing more will come: a last line without line end, or a record without its last part, is taken as it is. */
  final = false;
  /** Records and bytes accepted since the start. */
  lines = 0;
  bytes = 0;
  /** Held by `read`, during which the file must not be judged. */
  busy = false;
  /** When the file last grew, in milliseconds. */
  grewAt = 0;
  readonly inFlight: Delivery[] = [];
  readonly lag = new Lag();
  readonly #joiner: Joiner;
  readonly #maxLineBytes: number;
  readonly #skipThrough: number;
  #head: Buffer;
  #midLine: boolean;
  #long: LongLine | undefined;
  /** The size at which reading found no whole line. */
  #triedSize = -1;
  #want = 0;

  constructor(options: TailOptions) {
    this.rule = options.rule;
    this.open = options.open;
    this.generation = options.generation;
    this.path = options.path;
    const id = options.id ?? sourceId(options.open, options.generation);
    this.source = { id, path: options.path, fields: options.fields };
    this.#joiner = options.joiner;
    this.#maxLineBytes = options.maxLineBytes;
    this.#midLine = options.midLine;
    this.position = this.resume = options.resume;
    this.accepted = this.#skipThrough = options.accepted;
    this.#head = readHead(options.open.fd, HEAD_BYTES);
  }

  /**
   * Asks the system how long the file is. False where its content was replaced: it is shorter than what was read, or does not
   * begin as it did.
   */
  refresh(now: number): boolean {
    const { size } = fstatSync(this.open.fd);
    if (size < this.position) return false;
    if (size === this.size) return true;
    // Between two looks a file may be truncated and outgrow its old length.
    const head = readHead(this.open.fd, HEAD_BYTES);
    if (head.compare(this.#head, 0, this.#head.length, 0, Math.min(head.length, this.#head.length)) !== 0) return false;
    this.#head = head;
    this.size = size;
    this.grewAt = now;
    this.lag.grew(now, size);
    return true;
  }

  /** Whether a call of `read` would bring something. */
  hasWork(): boolean {
    if (this.#long?.complete) return true;
    if (this.position < this.size && (this.#triedSize !== this.size || this.final)) return true;
    return this.final && (this.#long !== undefined || this.#joiner.pending() !== undefined);
  }

  /** Whether all that the file had at the last look was read, but for a line that is not ended yet. */
  isDrained(): boolean {
    return this.position === this.size || this.#triedSize === this.size;
  }

  /** Bytes of lines, and of joined messages, that the next batch should have room for. */
  wants(): { unread: number; joined: number } {
    return {
      unread: Math.max(this.size - this.position, this.#want),
      joined: this.#joiner.need + (this.#long?.complete ? this.#long.length + 1 : 0),
    };
  }

  /** Fills a batch with what comes next; undefined where that makes no record yet. @throws the system's error. */
  async read(batch: Batch, now: number, largest: number): Promise<Delivery | undefined> {
    batch.begin(this.source);
    if (this.#long?.complete) return this.#takeLong(batch, this.#long, now);
    const { fd } = this.open;
    const capacity = batch.lineBytes;
    const count =
      capacity <= READ_AT_ONCE
        ? readSync(fd, batch.bytes, 0, capacity, this.position)
        : (await readInThread(fd, batch.bytes, 0, capacity, this.position)).bytesRead;
    const base = this.position;
    this.size = Math.max(this.size, base + count);
    if (this.#midLine) return this.#skipLine(batch, count);
    if (this.#long !== undefined) return this.#extendLong(batch, this.#long, count);
    let end = count === 0 ? 0 : batch.bytes.lastIndexOf(10, count - 1) + 1;
    if (end === 0 && count === capacity) return this.#noLineEnd(batch, count, largest);
    if (count < capacity && end < count) {
      if (this.final) {
        batch.bytes[count] = 10;
        end = count + 1;
      } else if (end === 0) this.#triedSize = base + count;
    }
    const clean = isUtf8(batch.bytes.subarray(0, end));
    const context = { base, clean, now, maxRecordBytes: this.#maxLineBytes };
    this.#joiner.need = 0;
    const taken = this.#joiner.take(batch, 0, end, context);
    this.position = Math.min(base + taken, this.size);
    if (taken === end && count < capacity) this.#triedSize = base + count;
    if (this.final && this.position === this.size && this.#joiner.need === 0 && batch.count < batch.capacity - 2)
      this.#joiner.flush(batch, { ...context, base: this.size + 1 });
    return this.#deliver(batch);
  }

  /** Notes that a delivery is accepted; places move only as far as every earlier one is. True where they moved. */
  accept(delivery: Delivery): boolean {
    delivery.done = true;
    let moved = false;
    for (let first = this.inFlight[0]; first?.done; first = this.inFlight[0]) {
      this.inFlight.shift();
      this.lines += first.records;
      this.bytes += first.accepted - this.accepted;
      this.accepted = first.accepted;
      this.resume = first.resume;
      moved = true;
    }
    return moved;
  }

  entry(): CheckpointEntry {
    const { path, open, generation, resume, accepted } = this;
    const { device, inode } = open;
    const head = { head: hashHead(this.#head), headBytes: this.#head.length };
    return { id: this.source.id, path, device, inode, generation, ...head, resume, accepted };
  }

  /** What a checkpoint says once the content is gone: other bytes will stand at the same places, under another name. */
  nextGeneration(): CheckpointEntry {
    const generation = this.generation + 1;
    const head = { head: hashHead(Buffer.alloc(0)), headBytes: 0 };
    return { ...this.entry(), ...head, id: sourceId(this.open, generation), generation, resume: 0, accepted: 0 };
  }

  close(): void {
    closeSync(this.open.fd);
  }

  #deliver(batch: Batch): Delivery | undefined {
    // Marks of a record that found no room are set again with the next batch.
    batch.flags?.delete(batch.count);
    batch.dropThrough(this.#skipThrough);
    const resume = Math.min(this.#joiner.pending() ?? this.position, this.#long?.start ?? this.position);
    const delivery = {
      batch,
      records: batch.count,
      accepted: Math.max(this.position, this.#skipThrough),
      resume,
      done: false,
    };
    this.inFlight.push(delivery);
    return delivery;
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

  #extendLong(batch: Batch, long: LongLine, count: number): undefined {
    const newline = count === 0 ? -1 : batch.bytes.subarray(0, count).indexOf(10);
    const end = newline < 0 ? count : newline;
    long.add(batch.bytes, 0, end);
    this.position += newline < 0 ? count : newline + 1;
    if (newline >= 0 || (this.final && count === 0)) long.complete = true;
  }

  #takeLong(batch: Batch, long: LongLine, now: number): Delivery | undefined {
    const at = batch.reserve(long.length + 1);
    if (at < 0) return;
    const end = long.copyTo(batch.bytes, at);
    // Such that the end of the line is at its true place.
    const base = this.position - end;
    const clean = isUtf8(batch.bytes.subarray(at, end));
    this.#joiner.need = 0;
    if (long.dropped > 0) batch.mark('truncated');
    const wasPending = this.#joiner.pending() !== undefined;
    const taken = this.#joiner.take(batch, at, end, { base, clean, now, maxRecordBytes: this.#maxLineBytes });
    if (taken < end) return;
    bytesDropped.inc({ reason: 'line_too_long' }, long.dropped);
    const { start } = long;
    this.#long = undefined;
    const delivery = this.#deliver(batch);
    // A first part this long begins where the line did, not where its kept bytes seem to.
    if (delivery === undefined || wasPending || this.#joiner.pending() === undefined) return delivery;
    Object.assign(delivery, { resume: start });
    return delivery;
  }

  /** Reading began somewhere in the file: what is left of that line is left out. */
  #skipLine(batch: Batch, count: number): undefined {
    const newline = count === 0 ? -1 : batch.bytes.subarray(0, count).indexOf(10);
    this.position += newline < 0 ? count : newline + 1;
    this.resume = this.accepted = this.position;
    if (newline >= 0) this.#midLine = false;
  }
}

/**
 * Whether an open file is the one of a checkpoint, and not shorter than what was accepted of it. Numbers of devices may change
 * at a reboot; then the path has to be the same.
 */
export function isSameFile(entry: CheckpointEntry, open: OpenFile, path: string): boolean {
  if (entry.inode !== open.inode || (entry.device !== open.device && entry.path !== path)) return false;
  return hashHead(readHead(open.fd, entry.headBytes)) === entry.head;
}
