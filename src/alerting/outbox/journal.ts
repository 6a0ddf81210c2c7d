import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../../lib/atomic-file.ts';

/**
 * A file of JSON lines that only grows, until it is written anew with what still counts. `append` resolves when the lines
 * are on the disk. A line that was cut off by a crash is the last one and is passed over.
 */
export class Journal<T> {
  readonly #path: string;
  #file: FileHandle | undefined;
  #size = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** Reads all records and opens the file for more. Answers how many lines could not be read. */
  async open(): Promise<{ records: T[]; damaged: number }> {
    await mkdir(dirname(this.#path), { recursive: true });
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const records: T[] = [];
    let damaged = 0;
    for (const line of text.split('\n')) {
      if (line === '') continue;
      try {
        records.push(JSON.parse(line) as T);
      } catch {
        damaged++;
      }
    }
    if (damaged > 0) await rename(this.#path, `${this.#path}.damaged`);
    if (damaged > 0 || !text.endsWith('\n')) await this.#replace(records);
    this.#file = await open(this.#path, 'a', 0o600);
    this.#size = (await this.#file.stat()).size;
    return { records, damaged };
  }

  append(records: readonly T[]): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#file === undefined) throw new Error(`${this.#path}: not open`);
      const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
      await this.#file.appendFile(text);
      await this.#file.datasync();
      this.#size += Buffer.byteLength(text);
    });
  }

  /** Writes the file anew with what `records` gives once all earlier appends are done. */
  compact(records: () => readonly T[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#replace(records());
      await this.#file?.close();
      this.#file = await open(this.#path, 'a', 0o600);
      this.#size = (await this.#file.stat()).size;
    });
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#file?.close();
      this.#file = undefined;
    });
  }

  async #replace(records: readonly T[]): Promise<void> {
    await writeFileAtomic(this.#path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    const done = this.#last.then(run);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
