import { type FileHandle, mkdir, open, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from './atomic-file.ts';
import { HEADER_BYTES, type QueueEntry, SegmentReader, entryAt, headerOf } from './queue-segment.ts';

export type { QueueEntry } from './queue-segment.ts';

export interface DiskQueueOptions {
  readonly folder: string;
  /** Bytes on disk above which the oldest segment is given up. */
  readonly maxBytes: number;
  /** Bytes after which a new segment begins; what can be given up or deleted at once. Default an eighth of `maxBytes`, at most 16 MiB. */
  readonly segmentBytes?: number;
  /** Bytes of waiting entries that are also kept in memory, so that a reader who keeps up never reads the disk. Default 8 MiB. */
  readonly memoryBytes?: number;
  /** Called for entries given up because the queue was full or a segment was damaged. */
  readonly onDropped: (entries: number, items: number, reason: 'queue_full' | 'damaged') => void;
}

/** An entry handed out; give it back to {@link DiskQueue.done}. */
export interface QueueTicket extends QueueEntry {
  readonly segment: number;
  readonly end: number;
  /** Written by an earlier process, whose lanes are not those of this one. */
  readonly inherited: boolean;
}

interface Segment {
  readonly number: number;
  bytes: number;
  entries: number;
  items: number;
}

interface Position {
  readonly segment: number;
  readonly offset: number;
}

const VERSION = 1;

/**
 * A first-in-first-out queue of byte entries that outlives the process.
 *
 *     folder/  00000007.q  00000008.q  00000009.q  position.json
 *                 │ read from here       └ appended here
 *
 * Invariant: position.json never passes an entry that was not given to `done`. So after a kill every unfinished entry comes
 * again, and a few finished ones may (those since the position was last written): the receiver must take repeats.
 * An append is a write without fsync: it survives the end of the process, not of the machine's power.
 * Price: each entry is written once and, unless the reader lags past `memoryBytes`, never read.
 */
export class DiskQueue {
  readonly #options: DiskQueueOptions;
  readonly #segments: Segment[] = [];
  readonly #memory: QueueTicket[] = [];
  #memoryBytes = 0;
  #writer: FileHandle | undefined;
  /** Where `next` reads when memory has no entry for it. */
  #read: Position = { segment: 1, offset: 0 };
  /** Finished entries that wait for an earlier one before the position may pass them. */
  readonly #open: { readonly ticket: QueueTicket; finished: boolean }[] = [];
  #done: Position = { segment: 1, offset: 0 };
  /** What position.json says. */
  #writtenDown: Position | undefined;
  #writing: Promise<void> = Promise.resolve();
  #waiting: (() => void)[] = [];
  /** The first segment that this process writes. */
  #own = 0;
  readonly #reader = new SegmentReader();

  private constructor(options: DiskQueueOptions) {
    this.#options = options;
  }

  /** Opens the folder, makes it where there is none, and cuts off an entry that a kill left half written. */
  static async open(options: DiskQueueOptions): Promise<DiskQueue> {
    const queue = new DiskQueue(options);
    await queue.#load();
    return queue;
  }

  /** Bytes not yet finished, roughly: whole segments less what was read of the first. */
  get pendingBytes(): number {
    return Math.max(0, this.#segments.reduce((sum, segment) => sum + segment.bytes, 0) - this.#done.offset);
  }

  /** Resolves when the entry is written. Appends are kept in the order of their calls. */
  append(entry: QueueEntry): Promise<void> {
    const written = this.#writing.then(() => this.#append(entry));
    this.#writing = written.catch(() => {});
    return written;
  }

  /** The next entry, or undefined when all were handed out. */
  async next(): Promise<QueueTicket | undefined> {
    await this.#writing;
    for (;;) {
      const inMemory = this.#memory[0];
      if (
        inMemory !== undefined &&
        inMemory.segment === this.#read.segment &&
        startOf(inMemory) === this.#read.offset
      ) {
        this.#memory.shift();
        this.#memoryBytes -= inMemory.payload.length;
        return this.#handOut(inMemory);
      }
      const segment = this.#segments.find(({ number }) => number >= this.#read.segment);
      if (segment === undefined) return undefined;
      if (segment.number > this.#read.segment) {
        this.#read = { segment: segment.number, offset: 0 };
        continue;
      }
      if (this.#read.offset < segment.bytes) {
        const ticket = await this.#readFrom(segment);
        if (ticket !== undefined) return this.#handOut(ticket);
        continue;
      }
      if (segment === this.#segments.at(-1)) return undefined;
      this.#read = { segment: segment.number + 1, offset: 0 };
    }
  }

  /** Resolves at the next append, or when the signal aborts. */
  waitForAppend(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#waiting.push(wake);
    });
  }

  /** The entry is safe with the other side, or was refused for good. */
  done(ticket: QueueTicket): void {
    const place = this.#open.find((item) => item.ticket === ticket);
    if (place === undefined) return;
    place.finished = true;
    while (this.#open[0]?.finished) {
      const { ticket: first } = this.#open.shift() as { ticket: QueueTicket };
      this.#done = { segment: first.segment, offset: first.end };
    }
  }

  /** Writes down how far the reader came and deletes segments it has finished. */
  checkpoint(): Promise<void> {
    const written = this.#writing.then(() => this.#checkpoint());
    this.#writing = written.catch(() => {});
    return written;
  }

  async close(): Promise<void> {
    await this.checkpoint();
    await this.#reader.close();
    await this.#writer?.close();
    this.#writer = undefined;
  }

  async #checkpoint(): Promise<void> {
    const last = this.#segments.at(-1);
    const done = this.#done;
    // Each time waits for the disk; an idle queue must not.
    if (done === this.#writtenDown) return;
    await writeFileAtomic(join(this.#options.folder, 'position.json'), JSON.stringify({ version: VERSION, ...done }));
    this.#writtenDown = done;
    while (this.#segments[0] !== undefined && this.#segments[0] !== last && this.#segments[0].number < done.segment) {
      await this.#deleteFirst();
    }
  }

  #handOut(ticket: QueueTicket): QueueTicket {
    this.#read = { segment: ticket.segment, offset: ticket.end };
    this.#open.push({ ticket, finished: false });
    return ticket;
  }

  async #append({ payload, items, lane }: QueueEntry): Promise<void> {
    const { maxBytes, memoryBytes = 8 << 20 } = this.#options;
    const segmentBytes = this.#options.segmentBytes ?? Math.min(16 << 20, Math.ceil(maxBytes / 8));
    let segment = this.#segments.at(-1);
    if (segment === undefined || this.#writer === undefined || segment.bytes >= segmentBytes)
      segment = await this.#newSegment();
    await this.#writer?.writev([headerOf({ payload, items, lane }), payload], segment.bytes);
    segment.bytes += HEADER_BYTES + payload.length;
    segment.entries++;
    segment.items += items;
    if (this.#memoryBytes + payload.length <= memoryBytes) {
      this.#memory.push({ payload, items, lane, segment: segment.number, end: segment.bytes, inherited: false });
      this.#memoryBytes += payload.length;
    }
    await this.#makeRoom();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #newSegment(): Promise<Segment> {
    await this.#writer?.close();
    const segment: Segment = {
      number: (this.#segments.at(-1)?.number ?? this.#done.segment) + 1,
      bytes: 0,
      entries: 0,
      items: 0,
    };
    this.#writer = await open(this.#file(segment.number), 'wx', 0o600);
    this.#segments.push(segment);
    return segment;
  }

  /** Gives up the oldest segments, never the one being written. */
  async #makeRoom(): Promise<void> {
    while (
      this.#segments.length > 1 &&
      this.#segments.reduce((sum, segment) => sum + segment.bytes, 0) > this.#options.maxBytes
    ) {
      const first = this.#segments[0];
      if (first.number >= this.#done.segment) {
        // What of it was finished already is counted too: the header of each entry would have to be read to know better.
        this.#options.onDropped(first.entries, first.items, 'queue_full');
        this.#done = { segment: first.number + 1, offset: 0 };
      }
      if (this.#read.segment <= first.number) this.#read = { segment: first.number + 1, offset: 0 };
      await this.#deleteFirst();
    }
    while (this.#memory[0] !== undefined && this.#memory[0].segment < (this.#segments[0]?.number ?? 0)) {
      this.#memoryBytes -= (this.#memory.shift() as QueueTicket).payload.length;
    }
  }

  async #deleteFirst(): Promise<void> {
    const first = this.#segments.shift();
    if (first === undefined) return;
    const file = this.#file(first.number);
    await this.#reader.release(file);
    await rm(file, { force: true });
  }

  /** A damaged entry ends its segment: what stands behind it can't be told apart. */
  async #readFrom(segment: Segment): Promise<QueueTicket | undefined> {
    const { offset } = this.#read;
    const entry = await this.#reader.read(this.#file(segment.number), offset, segment.bytes);
    if (entry !== undefined) {
      const end = offset + HEADER_BYTES + entry.payload.length;
      return { ...entry, segment: segment.number, end, inherited: segment.number < this.#own };
    }
    // Given up meanwhile, as the queue was full: counted there, and the place to read at is another already.
    if (!this.#segments.includes(segment)) return undefined;
    this.#options.onDropped(1, 0, 'damaged');
    this.#read = { segment: segment.number, offset: segment.bytes };
    return undefined;
  }

  async #load(): Promise<void> {
    const { folder } = this.#options;
    await mkdir(folder, { recursive: true });
    this.#done = await readPosition(join(folder, 'position.json'));
    const numbers = (await readdir(folder))
      .filter((name) => /^\d{8}\.q$/.test(name))
      .map((name) => Number(name.slice(0, 8)))
      .sort((a, b) => a - b);
    for (const number of numbers) {
      const segment = await this.#scan(number);
      if (number < this.#done.segment) await rm(this.#file(number), { force: true });
      else this.#segments.push(segment);
    }
    // A position past the last byte is from a file that lost its end.
    const at = this.#segments.find(({ number }) => number === this.#done.segment);
    if (at !== undefined && this.#done.offset > at.bytes) this.#done = { segment: at.number, offset: at.bytes };
    this.#read = this.#done;
    this.#own = (this.#segments.at(-1)?.number ?? this.#done.segment) + 1;
  }

  async #scan(number: number): Promise<Segment> {
    const bytes = await readFile(this.#file(number));
    const segment: Segment = { number, bytes: 0, entries: 0, items: 0 };
    for (let entry = entryAt(bytes, 0); entry !== undefined; entry = entryAt(bytes, segment.bytes)) {
      segment.bytes += HEADER_BYTES + entry.payload.length;
      segment.entries++;
      segment.items += entry.items;
    }
    const { size } = await stat(this.#file(number));
    if (size > segment.bytes) this.#options.onDropped(1, 0, 'damaged');
    return segment;
  }

  #file(number: number): string {
    return join(this.#options.folder, `${String(number).padStart(8, '0')}.q`);
  }
}

function startOf(ticket: QueueTicket): number {
  return ticket.end - ticket.payload.length - HEADER_BYTES;
}

async function readPosition(path: string): Promise<Position> {
  try {
    const { version, segment, offset } = JSON.parse(await readFile(path, 'utf8')) as Position & { version: number };
    if (version === VERSION && Number.isInteger(segment) && Number.isInteger(offset)) return { segment, offset };
  } catch {
    // Absent at the first start; unreadable only if the disk lost it. Either way all entries come again, which receivers take.
  }
  return { segment: 0, offset: 0 };
}
