import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The files of a path whose last part may hold one `*`. A pattern that nothing matches is no error, nor is a missing file. */
export function filesOf(pattern: string): string[] {
  const last = basename(pattern);
  if (!last.includes('*')) return [pattern];
  const [head, tail] = last.split('*');
  return readdirSync(dirname(pattern))
    .filter((name) => name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail))
    .sort()
    .map((name) => join(dirname(pattern), name));
}
