import { rename } from 'node:fs/promises';
import { AppendFile } from '../../../lib/durable/append-file.ts';
import type { Logger } from '../../../lib/logger.ts';
import { deadLetters, deadLettersLost } from '../../metrics.ts';

export interface DeadLetter {
  readonly status: number;
  readonly reason: string;
  readonly text: string;
  /** The two lines of the bulk request, each with its line end. */
  readonly item: Buffer;
}

const NEWLINE = 10;

/**
 * Keeps records that were refused for good, one JSON line each: `{"refused": {…}, "action": {…}, "document": {…}}`. The file is put
 * aside as `.1` at its bound, so that there are never more than two such files; what the `.1` before held is counted as lost.
 */
export class DeadLetters {
  readonly #path: string;
  readonly #maxSize: number;
  readonly #logger: Logger;
  #file: AppendFile | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, maxSize: number, logger: Logger) {
    this.#path = path;
    this.#maxSize = maxSize;
    this.#logger = logger;
  }

  /**
   * Resolves when the letters are on disk, or can't be, which is counted and logged: that must not hold up the records behind
   * them.
   */
  add(letters: readonly DeadLetter[], now = new Date()): Promise<void> {
    const lines = letters.map(({ item, ...refused }) => {
      const [action, document] = item.toString().split('\n');
      return `{"refused":${JSON.stringify({ ...refused, at: now.toISOString() })},"action":${action},"document":${document}}\n`;
    });
    this.#writing = this.#write(lines, this.#writing);
    return this.#writing;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #write(lines: readonly string[], before: Promise<void>): Promise<void> {
    await before;
    try {
      await this.#append(Buffer.from(lines.join('')));
      deadLetters.inc(lines.length);
    } catch (error) {
      deadLettersLost.inc(lines.length);
      this.#logger.error({ file: this.#path, err: error }, 'refused log records could not be kept');
    }
  }

  async #append(text: Buffer): Promise<void> {
    this.#file ??= await this.#open();
    if (this.#file.size > 0 && this.#file.size + text.length > this.#maxSize)
      this.#file = await this.#putAside(this.#file);
    await this.#file.write([text]);
    await this.#file.sync();
  }

  /** A line that the end of the process tore is cut off. */
  async #open(): Promise<AppendFile> {
    const file = await AppendFile.open(this.#path);
    const end = (await file.readAll()).lastIndexOf(NEWLINE) + 1;
    if (end < file.size) await file.cut(end);
    return file;
  }

  async #putAside(file: AppendFile): Promise<AppendFile> {
    await file.close();
    this.#file = undefined;
    await rename(this.#path, `${this.#path}.1`);
    return AppendFile.open(this.#path);
  }
}
