import { type Dirent, readdirSync, statSync } from 'node:fs';
import { compileAnchored } from '../lib/match.ts';

interface Folder {
  readonly mtime: number;
  readonly entries: readonly Dirent[];
}

/** Links may form circles, and `**` must end. */
const MAX_DEPTH = 12;
/** A folder that changed this recently may change again within the same tick of its clock. */
const SETTLED = 2000;

/**
 * Finds the files that globs name. Folders are remembered with their time of change, so that asking again costs one `stat` a
 * folder: cheap enough for every second, and it works where a watch would be lost, on network and overlay file systems.
 */
export class Globber {
  #folders = new Map<string, Folder>();
  readonly #denied = new Map<string, string>();
  #seen = new Map<string, Folder>();
  readonly #steps = new Map<string, (name: string) => boolean>();
  #changed = false;

  /** Whether any folder changed since the last call. Forgets those that no glob came through. */
  endRound(): boolean {
    const changed = this.#changed || this.#seen.size !== this.#folders.size;
    this.#folders = this.#seen;
    this.#seen = new Map();
    this.#changed = false;
    return changed;
  }

  /** Folders that could not be read in this round, with the system's word for it. */
  takeDenied(): Map<string, string> {
    const denied = new Map(this.#denied);
    this.#denied.clear();
    return denied;
  }

  /** Paths of everything but folders that a glob matches, in no order, each once. */
  find(glob: string): string[] {
    const steps = glob.split('/').filter((step, i) => step !== '' || i === 0);
    const root = steps[0] === '' ? '/' : '.';
    const found = new Set<string>();
    this.#walk(root, steps[0] === '' ? steps.slice(1) : steps, 0, found);
    return [...found];
  }

  #walk(folder: string, steps: readonly string[], depth: number, found: Set<string>): void {
    const [step, ...rest] = steps;
    if (step === undefined || depth > MAX_DEPTH) return;
    if (step === '**') {
      this.#walk(folder, rest, depth, found);
      for (const entry of this.#read(folder))
        if (entry.isDirectory()) this.#walk(join(folder, entry.name), steps, depth + 1, found);
      return;
    }
    if (!isGlob(step)) {
      const path = join(folder, step);
      if (rest.length > 0) this.#walk(path, rest, depth + 1, found);
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
        if (entry.isDirectory() || entry.isSymbolicLink()) this.#walk(path, rest, depth + 1, found);
      } else if (entry.isSymbolicLink() ? isNoFolder(path) : !entry.isDirectory()) found.add(path);
    }
  }

  #compiled(step: string): (name: string) => boolean {
    let matches = this.#steps.get(step);
    if (matches === undefined) this.#steps.set(step, (matches = compileGlob(step)));
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
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
}

function isGlob(step: string): boolean {
  return /[*?[{]/.test(step);
}

/** Whether a whole path matches a glob, for exclusions. */
export function compilePathGlob(glob: string): (path: string) => boolean {
  return compileAnchored(glob.split('/').map(translate).join('/').replaceAll('.*.*/', '(?:.*/)?'));
}

function compileGlob(step: string): (name: string) => boolean {
  const matches = compileStep(step);
  // As in a shell, a star does not find hidden files.
  return (name) => (!name.startsWith('.') || step.startsWith('.')) && matches(name);
}

/** One star and nothing else, as nearly every glob has it, needs no regular expression. */
function compileStep(step: string): (name: string) => boolean {
  const [before, after, more] = step.split('*');
  if (after === undefined || more !== undefined || isGlob(before + after)) return compileAnchored(translate(step));
  return (name) => name.length >= step.length - 1 && name.startsWith(before) && name.endsWith(after);
}

/** A glob of one folder name as RE2. */
function translate(step: string): string {
  if (step === '**') return '.*.*';
  let pattern = '';
  let braces = 0;
  for (let i = 0; i < step.length; i++) {
    const char = step[i];
    const close = char === '[' ? step.indexOf(']', i + 2) : -1;
    if (char === '*') pattern += '[^/]*';
    else if (char === '?') pattern += '[^/]';
    else if (close > 0) {
      pattern += `[${step
        .slice(i + 1, close)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`;
      i = close;
    } else if (char === '{') [pattern, braces] = [`${pattern}(?:`, braces + 1];
    else if (char === '}' && braces > 0) [pattern, braces] = [`${pattern})`, braces - 1];
    else if (char === ',' && braces > 0) pattern += '|';
    else pattern += char.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  }
  return pattern + ')'.repeat(braces);
}
