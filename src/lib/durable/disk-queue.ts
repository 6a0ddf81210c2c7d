import { join } from 'node:path';
import { AppendFile } from './append-file.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { type Place, readPosition, writePosition } from './queue-position.ts';
import {
  type Count,
  type DurableRecord,
  FILE_HEAD,
  RECORD_HEADER_BYTES,
  RecordReader,
  type StoredRecord,
  encodeRecordHeader,
} from './records.ts';

export type QueueEntry = DurableRecord;

/** Entries that will not be handed out any more. */
export interface DroppedEntries {
  readonly entries: number;
  readonly items: number;
  readonly reason: 'queue_full' | 'damaged';
  /** The file that held them, or where the damage was noticed. */
  readonly file: string;
}

export interface DiskQueueOptions {
  readonly folder: string;
  /** Bytes on disk above which the oldest segment is dropped. */
  readonly maxBytes: number;
  /** Bytes after which a new segment begins; what is dropped or deleted at once. Default an eighth of `maxBytes`, at most 16 MiB. */
  readonly segmentBytes?: number;
  /** Bytes of waiting entries that are also kept in memory, so that a reader who keeps up never reads the disk. Default 8 MiB. */
  readonly memoryBytes?: number;
  readonly onDropped: (dropped: DroppedEntries) => void;
  /** Called with what was found to be wrong with the folder where no entry is lost by it. */
  readonly onNotice?: (message: string) => void;
  readonly fs?: FileSystem;
}

/** An entry handed out; return it to {@link DiskQueue.done}. */
export interface QueueTicket extends StoredRecord {
  readonly segment: number;
}

interface Segment {
  readonly number: number;
  /** Bytes that are on the disk. */
  bytes: number;
  /** What was written before its first entry; undefined until it is needed, for a file of an earlier process. */
  first?: Count;
}

/** Entries of one `append`, on the disk together or not at all. */
interface Group {
  readonly entries: readonly QueueEntry[];
  outcome?: 'written' | { readonly error: unknown };
}

const SEGMENT_NAME = /^\d{8}\.seg$/;

/**
 * A first-in-first-out queue of byte entries that outlives the process and the machine's power.
 *
 *     folder/  00000007.seg  00000008.seg  00000009.seg  position.json
 *                 │ read from here           └ appended here
 *
 * Invariants: an append that resolved is on the disk (fdatasync, one for all who append meanwhile). position.json never passes an
 * entry that was not given to `done`; so after a kill every unfinished entry comes again, and a few finished ones may (those
 * since the position was last written): the receiver must take repeats. Each entry carries how many entries and items were
 * written before it, so whatever is missing between two of them is counted exactly (`damaged`) when the reader passes.
 * Price: each entry is written once and, unless the reader lags past `memoryBytes`, never read; opening reads one entry.
 */
export class DiskQueue {
  readonly #options: DiskQueueOptions;
  readonly #fs: FileSystem;
  readonly #segmentBytes: number;
  readonly #segments: Segment[] = [];
  #nextNumber = 1;
  #writer: AppendFile | undefined;
  readonly #groups: Group[] = [];
  #end: Count = { records: 0, items: 0 };
  /** Entries from #read on, or from a later place on. */
  readonly #memory: QueueTicket[] = [];
  #memoryBytes = 0;
  #read: Place = { segment: 0, offset: 0, before: this.#end };
  #done: Place = this.#read;
  /** Finished entries wait for earlier ones before #done may pass them. */
  readonly #handedOut: { readonly ticket: QueueTicket; finished: boolean }[] = [];
  /** What position.json says. */
  #written: { readonly done: Place; readonly end: Count } | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #wakers: (() => void)[] = [];
  readonly #reader: RecordReader;
  /** Looks at single entries while #reader goes through a file. */
  readonly #peeker: RecordReader;

  private constructor(options: DiskQueueOptions) {
    this.#options = options;
    this.#fs = options.fs ?? nodeFileSystem;
    this.#segmentBytes = options.segmentBytes ?? Math.min(16 << 20, Math.ceil(options.maxBytes / 8));
    this.#reader = new RecordReader(this.#fs);
    this.#peeker = new RecordReader(this.#fs);
  }

  /** Opens the folder, makes it where there is none. Reads the position and the last entry, whatever the queue's size. */
  static async open(options: DiskQueueOptions): Promise<DiskQueue> {
    const queue = new DiskQueue(options);
    try {
      await queue.#load();
    } catch (error) {
      await queue.#peeker.close();
      throw error;
    }
    return queue;
  }

