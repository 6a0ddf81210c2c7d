import { type Logger, LogOnce } from '../../lib/logger.ts';

/** Milliseconds after which an unreadable file is tried again: at first, and at the most. */
const RETRY_MIN = 1000;
const RETRY_MAX = 60_000;

interface Skip {
  readonly reason: string;
  /** The file that was looked at, where it need not be looked at again yet. */
  readonly key?: string;
  /** It is looked at again at this time, … */
  readonly retryAt: number;
  readonly delay: number;
  /** … or when it is shorter than this. */
  readonly size: number;
}

/** Files that are not followed, each with its reason. None is given up for ever: reasons pass. */
export class SkippedFiles {
  readonly #skips = new Map<string, Skip>();
  readonly #once = new LogOnce();
  readonly #logger: Logger;
  #elsewhere: ReadonlyMap<string, string> = new Map();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Path to reason. */
  reasons(): Map<string, string> {
    const reasons = new Map(this.#elsewhere);
    for (const [path, { reason }] of this.#skips) reasons.set(path, reason);
    return reasons;
  }

  /** What discovery leaves out, and the paths that it names at all: others are forgotten. */
  setDiscovered(skipped: ReadonlyMap<string, string>, paths: ReadonlySet<string>): void {
    this.#elsewhere = skipped;
    for (const [path, reason] of skipped) this.#log(path, reason);
    for (const path of this.#skips.keys()) if (!paths.has(path)) this.#skips.delete(path);
  }

  /** Whether the file at this path was looked at a short while ago. */
  isWaiting(path: string, key: string, size: number, now: number): boolean {
    const skip = this.#skips.get(path);
    return skip !== undefined && skip.key === key && now < skip.retryAt && size >= skip.size;
  }

  /** The reason may pass at any time: the file is looked at again in the next round. */
  add(path: string, reason: string): void {
    this.#set(path, { reason, retryAt: 0, delay: 0, size: 0 });
  }

  /** The content is none that can be followed: it is looked at again when it was truncated or replaced. */
  addContent(path: string, reason: string, key: string, size: number): void {
    this.#set(path, { reason, key, retryAt: Infinity, delay: 0, size });
  }

  /** It cannot be read: it is tried again after a while, each time a longer one. */
  addUnreadable(path: string, reason: string, key: string, now: number): void {
    const delay = Math.min(RETRY_MAX, Math.max(RETRY_MIN, 2 * (this.#skips.get(path)?.delay ?? 0)));
    this.#set(path, { reason, key, retryAt: now + delay, delay, size: 0 });
  }

  delete(path: string): void {
    this.#skips.delete(path);
    this.#once.clear(path);
  }

  #set(path: string, skip: Skip): void {
    this.#skips.set(path, skip);
    this.#log(path, skip.reason);
  }

  #log(path: string, reason: string): void {
    if (this.#once.fresh(path, reason)) this.#logger.info({ file: path, reason }, 'log file is not followed');
  }
}
