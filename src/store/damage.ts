import { mkdir, readdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomic } from '../lib/durable/atomic-file.ts';
import type { Clock } from '../lib/time/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { damagedFiles, lostRows } from './metrics.ts';

/** Keeps what is found damaged: moved into the folder `damaged`, named in the log and counted. */
export class Damage {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(folder: string, clock: Clock, logger: Logger) {
    this.#folder = folder;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Takes a file or folder that cannot be read out of the way, so that the rest can be served. */
  async moveAside(path: string, error: unknown, name = basename(path)): Promise<void> {
    const movedTo = await this.#place(name);
    await rename(path, movedTo).catch(async (reason: unknown) => {
      if ((reason as NodeJS.ErrnoException).code !== 'ENOENT') throw reason;
      await writeFileAtomic(`${movedTo}.missing`, `${path} is missing\n`);
    });
    await rename(`${path}.wal`, `${movedTo}.wal`).catch(() => undefined);
    damagedFiles.inc();
    this.#logger.error({ file: path, movedTo, err: error }, 'damaged store file moved aside; the rest is served');
  }

  /** Records that rows were committed to a file and are not in it any more. */
  async lost(path: string, rows: Readonly<Record<string, number>>): Promise<void> {
    for (const [table, count] of Object.entries(rows)) lostRows.inc({ table }, count);
    const note = await this.#place(`${basename(path)}.lost.json`);
    await writeFileAtomic(note, `${JSON.stringify({ file: path, rows })}\n`);
    this.#logger.error({ file: path, rows, note }, 'rows that were stored are missing from the file: it was damaged');
  }

  /** Names of what is in the folder. */
  async names(): Promise<string[]> {
    const names: string[] = await readdir(this.#folder).catch(() => []);
    return names.sort();
  }

  async #place(name: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    return join(this.#folder, `${this.#clock.now()}-${name}`);
  }
}
