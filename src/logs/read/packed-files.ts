import { closeSync } from 'node:fs';
import type { Logger } from '../../lib/logger.ts';
import type { CheckpointEntry } from './checkpoint.ts';
import type { OpenFile } from './identity.ts';
import { unpack } from './unpack.ts';

/** Rotated files that were packed before they were read. They are unpacked one at a time, when there is room for one. */
export class PackedFiles {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #waiting: { readonly path: string; readonly entry: CheckpointEntry }[] = [];
  #isUnpacking = false;
  #closed = false;

  /** @param folder for what is being unpacked. */
  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  add(path: string, entry: CheckpointEntry): void {
    this.#waiting.push({ path, entry });
  }

  /** Unpacks the oldest that waits, if none is being unpacked; `done` gets the open file, undefined where it is damaged. */
  unpackNext(done: (entry: CheckpointEntry, open: OpenFile | undefined) => void): void {
    if (this.#isUnpacking) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#isUnpacking = true;
    void this.#unpack(next.path, (open) => done(next.entry, open));
  }

  close(): void {
    this.#closed = true;
  }

  async #unpack(path: string, done: (open: OpenFile | undefined) => void): Promise<void> {
    let open: OpenFile | undefined;
    try {
      open = await unpack(path, this.#folder);
    } catch (error) {
      this.#logger.error({ file: path, error: (error as Error).message }, 'a packed log file is not readable');
    }
    this.#isUnpacking = false;
    if (!this.#closed) done(open);
    else if (open !== undefined) closeSync(open.fd);
  }
}
