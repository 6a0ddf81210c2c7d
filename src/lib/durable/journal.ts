import { crc32 } from 'node:zlib';
import { writeFileAtomic } from './atomic-file.ts';
import { AppendFile } from './append-file.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';

export interface JournalOptions<T> {
  /** Turns the JSON of one record into what the owner works with; what it throws on counts as damaged. Validate here. */
  readonly parse: (json: unknown) => T;
  readonly fs?: FileSystem;
}

/** What a journal held when it was opened. */
export interface JournalContent<T> {
  readonly records: T[];
  /** Records that could not be read. */
  readonly damaged: number;
  /** Where the damaged file was put aside, whole. */
  readonly movedTo?: string;
}

const HEAD = 'crowsnest journal 1\n';
const HEAD_OF_ANY_VERSION = /^crowsnest journal (\d+)\n/;
const NEWLINE = 10;

/**
 * A small file of JSON records that only grows, until it is written anew with those that still count.
 *
 *     crowsnest journal 1            version of the format
 *     1f3c9a02 27 {"type":"queued"}  CRC-32 of the JSON, its length in bytes, the JSON
 *
 * `append` resolves when the records are on the disk (fdatasync) and rejects when none of them are in the file. Opening cuts off
 * a record that a kill left half written (it never resolved). Any other record that does not fit its CRC or that `parse`
 * refuses costs that one record: it is counted, and the file as it was is kept as `PATH.damaged`.
 * Lines of bare JSON are read as well: the format before version 1. Calls are done in their order.
 *
 *     const journal = new Journal(path, { parse: (json) => recordSchema.parse(json) });
 *     const { records, damaged } = await journal.open();
 *     await journal.append([record]);
 *     if (journal.size > LIMIT) await journal.compact(() => recordsThatCount());
 */
export class Journal<T> {
  readonly #path: string;
  readonly #options: JournalOptions<T>;
  readonly #fs: FileSystem;
  #file: AppendFile | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string, options: JournalOptions<T>) {
    this.#path = path;
    this.#options = options;
    this.#fs = options.fs ?? nodeFileSystem;
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#file?.size ?? 0;
  }

  /**
   * Reads all records and opens the file for more.
   * @throws {Error} where the file is of a later version, or the system cannot read or write it.
   */
  open(): Promise<JournalContent<T>> {
    return this.#inTurn(async () => {
      this.#file = await AppendFile.open(this.#path, this.#fs);
      const bytes = await this.#file.readAll();
      checkVersion(bytes, this.#path);
      const { lines, damaged, end } = readLines(bytes, this.#options.parse);
      const records = lines.map(({ record }) => record);
      try {
        // The format before version 1 has no head; an empty file has none yet.
        if (damaged === 0 && startsWithHead(bytes)) {
          if (end < bytes.length) await this.#file.cut(end);
          return { records, damaged };
        }
        const movedTo = damaged === 0 ? undefined : `${this.#path}.damaged`;
        if (movedTo !== undefined) await writeFileAtomic(movedTo, bytes, this.#fs);
        await this.#replace(lines.map(({ json }) => json));
        return { records, damaged, movedTo };
      } catch (error) {
        if (!isFull(error)) throw error;
        // What was read counts though there is no room to write it anew; only a torn tail has to go.
        if (end < bytes.length) await this.#file.cut(end);
        return { records, damaged };
      }
    });
  }

  /** Resolves when the records are on the disk; rejects when none of them are in the file. */
  append(records: readonly T[]): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#file === undefined) throw new Error(`${this.#path}: not open`);
      await this.#file.append([Buffer.from(records.map(lineOf).join(''))]);
    });
  }

  /** Writes the file anew with what `records` returns once all earlier appends are done. Where it rejects, the old file goes on. */
  compact(records: () => readonly T[]): Promise<void> {
    return this.#inTurn(() => this.#replace(records()));
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#file?.close();
      this.#file = undefined;
    });
  }

  async #replace(records: readonly unknown[]): Promise<void> {
    await writeFileAtomic(this.#path, HEAD + records.map(lineOf).join(''), this.#fs);
    await this.#file?.close().catch(() => undefined);
    this.#file = await AppendFile.open(this.#path, this.#fs);
  }

  #inTurn<R>(run: () => Promise<R>): Promise<R> {
    const done = this.#last.then(run);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function lineOf(record: unknown): string {
  const json = JSON.stringify(record);
  return `${crc32(json).toString(16).padStart(8, '0')} ${Buffer.byteLength(json)} ${json}\n`;
}

function checkVersion(bytes: Buffer, path: string): void {
  const version = HEAD_OF_ANY_VERSION.exec(bytes.toString('latin1', 0, 40))?.[1];
  if (version !== undefined && version !== '1')
    throw new Error(`${path}: journal of version ${version}; this program reads version 1`);
}

function startsWithHead(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, HEAD.length) === HEAD;
}

interface Lines<T> {
  readonly lines: { readonly json: unknown; readonly record: T }[];
  readonly damaged: number;
  /** Behind the last record. What follows is one half written, which never resolved. */
  readonly end: number;
}

function readLines<T>(bytes: Buffer, parse: (json: unknown) => T): Lines<T> {
  const lines: Lines<T>['lines'] = [];
  let damaged = 0;
  let at = startsWithHead(bytes) ? HEAD.length : 0;
  while (at < bytes.length) {
    const line = jsonAt(bytes, at);
    if (line === undefined) break;
    at = line.end;
    if (line.empty) continue;
    try {
      const json: unknown = JSON.parse(line.json ?? '');
      lines.push({ json, record: parse(json) });
    } catch {
      damaged++;
    }
  }
  return { lines, damaged, end: at };
}

interface Line {
  /** Absent where the line is damaged. */
  readonly json?: string;
  readonly empty: boolean;
  readonly end: number;
}

/** The line at `at`; undefined where it has no end. */
function jsonAt(bytes: Buffer, at: number): Line | undefined {
  const [whole, crc, digits] = /^([0-9a-f]{8}) (\d{1,9}) /.exec(bytes.toString('latin1', at, at + 20)) ?? [];
  const from = at + (whole?.length ?? 0);
  const end = from + Number(digits) + 1;
  // By its length, so that a newline that was damaged does not join two records.
  if (whole !== undefined && end <= bytes.length) {
    const json = bytes.subarray(from, end - 1);
    if (crc32(json) === Number.parseInt(crc, 16)) return { json: json.toString(), empty: false, end };
  }
  const newline = bytes.indexOf(NEWLINE, at);
  if (newline < 0) return undefined;
  const text = bytes.toString('utf8', at, newline);
  // A line of the format before has no CRC.
  return { json: /^[{[n"]/.test(text) ? text : undefined, empty: text.trim() === '', end: newline + 1 };
}
