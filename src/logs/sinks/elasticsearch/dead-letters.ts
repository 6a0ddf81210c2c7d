import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '../../../lib/logger.ts';
import { deadLetters } from '../../metrics.ts';

export interface DeadLetter {
  readonly status: number;
  readonly reason: string;
  readonly text: string;
  /** The two lines of the bulk request, each with its line end. */
  readonly item: Buffer;
}

/**
 * Keeps records that were refused for good, one JSON line each: `{"refused": {…}, "action": {…}, "document": {…}}`. The file is put
 * aside as `.1` at its bound, so that there are never more than two such files.
 */
export class DeadLetters {
  readonly #path: string;
  readonly #maxSize: number;
  readonly #logger: Logger;
  #size: number | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, maxSize: number, logger: Logger) {
    this.#path = path;
    this.#maxSize = maxSize;
    this.#logger = logger;
  }

  /** Resolves when the letters are written, or can't be, which is logged: that must not hold up the records behind them. */
  add(letters: readonly DeadLetter[], now = new Date()): Promise<void> {
    const lines = letters.map(({ item, ...refused }) => {
      const [action, document] = item.toString().split('\n');
      return `{"refused":${JSON.stringify({ ...refused, at: now.toISOString() })},"action":${action},"document":${document}}\n`;
    });
    this.#writing = this.#write(lines, this.#writing);
    return this.#writing;
  }

  async #write(lines: readonly string[], before: Promise<void>): Promise<void> {
    await before;
    try {
      await this.#append(lines.join(''));
      deadLetters.inc(lines.length);
    } catch (error) {
      this.#logger.error({ file: this.#path, err: error }, 'refused log records could not be kept');
    }
  }

  async #append(text: string): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    this.#size ??= await stat(this.#path).then(
      ({ size }) => size,
      () => 0,
    );
    if (this.#size > 0 && this.#size + text.length > this.#maxSize) {
      await rename(this.#path, `${this.#path}.1`);
      this.#size = 0;
    }
    await appendFile(this.#path, text, { mode: 0o600 });
    this.#size += Buffer.byteLength(text);
  }
}
