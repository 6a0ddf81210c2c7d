import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';

/** A pattern cannot make the program walk a whole disk. */
const MAX_ENTRIES = 200_000;

/**
 * The files that a pattern names, sorted: `*` and `?` stay within a name, `**` goes through folders but hidden ones,
 * `[a-z]` is one of a set. A relative pattern starts at `base`. Links to folders are not followed.
 * A path without any of these is named as it is, so that who reads a folder says so.
 */
export async function glob(pattern: string, base: string): Promise<string[]> {
  const path = isAbsolute(pattern) ? pattern : join(base, pattern);
  if (!hasMagic(pattern)) return (await exists(path)) ? [path] : [];
  const parts = path.split('/');
  const fixed = parts.findIndex(hasMagic);
  const root = parts.slice(0, fixed).join('/') || '/';
  const found = new Set<string>();
  const budget = { left: MAX_ENTRIES };
  await walk(resolve(root), parts.slice(fixed), found, budget);
  return [...found].sort();
}

export function hasMagic(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

async function walk(
  folder: string,
  parts: readonly string[],
  found: Set<string>,
  budget: { left: number },
): Promise<void> {
  const [part, ...rest] = parts;
  if (part === '**' && rest.length > 0) await walk(folder, rest, found, budget);
  const test = part === '**' ? () => true : compileName(part);
  for (const entry of await entriesOf(folder)) {
    if (--budget.left < 0) throw new Error(`${folder}: more than ${MAX_ENTRIES} files to look through`);
    if (!test(entry.name) || (part === '**' && entry.name.startsWith('.'))) continue;
    const path = join(folder, entry.name);
    if (part === '**') {
      if (entry.isDirectory()) await walk(path, parts, found, budget);
      else if (rest.length === 0) found.add(path);
    } else if (rest.length > 0) {
      if (entry.isDirectory()) await walk(path, rest, found, budget);
    } else if (!entry.isDirectory() && (await isFile(path))) {
      found.add(path);
    }
  }
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function compileName(pattern: string): (name: string) => boolean {
  const source = pattern.replace(
    /\[(!|\^)?([^\]]+)\]|[*?]|[\\^$.|+(){}]/g,
    (whole, not: string | undefined, set: string | undefined) => {
      if (set !== undefined) return `[${not === undefined ? '' : '^'}${set.replaceAll('\\', '\\\\')}]`;
      if (whole === '*') return '[^/]*';
      return whole === '?' ? '[^/]' : `\\${whole}`;
    },
  );
  // Only single stars over names without a slash, so that JavaScript's own engine stays quick.
  try {
    const regex = new RegExp(`^${source.replaceAll(/(\[\^\/\]\*)+/g, '[^/]*')}$`);
    return (name) => regex.test(name);
  } catch (error) {
    throw new Error(`${pattern}: syntax error in pattern`, { cause: error });
  }
}
