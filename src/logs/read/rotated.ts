import { readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** More files of one name than this are no rotation. */
const MOST_SIBLINGS = 1000;

/**
 * Paths of files that a file may have been rotated to: beside it or beside the file that it links to, or in a folder there
 * (logrotate's `olddir`). Names: `app.log.1`, `app.log-20261130`, `0.log.20261130-200000`, `app-2026-11-30.log`, each also
 * with `.gz`. Oldest first, as far as names tell.
 */
export function rotatedFrom(path: string): string[] {
  const real = realPath(path);
  const found = new Set<string>();
  for (const original of new Set([path, real])) {
    const isRotated = rotationOf(basename(original));
    const folder = dirname(original);
    for (const entry of list(folder)) {
      if (entry.isDirectory()) {
        for (const below of list(join(folder, entry.name)))
          if (!below.isDirectory() && isRotated(below.name)) found.add(join(folder, entry.name, below.name));
      } else if (isRotated(entry.name)) found.add(join(folder, entry.name));
    }
  }
  return [...found].sort(byAge).slice(-MOST_SIBLINGS);
}

export function isCompressed(path: string): boolean {
  return path.endsWith('.gz');
}

/** Whether a name is that of a rotated file: the name itself goes on, or has a date or number before its ending. */
function rotationOf(name: string): (other: string) => boolean {
  const dot = name.lastIndexOf('.');
  const stem = dot <= 0 ? name : name.slice(0, dot);
  const ending = dot <= 0 ? '' : name.slice(dot);
  return (other) => {
    if (other === name || other.endsWith('.tmp')) return false;
    const plain = isCompressed(other) ? other.slice(0, -3) : other;
    if (plain.startsWith(name)) return /^[.\-_]?\d[\d.:T_-]*$/.test(plain.slice(name.length));
    if (!plain.startsWith(stem) || !plain.endsWith(ending) || plain.length <= stem.length + ending.length) return false;
    return /^[.\-_]\d[\d.:T_-]*$/.test(plain.slice(stem.length, plain.length - ending.length));
  };
}

/** `.2` is older than `.1`; an earlier date is older than a later one. */
function byAge(a: string, b: string): number {
  const [numberA, numberB] = [a, b].map((path) => /[.\-_](\d{1,4})(\.gz)?$/.exec(path)?.[1]);
  if (numberA !== undefined && numberB !== undefined && numberA !== numberB) return Number(numberB) - Number(numberA);
  return a < b ? -1 : a > b ? 1 : 0;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function list(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
