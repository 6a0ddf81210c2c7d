import { closeSync, fstatSync } from 'node:fs';
import type { LogSource } from '../../model/log.ts';
import type { Joiner } from '../join/joiner.ts';
import type { Batch } from './batch.ts';
import type { CheckpointEntry } from './checkpoint.ts';
import { Content, EMPTY_PRINT, type Print } from './content.ts';
import type { FileRule } from './discover.ts';
import { type OpenFile, keyOfFile } from './identity.ts';
import { Lag } from './lag.ts';
import { LineReader } from './line-reader.ts';

/** A time of change this recent may be that of a further change too, milliseconds: the file system's clock ticks slowly. */
const SETTLED = 100;

/** Records of a batch and where reading goes on once they are accepted. */
export interface Delivery {
  readonly batch: Batch;
  readonly records: number;
  /** All records that end here or before are accepted then. */
  readonly accepted: number;
  readonly resume: number;
  /** The content up to `accepted`. */
  readonly print: Print;
  done: boolean;
}

export interface TailOptions {
  readonly path: string;
  readonly rule: FileRule;
  readonly open: OpenFile;
  /** What the file is known by: its own numbers, or those of the file that it is a copy of. */
  readonly origin: Omit<OpenFile, 'fd'>;
  readonly id: string;
  readonly generation: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly joiner: Joiner;
  /** Reading starts here … */
  readonly resume: number;
  /** … and records that end here or before were accepted earlier. */
  readonly accepted: number;
  /** The content up to `accepted`, where a checkpoint knows it. */
  readonly print?: Print;
  /** Whether `resume` may lie within a line, the rest of which is left out. */
  readonly midLine: boolean;
  readonly maxLineBytes: number;
  /** As in `CheckpointEntry`. */
  readonly since: number;
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
  readonly open: OpenFile;
  readonly origin: Omit<OpenFile, 'fd'>;
  readonly generation: number;
  readonly since: number;
  rule: FileRule;
  source: LogSource;
  path: string;
  size = 0;
  accepted: number;
  resume: number;
  /** Renamed or removed: no further writes are expected for long. */
  rotatedOut: 'rename' | 'remove' | undefined;
  /** Nothing more will come. */
  final = false;
  /** It has been quiet for long: the next read takes a line without line end, or a record without its last part, as it is. */
  flush = false;
  /** It could not be read so many times in a row, and is tried again at `until` (milliseconds). */
  trouble: { readonly reason: string; readonly until: number; readonly failures: number } | undefined;
  /** Other bytes stand where these were read. */
  replaced = false;
  /** Held by `read`, during which the file must not be checked. */
  busy = false;
  /** Records and bytes accepted since the start. */
  lines = 0;
  bytes = 0;
  /** When the other side last accepted something of it, and when it last grew; milliseconds, 0 = not yet. */
  lastAccepted = 0;
  grewAt = 0;
  readonly inFlight: Delivery[] = [];
  readonly lag = new Lag();
  readonly #reader: LineReader;
  readonly #content: Content;
  readonly #skipThrough: number;
  #print: Print;
  #changedAt = NaN;

  constructor(options: TailOptions) {
    const { rule, open, path, id, fields, resume, accepted } = options;
    this.rule = rule;
    this.open = open;
    this.origin = options.origin;
    this.generation = options.generation;
    this.since = options.since;
    this.path = path;
    this.source = { id, path, fields };
    this.resume = resume;
    this.accepted = this.#skipThrough = accepted;
    this.#content = new Content(open.fd, resume);
    this.#print = options.print ?? { ...EMPTY_PRINT, ...this.#content.print() };
    this.#reader = new LineReader({ ...options, fd: open.fd, position: resume });
  }

  /** By which the file is found among those that are followed. */
  get key(): string {
    return keyOfFile(this.open);
  }

  get position(): number {
    return this.#reader.position;
  }

  /** Bytes that were seen and not read. */
  get unread(): number {
    return Math.max(0, this.size - this.position);
  }

