import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { compileName, hasMagic, partsOf } from './pattern.ts';

/** A pattern cannot make the program walk a whole disk. */
const MAX_ENTRIES = 200_000;

/**
 * Returns the files that a pattern names (see pattern.ts), sorted, each once. A relative pattern starts at `base`.
 * A path that is no pattern is returned when it exists, a folder too, so that the caller's error names it.
 *
 * @param hidden whether `*` and `?` find names that begin with a dot, as in Prometheus' `rule_files`
 * @throws {Error} when the pattern is not valid, or when there are more than 200,000 entries to look through.
 */
export async function findFiles(pattern: string, base: string, { hidden = false } = {}): Promise<string[]> {
  const path = isAbsolute(pattern) ? pattern : join(base, pattern);
  if (!hasMagic(pattern)) return (await statOf(path)) === undefined ? [] : [path];
  const parts = partsOf(path);
  const fixed = parts.findIndex(hasMagic);
  const root = parts.slice(0, fixed).join('/') || '/';
  const found = new Set<string>();
  await walk(resolve(root), parts.slice(fixed), { found, hidden, left: MAX_ENTRIES });
  return [...found].sort();
}

interface Walk {
  readonly found: Set<string>;
  readonly hidden: boolean;
  left: number;
}

async function walk(folder: string, [part, ...rest]: readonly string[], state: Walk): Promise<void> {
  if (part === '**') {
    await walk(folder, rest.length === 0 ? ['*'] : rest, state);
    for (const entry of await entriesOf(folder, state))
      if (entry.isDirectory() && !entry.name.startsWith('.'))
        await walk(join(folder, entry.name), [part, ...rest], state);
    return;
  }
  if (!hasMagic(part)) return enter(join(folder, part), rest, state);
  const test = compileName(part, state.hidden);
  for (const entry of await entriesOf(folder, state))
    if (test(entry.name) && (rest.length === 0 || entry.isDirectory() || entry.isSymbolicLink()))
      await enter(join(folder, entry.name), rest, state);
}

async function enter(path: string, rest: readonly string[], state: Walk): Promise<void> {
  if (rest.length > 0) await walk(path, rest, state);
  else if ((await statOf(path))?.isFile()) state.found.add(path);
}

async function entriesOf(folder: string, state: Walk) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    state.left -= entries.length;
    if (state.left >= 0) return entries;
  } catch {
    return [];
  }
  throw new Error(`${folder}: more than ${MAX_ENTRIES} files to look through`);
}

async function statOf(path: string) {
  return stat(path).catch(() => undefined);
}
