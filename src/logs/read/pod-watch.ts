import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { type Logger, LogOnce } from '../../lib/logger.ts';

/** Folders that are watched at once: one a pod. The regular scan finds what lies in others. */
const MOST_WATCHED = 2000;

/**
 * Tells at once when something comes or goes in the folder of container logs, or in that of a pod: a pod may live for less than
 * the time between two scans. Folders with log files are not watched, as each write to one would wake us.
 */
export class PodWatch {
  readonly #root: string;
  readonly #onChange: () => void;
  readonly #logger: Logger;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #once = new LogOnce();

  constructor(root: string, onChange: () => void, logger: Logger) {
    this.#root = root;
    this.#onChange = onChange;
    this.#logger = logger;
  }

  /** Watches folders that are new. Cheap enough for every scan. */
  refresh(): void {
    if (!this.#watch(this.#root)) return;
    const pods = new Set(podsIn(this.#root));
    for (const [folder, watcher] of this.#watchers) {
      if (folder === this.#root || pods.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const pod of pods) if (this.#watchers.size < MOST_WATCHED) this.#watch(pod);
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string): boolean {
    if (this.#watchers.has(folder)) return true;
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#onChange());
      watcher.on('error', () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
      return true;
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && this.#once.fresh('watch', code))
        this.#logger.warn(
          { folder, code },
          'folders of pods cannot be watched: pods that live shorter than logs.scan_interval may be missed',
        );
      return false;
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}

function podsIn(root: string): string[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(root, entry.name));
  } catch {
    return [];
  }
}
