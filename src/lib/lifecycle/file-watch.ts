import { stat } from 'node:fs/promises';
import type { Clock } from '../time/clock.ts';
import type { Service } from './run-group.ts';
import { Ticker } from '../time/ticker.ts';

export interface FileWatchOptions {
  /** The files to look at, asked for each time: those that patterns match may come and go. */
  readonly files: () => Promise<readonly string[]>;
  /** Milliseconds between two looks. */
  readonly interval: number;
  readonly clock?: Clock;
  /** What of a file is compared. Default: its time, size and inode. */
  readonly facts?: (path: string) => Promise<string>;
  /** Called once when files changed and then stayed the same for one interval. Must not reject. */
  readonly onChange: () => Promise<void>;
}

/**
 * Notices changed, new and removed files by their time, size and inode. Polls, because a watch is lost where a mounted
 * ConfigMap swaps its symbolic link, and on network file systems.
 */
export class FileWatch implements Service {
  readonly name = 'file watch';
  readonly #options: FileWatchOptions;
  readonly #ticker: Ticker;
  #known = '';
  #last = '';

  constructor(options: FileWatchOptions) {
    this.#options = options;
    this.#ticker = new Ticker({ interval: options.interval, clock: options.clock }, () => this.#look());
  }

  async start(): Promise<void> {
    this.#known = this.#last = await this.#fingerprint();
    this.#ticker.start();
  }

  stop(): Promise<void> {
    return this.#ticker.stop();
  }

  async #look(): Promise<void> {
    const now = await this.#fingerprint();
    const settled = now === this.#last;
    this.#last = now;
    if (!settled || now === this.#known) return;
    this.#known = now;
    await this.#options.onChange();
  }

  async #fingerprint(): Promise<string> {
    const { files, facts = factsOf } = this.#options;
    const found = await Promise.all((await files()).map(async (path) => `${path}\0${await facts(path)}`));
    return found.join('\n');
  }
}

async function factsOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return 'absent';
  }
}
