import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** A file held open, and what it is known by whatever its name. */
export interface OpenFile {
  readonly fd: number;
  readonly device: string;
  readonly inode: string;
  /** Nanoseconds; a reused inode has another one. 0 where the file system does not keep it. */
  readonly born: string;
}

/** A file's head, by which its content is known again: so many bytes at most. */
export const HEAD_BYTES = 256;
const LOOKED_AT = 4096;

/** `device:inode` of a path, or why it can't be followed. */
export function lookUp(path: string): { key: string } | { reason: string } {
  try {
    const stats = statSync(path, { bigint: true });
    if (!stats.isFile()) return { reason: 'not a regular file' };
    return { key: keyOf(stats) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** Opens a file for reading; never waits, whatever the path turns out to be. */
export function openFile(path: string): OpenFile | { reason: string } {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { reason: reasonOf(error) };
  }
  const stats = fstatSync(fd, { bigint: true });
  if (stats.isFile())
    return { fd, device: String(stats.dev), inode: String(stats.ino), born: String(stats.birthtimeNs) };
  closeSync(fd);
  return { reason: 'not a regular file' };
}

function keyOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

/** As `lookUp` answers it. */
export function keyOfFile({ device, inode }: Pick<OpenFile, 'device' | 'inode'>): string {
  return `${device}:${inode}`;
}

/** The name of a file's bytes: the same after a rename or restart, another for the next file of that name or inode. */
export function sourceId(file: OpenFile, generation: number): string {
  return createHash('sha256')
    .update(`${file.device}:${file.inode}:${file.born}:${generation}`)
    .digest('base64url')
    .slice(0, 16);
}

/** The first bytes of a file, fewer where it has not so many. */
export function readHead(fd: number, bytes = LOOKED_AT): Buffer {
  const head = Buffer.alloc(bytes);
  return head.subarray(0, readSync(fd, head, 0, bytes, 0));
}

export function hashHead(head: Buffer): string {
  return createHash('sha256').update(head).digest('base64url').slice(0, 22);
}

/** Why the first bytes of a file say that it holds no lines of text; undefined for text. */
export function binaryReason(head: Buffer): string | undefined {
  if (head.includes(0)) return 'binary (NUL bytes)';
  if (isUtf8(head)) return undefined;
  const decoded = head.toString('utf8');
  const replaced = decoded.split('\ufffd').length - 1;
  return replaced > decoded.length * 0.3 ? 'binary (not UTF-8)' : undefined;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return 'no permission';
  if (code === 'ENOENT') return 'gone';
  if (code === 'EMFILE' || code === 'ENFILE') return 'too many open files';
  return `unreadable: ${code ?? message}`;
}