  /** Bytes on the disk that are not finished. */
  get pendingBytes(): number {
    if (this.drained) return 0;
    return Math.max(0, this.#bytes - (this.#segments[0]?.number === this.#done.segment ? this.#done.offset : 0));
  }

  /** Whether every entry was handed out and is done. */
  get drained(): boolean {
    return this.#handedOut.length === 0 && !this.#hasMore;
  }

  /** Resolves when all entries are on the disk; rejects where none of them are. Appends keep the order of their calls. */
  append(entries: readonly QueueEntry[]): Promise<void> {
    const group: Group = { entries };
    this.#groups.push(group);
    return this.#inTurn(async () => {
      // The first in turn writes for all who have come meanwhile: one sync for many.
      if (group.outcome === undefined) await this.#commit();
      if (typeof group.outcome === 'object') throw group.outcome.error;
    });
  }

  /** The next entry, or undefined when all were handed out. One call at a time. @throws the system's error where the disk cannot be read. */
  async next(): Promise<QueueTicket | undefined> {
    for (;;) {
      const ticket = this.#fromMemory();
      if (ticket !== undefined) return this.#handOut(ticket);
      const place = this.#read;
      const segment = this.#segments.find(({ number }) => number >= place.segment);
      if (segment === undefined) return undefined;
      if (segment.number > place.segment) this.#moveTo({ ...place, segment: segment.number, offset: 0 });
      else if (place.offset < segment.bytes) {
        const { bytes } = segment;
        const record = await this.#reader.read(this.#file(segment.number), place.offset, bytes);
        // Dropped meanwhile, as the queue was full, and counted there.
        if (this.#read !== place) continue;
        if (record !== undefined) {
          this.#countGap(place.before, record.before, segment.number);
          return this.#handOut({ ...record, segment: segment.number });
        }
        const atEnd = segment === this.#segments.at(-1) && bytes === segment.bytes;
        if (atEnd) this.#countGap(place.before, this.#end, segment.number);
        this.#moveTo({ segment: segment.number, offset: bytes, before: atEnd ? this.#end : place.before });
      } else if (segment === this.#segments.at(-1)) return undefined;
      else this.#moveTo({ ...place, segment: segment.number + 1, offset: 0 });
    }
  }

  /** Resolves when there is an entry to hand out, or when the signal aborts. */
  waitForAppend(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || this.#hasMore) return resolve();
      const wake = () => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#wakers.push(wake);
    });
  }

  /** The entry is safe with the other side, or was refused for good. */
  done(ticket: QueueTicket): void {
    const found = this.#handedOut.find((item) => item.ticket === ticket);
    if (found === undefined) return;
    found.finished = true;
    while (this.#handedOut[0]?.finished) {
      const { ticket: first } = this.#handedOut.shift() as { ticket: QueueTicket };
      if (first.segment >= this.#done.segment) this.#done = behind(first);
    }
    if (this.#handedOut.length === 0) this.#done = this.#read;
  }

  /** Writes down how far the reader came and deletes segments it has finished. */
  checkpoint(): Promise<void> {
    return this.#inTurn(() => this.#checkpoint());
  }

  async close(): Promise<void> {
    try {
      await this.checkpoint();
    } finally {
      await this.#reader.close();
      await this.#peeker.close();
      await this.#writer?.close();
      this.#writer = undefined;
    }
  }

  get #bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  get #hasMore(): boolean {
    const last = this.#segments.at(-1);
    if (last === undefined) return false;
    return this.#read.segment < last.number || (this.#read.segment === last.number && this.#read.offset < last.bytes);
  }

  async #checkpoint(): Promise<void> {
    const position = { done: this.#done, end: this.#end };
    // Each write waits for the disk; an idle queue must not.
    if (position.done === this.#written?.done && position.end === this.#written.end) return;
    await writePosition(join(this.#options.folder, 'position.json'), position, this.#fs);
    this.#written = position;
    while (this.#segments.length > 1 && this.#segments[0].number < position.done.segment) await this.#deleteFirst();
  }

  #fromMemory(): QueueTicket | undefined {
    // Read from the disk already, behind damage.
    while (this.#memory[0] !== undefined && this.#memory[0].before.records < this.#read.before.records) this.#forget();
    const first = this.#memory[0];
    if (first === undefined || first.before.records !== this.#read.before.records) return undefined;
    this.#forget();
    return first;
  }

  #forget(): void {
    this.#memoryBytes -= this.#memory.shift()?.payload.length ?? 0;
  }

  #handOut(ticket: QueueTicket): QueueTicket {
    this.#handedOut.push({ ticket, finished: false });
    this.#read = behind(ticket);
    return ticket;
  }

  #moveTo(place: Place): void {
    this.#read = place;
    if (this.#handedOut.length === 0) this.#done = place;
  }

  #countGap(expected: Count, found: Count, segment: number): void {
    const entries = found.records - expected.records;
    const items = Math.max(0, found.items - expected.items);
    if (entries > 0) this.#options.onDropped({ entries, items, reason: 'damaged', file: this.#file(segment) });
  }

  /** Writes the groups that wait, up to a segment's size, and syncs once. Gives each its outcome. */
  async #commit(): Promise<void> {
    const groups = this.#takeGroups();
    try {
      const segment = await this.#makeRoom(groups.reduce((sum, { entries }) => sum + sizeOf(entries), 0));
      await this.#writeGroups(groups, segment);
    } catch (error) {
      for (const group of groups) group.outcome ??= { error };
      return;
    }
    for (const wake of this.#wakers.splice(0)) wake();
  }

  #takeGroups(): Group[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#groups.length && (count === 0 || bytes < this.#segmentBytes))
      bytes += sizeOf(this.#groups[count++].entries);
    return this.#groups.splice(0, count);
  }

  async #writeGroups(groups: readonly Group[], segment: Segment): Promise<void> {
    const writer = this.#writer as AppendFile;
    const start = this.#end;
    const tickets: QueueTicket[] = [];
    try {
      for (const group of groups) tickets.push(...(await this.#writeGroup(group, writer, segment.number)));
      await writer.sync();
    } catch (error) {
      // The file is as long as before: what this commit wrote is not in it.
      this.#end = start;
      for (const group of groups) group.outcome = { error };
      await this.#leaveWriter();
      throw error;
    }
    segment.bytes = writer.size;
    for (const ticket of tickets) this.#remember(ticket);
    // A disk that is full may have room again in the same file; one that fails otherwise is not trusted with more.
    const failed = groups.find(({ outcome }) => typeof outcome === 'object' && !isDiskFull(outcome.error));
    if (failed !== undefined) await this.#leaveWriter();
  }

  /** One group fails alone. */
  async #writeGroup(group: Group, writer: AppendFile, segment: number): Promise<QueueTicket[]> {
    const parts: Uint8Array[] = [];
    const tickets: QueueTicket[] = [];
    let before = this.#end;
    let at = writer.size;
    for (const entry of group.entries) {
      parts.push(encodeRecordHeader(entry, before), entry.payload);
      at += RECORD_HEADER_BYTES + entry.payload.length;
      tickets.push({ ...entry, before, segment, end: at });
      before = { records: before.records + 1, items: before.items + entry.items };
    }
    try {
      await writer.write(parts);
    } catch (error) {
      group.outcome = { error };
      return [];
    }
    group.outcome = 'written';
    this.#end = before;
    return tickets;
  }

  #remember(ticket: QueueTicket): void {
    if (this.#memoryBytes + ticket.payload.length > (this.#options.memoryBytes ?? 8 << 20)) return;
    this.#memory.push(ticket);
    this.#memoryBytes += ticket.payload.length;
  }

  async #leaveWriter(): Promise<void> {
    await this.#writer?.close().catch(() => undefined);
    this.#writer = undefined;
  }

  /** The segment for so many bytes more, with the oldest dropped where they would be too many. */
  async #makeRoom(incoming: number): Promise<Segment> {
    const { maxBytes } = this.#options;
    if (incoming > maxBytes) throw new Error(`${incoming} bytes do not fit a queue of ${maxBytes}`);
    let segment = this.#segments.at(-1);
    if (segment === undefined || this.#writer === undefined || segment.bytes >= this.#segmentBytes)
      segment = await this.#newSegment();
    while (this.#segments.length > 1 && this.#bytes + incoming > maxBytes) await this.#dropFirst();
    return segment;
  }

  async #newSegment(): Promise<Segment> {
    await this.#leaveWriter();
    const number = this.#nextNumber++;
    const writer = await AppendFile.create(this.#file(number), this.#fs);
    try {
      await writer.append([FILE_HEAD]);
    } catch (error) {
      await writer.close().catch(() => undefined);
      await this.#fs.rm(this.#file(number), { force: true }).catch(() => undefined);
      throw error;
    }
    this.#writer = writer;
    const segment: Segment = { number, bytes: writer.size, first: this.#end };
    this.#segments.push(segment);
    return segment;
  }

  /** Drops the oldest segment, counting what of it was not handed out. */
  async #dropFirst(): Promise<void> {
    const [first, second] = this.#segments;
    if (this.#done.segment <= first.number) {
      const before = await this.#firstOf(second);
      const place = { segment: second.number, offset: 0, before };
      if (this.#read.segment <= first.number) {
        const entries = before.records - this.#read.before.records;
        const items = Math.max(0, before.items - this.#read.before.items);
        this.#read = place;
        const file = this.#file(first.number);
        if (entries > 0) this.#options.onDropped({ entries, items, reason: 'queue_full', file });
      }
      this.#done = place;
      while (this.#memory[0] !== undefined && this.#memory[0].segment <= first.number) this.#forget();
    }
    await this.#deleteFirst();
  }

  async #firstOf(segment: Segment): Promise<Count> {
    if (segment.first !== undefined) return segment.first;
    const record = await this.#peeker.read(this.#file(segment.number), 0, segment.bytes).catch(() => undefined);
    const next = this.#segments[this.#segments.indexOf(segment) + 1];
    return (segment.first = record?.before ?? (next === undefined ? this.#end : await this.#firstOf(next)));
  }

  async #deleteFirst(): Promise<void> {
    const first = this.#segments.shift();
    if (first === undefined) return;
    const file = this.#file(first.number);
    await this.#reader.release(file);
    await this.#peeker.release(file);
    await this.#fs.rm(file, { force: true });
  }

  async #load(): Promise<void> {
    const { folder, onNotice } = this.#options;
    await this.#fs.mkdir(folder, { recursive: true });
    const names = await this.#fs.readdir(folder);
    const old = names.filter((name) => name.endsWith('.q'));
    if (old.length > 0) onNotice?.(`${folder}: ${old.length} files of an older format (*.q) are left unread`);
    for (const name of names.filter((name) => SEGMENT_NAME.test(name)).sort()) {
      const { size } = await this.#fs.stat(join(folder, name));
      this.#segments.push({ number: Number(name.slice(0, 8)), bytes: size });
    }
    const position = await readPosition(join(folder, 'position.json'));
    if (position === 'damaged')
      onNotice?.(`${join(folder, 'position.json')}: damaged; all entries are handed out again`);
    const [first] = this.#segments;
    const known = typeof position === 'object' ? position : undefined;
    this.#end = laterOf(await this.#lastEntry(), known?.done.before);
    this.#nextNumber = Math.max(this.#segments.at(-1)?.number ?? 0, known?.done.segment ?? 0) + 1;
    if (known !== undefined) {
      this.#countGap(this.#end, known.end, this.#segments.at(-1)?.number ?? known.done.segment);
      this.#done = known.done;
    } else if (first !== undefined) {
      this.#done = { segment: first.number, offset: 0, before: await this.#firstOf(first) };
    }
    this.#read = this.#done;
    while (this.#segments[0] !== undefined && this.#segments[0].number < this.#done.segment) await this.#deleteFirst();
  }

  /** What was written up to the last sound entry. */
  async #lastEntry(): Promise<Count | undefined> {
    for (const { number, bytes } of this.#segments.toReversed()) {
      const record = await this.#peeker.readLast(this.#file(number), bytes);
      if (record !== undefined) return behind({ ...record, segment: number }).before;
    }
    return undefined;
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#last.then(run);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #file(number: number): string {
    return join(this.#options.folder, `${String(number).padStart(8, '0')}.seg`);
  }
}

function behind({ segment, end, before, items }: QueueTicket): Place {
  return { segment, offset: end, before: { records: before.records + 1, items: before.items + items } };
}

function laterOf(a: Count = { records: 0, items: 0 }, b: Count = a): Count {
  return b.records > a.records ? b : a;
}

function sizeOf(entries: readonly QueueEntry[]): number {
  return entries.reduce((sum, { payload }) => sum + RECORD_HEADER_BYTES + payload.length, 0);
}

function isDiskFull(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOSPC';
}
