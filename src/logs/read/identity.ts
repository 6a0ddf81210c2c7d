import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

/** A file held open, and what it is known by whatever its name. */
export interface OpenFile {
  readonly fd: number;
  readonly device: string;
  readonly inode: string;
  /** Nanoseconds; a reused inode has another one. 0 where the file system does not keep it. */
  readonly born: string;
}

const LOOKED_AT = 4096;

/** `device:inode` of a path, or why it can't be followed. */
export function lookUp(path: string): { key: string; size: number; mtimeMs: number } | { reason: string } {
  try {
    const stats = statSync(path, { bigint: true });
    if (!stats.isFile()) return { reason: 'not a regular file' };
    return { key: keyOf(stats), size: Number(stats.size), mtimeMs: Number(stats.mtimeMs) };
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

/** What an open file would be known by. @throws the system's error. */
export function numbersOf(path: string): Omit<OpenFile, 'fd'> {
  const stats = statSync(path, { bigint: true });
  return { device: String(stats.dev), inode: String(stats.ino), born: String(stats.birthtimeNs) };
}

/** Closes a file that turned out to be another one. */
export function closeFile({ fd }: OpenFile): undefined {
  closeSync(fd);
}

function keyOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

/** As `lookUp` returns it. */
export function keyOfFile({ device, inode }: Pick<OpenFile, 'device' | 'inode'>): string {
  return `${device}:${inode}`;
}

/**
 * The name of a file's bytes: the same after a rename or restart, another for the next file of that name or inode, and for a
 * file of another host.
 */
export function sourceId(host: string, file: Omit<OpenFile, 'fd'>, generation: number): string {
  return createHash('sha256')
    .update(`${host}:${file.device}:${file.inode}:${file.born}:${generation}`)
    .digest('base64url')
    .slice(0, 16);
}

/** Names this machine: by its name and by what machines that were cloned from one image may still differ in. */
export function hostIdentity(hostname: string): string {
  return [hostname, ...['/etc/machine-id', '/sys/class/dmi/id/product_uuid'].map(readWord)].join(' ');
}

function readWord(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** The first bytes of a file, fewer where it has not so many. */
export function readHead(fd: number, bytes = LOOKED_AT): Buffer {
  const head = Buffer.alloc(bytes);
  return head.subarray(0, readSync(fd, head, 0, bytes, 0));
}

/**
 * Why the first bytes of a file say that it holds no lines of text; undefined for text. NULs at the beginning are what a
 * truncation under a writer leaves. Bytes that are not UTF-8 may be text in another encoding, which has next to no control
 * characters: of compressed or encrypted bytes one in ten is one. UTF-8 may separate its fields by them, as FIX does.
 */
export function binaryReason(head: Buffer): string | undefined {
  let controls = 0;
  let from = 0;
  while (from < head.length && head[from] === 0) from++;
  for (let i = from; i < head.length; i++) if (head[i] < 32 && !isTextControl(head[i])) controls++;
  const most = isUtf8(head) ? 0.3 : 0.05;
  return controls > (head.length - from) * most ? 'binary (control characters)' : undefined;
}

/** Backspace, tab, line feed, vertical tab, form feed, carriage return, escape. */
function isTextControl(byte: number): boolean {
  return (byte >= 8 && byte <= 13) || byte === 27;
}

/** Descriptors that this process may still use for log files: sockets, the store and the checkpoint need the rest. */
export function descriptorBudget(reserve = 64): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? Infinity : Math.max(1, Number(limit) - reserve);
  } catch {
    return Infinity;
  }
}

export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return 'no permission';
  if (code === 'ENOENT') return 'gone';
  if (code === 'EMFILE' || code === 'ENFILE') return 'too many open files';
  return `unreadable: ${code ?? message}`;
}
