import { type Dirent, readdirSync, statSync } from 'node:fs';
import { compileName, hasMagic, partsOf } from './pattern.ts';

interface Folder {
  readonly mtime: number;
  readonly entries: readonly Dirent[];
}

/** How many folders `**` goes down. */
const MAX_DEPTH = 12;
/** A folder that changed this recently may change again within the same tick of its clock. */
const SETTLED = 2000;

/**
 * Finds the files that patterns name (see pattern.ts), again and again. Folders are remembered with their time of change, so that asking again costs one `stat` a
 * folder: cheap enough for every second, and it works where a watch would be lost, on network and overlay file systems.
 */
export class Globber {
  #folders = new Map<string, Folder>();
  readonly #denied = new Map<string, string>();
  #seen = new Map<string, Folder>();
  readonly #steps = new Map<string, (name: string) => boolean>();
  #changed = false;

  /** Whether any folder changed since the last call. Forgets those that no pattern came through. */
  endRound(): boolean {
    const changed = this.#changed || this.#seen.size !== this.#folders.size;
    this.#folders = this.#seen;
    this.#seen = new Map();
    this.#changed = false;
    return changed;
  }

  /** Folders that could not be read in this round, with the system's error code. */
  takeDenied(): Map<string, string> {
    const denied = new Map(this.#denied);
    this.#denied.clear();
    return denied;
  }

  /**
   * Paths of everything but folders that a pattern matches, in no order, each once.
   * @throws {Error} when the pattern is not valid.
   */
  find(glob: string): string[] {
    const steps = partsOf(glob);
    const root = steps[0] === '' ? '/' : '.';
    const found = new Set<string>();
    this.#walk(root, steps[0] === '' ? steps.slice(1) : steps, 0, found);
    return [...found];
  }

  #walk(folder: string, steps: readonly string[], depth: number, found: Set<string>): void {
    const [step, ...rest] = steps;
    if (step === undefined) return;
    if (step === '**') {
      this.#walk(folder, rest.length === 0 ? ['*'] : rest, 0, found);
      if (depth === MAX_DEPTH) return;
      for (const entry of this.#read(folder))
        if (entry.isDirectory() && !entry.name.startsWith('.'))
          this.#walk(join(folder, entry.name), steps, depth + 1, found);
      return;
    }
    if (!hasMagic(step)) {
      const path = join(folder, step);
      if (rest.length > 0) this.#walk(path, rest, 0, found);
      else if (isNoFolder(path)) found.add(path);
      // So that a file of this name that comes or goes is a change.
      if (rest.length === 0) this.#read(folder);
      return;
    }
    const matches = this.#compiled(step);
    for (const entry of this.#read(folder)) {
      if (!matches(entry.name)) continue;
      const path = join(folder, entry.name);
      if (rest.length > 0) {
        if (entry.isDirectory() || entry.isSymbolicLink()) this.#walk(path, rest, 0, found);
      } else if (entry.isSymbolicLink() ? isNoFolder(path) : !entry.isDirectory()) found.add(path);
    }
  }

  #compiled(step: string): (name: string) => boolean {
    let matches = this.#steps.get(step);
    if (matches === undefined) this.#steps.set(step, (matches = compileName(step)));
    return matches;
  }

  #read(path: string): readonly Dirent[] {
    const already = this.#seen.get(path);
    if (already !== undefined) return already.entries;
    try {
      const mtime = statSync(path).mtimeMs;
      const known = this.#folders.get(path);
      const folder = known?.mtime === mtime ? known : { mtime, entries: readdirSync(path, { withFileTypes: true }) };
      if (folder !== known) this.#changed = true;
      // A time of change in the last seconds is not trusted: NaN equals nothing, so the folder is read again.
      this.#seen.set(path, Date.now() - mtime > SETTLED ? folder : { ...folder, mtime: NaN });
      return folder.entries;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
      if (code === 'EACCES' || code === 'EPERM') this.#denied.set(path, code);
      return [];
    }
  }
}

function join(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : folder === '.' ? name : `${folder}/${name}`;
}

function isNoFolder(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    return false;
  }
}
