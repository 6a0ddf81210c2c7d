import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing; `mode` holds for the ones it makes. Node's `recursive: true` never
 * returns where a file system answers ENOENT to a new name under a folder that exists, as /proc does.
 *
 * @throws the error of the operating system, with the path that could not be made
 */
export function makeFolder(path: string, mode = 0o777): void {
  if (isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isFolder(path)) throw error;
  }
}

/** `throwIfNoEntry: false` is no help: below a file, Node 20 throws all the same, and later versions do not. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
