import { readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What the kubelet puts behind the name of a file that it rotates; it compresses all but the newest. */
const ROTATED_AT = /^\.\d{8}-\d{6}$/;

/** Files beside a path, and beside that which it links to: where its file may lie after a rotation. */
export function siblings(path: string): string[] {
  return [...new Set([dirname(path), targetFolder(path)])].flatMap(list);
}

/** The kubelet's rotations of a file that are later than the one named, or all where none is; oldest first. */
export function rotatedAfter(path: string, last = ''): string[] {
  return siblings(path)
    .filter((other) => other > last && other.startsWith(path) && ROTATED_AT.test(other.slice(path.length)))
    .sort();
}

function targetFolder(path: string): string {
  try {
    return dirname(realpathSync(path));
  } catch {
    return dirname(path);
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}