  /**
   * Looks at the file's size and time of change. False where its content was replaced: it is shorter than what was read, or other bytes stand
   * at its beginning or before the place reached. A file that did not change is not looked into.
   */
  refresh(now: number): boolean {
    const { size, mtimeMs } = fstatSync(this.open.fd);
    if (this.replaced || size < this.position) return false;
    if (size === this.size && mtimeMs === this.#changedAt) return true;
    if (!this.#content.isSame()) return false;
    this.#changedAt = Date.now() - mtimeMs > SETTLED ? mtimeMs : NaN;
    if (size === this.size) return true;
    this.size = size;
    this.grewAt = now;
    this.lag.grew(now, size);
    return true;
  }

  /** Whether a call of `read` would bring something. */
  hasWork(): boolean {
    return (
      !this.replaced && (this.trouble?.until ?? 0) === 0 && this.#reader.hasWork(this.size, this.final || this.flush)
    );
  }

  /** Whether all that the file had at the last look was read, but for a line that is not ended yet. */
  isDrained(): boolean {
    return this.#reader.isDrained(this.size);
  }

  /** Whether it has a line without end, or a record without its last part. */
  isWaiting(): boolean {
    return this.isDrained() && this.#reader.waits(this.size);
  }

  /** Bytes of lines, and of joined messages, that the next batch should have room for. */
  wants(): { unread: number; joined: number } {
    return this.#reader.wants(this.size);
  }

  /** Fills a batch with what comes next; undefined where that makes no record yet. @throws the system's error. */
  async read(batch: Batch, now: number, largest: number): Promise<Delivery | undefined> {
    batch.begin(this.source);
    const last = this.final || this.flush;
    const resume = await this.#reader.read(batch, { now, largest, last, quiet: this.flush && !this.final });
    this.trouble = undefined;
    this.flush &&= this.#reader.position < this.size;
    this.size = Math.max(this.size, this.position);
    // It may have been replaced while it was read: then nothing that was read is of the file that was known.
    if (!this.#content.hasTail()) {
      this.replaced = true;
      return undefined;
    }
    this.#content.moveTo(this.position);
    if (resume === undefined) {
      if (this.inFlight.length === 0) this.#moveTo(this.#reader.resume);
      return undefined;
    }
    return this.#deliver(batch, resume);
  }

  /** Notes that a delivery is accepted; places move only as far as every earlier one is. True where they moved. */
  accept(delivery: Delivery, now: number): boolean {
    delivery.done = true;
    let moved = false;
    for (let first = this.inFlight[0]; first?.done; first = this.inFlight[0]) {
      this.inFlight.shift();
      this.lines += first.records;
      this.bytes += first.accepted - this.accepted;
      this.accepted = first.accepted;
      this.resume = first.resume;
      this.#print = first.print;
      this.lastAccepted = now;
      moved = true;
    }
    return moved;
  }

  /** The same file under another rule: its records carry other fields from now on. */
  follow(path: string, rule: FileRule, fields: Readonly<Record<string, string>>): void {
    this.rule = rule;
    this.source = { id: this.source.id, path, fields };
  }

  /** The content up to the place reached. */
  print(): Print {
    return this.#content.print();
  }

  entry(): CheckpointEntry {
    const { path, generation, resume, accepted, size, since } = this;
    const { device, inode } = this.origin;
    return { id: this.source.id, path, device, inode, generation, print: this.#print, resume, accepted, size, since };
  }

  close(): void {
    closeSync(this.open.fd);
  }

  #deliver(batch: Batch, resume: number): Delivery {
    batch.dropThrough(this.#skipThrough);
    const reached = this.position >= this.#skipThrough;
    const delivery = {
      batch,
      records: batch.count,
      accepted: reached ? this.position : this.#skipThrough,
      resume,
      print: reached ? this.#content.print() : this.#print,
      done: false,
    };
    this.inFlight.push(delivery);
    return delivery;
  }

  /** Bytes that make no record were passed over. */
  #moveTo(place: number): void {
    if (place <= this.accepted) return;
    this.resume = this.accepted = place;
    this.#print = this.#content.print();
  }
}
