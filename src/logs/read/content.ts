import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';

/** Bytes that are compared at each of the two places. */
const PRINT_BYTES = 256;

/** By what the content of a file is known again, whatever its name and inode. */
export interface Print {
  /** Hash of the file's first `headBytes` bytes. */
  readonly head: string;
  readonly headBytes: number;
  /** Hash of up to 256 bytes before place `at`. */
  readonly tail: string;
  readonly at: number;
}

/**
 * The bytes at the beginning of an open file, and those before the place up to which it was read. A file that has both still
 * is the file that was read: size and head alone do not tell, for a banner or a header repeats.
 */
export class Content {
  readonly #fd: number;
  #head: Buffer;
  #tail: Buffer;
  #at: number;

  constructor(fd: number, at: number) {
    this.#fd = fd;
    this.#head = readAt(fd, 0, PRINT_BYTES);
    this.#at = at;
    this.#tail = readBefore(fd, at);
  }

  /** Notes that the file was read up to `at`. */
  moveTo(at: number): void {
    if (at === this.#at) return;
    this.#at = at;
    this.#tail = readBefore(this.#fd, at);
  }

  /** Whether the bytes before the place reached are what was read. */
  hasTail(): boolean {
    return readBefore(this.#fd, this.#at).equals(this.#tail);
  }

  /** Whether the file begins as it did and has the bytes that were read last. */
  isSame(): boolean {
    const head = readAt(this.#fd, 0, PRINT_BYTES);
    if (head.length < this.#head.length || !head.subarray(0, this.#head.length).equals(this.#head)) return false;
    this.#head = head;
    return this.hasTail();
  }

  print(): Print {
    return { head: hash(this.#head), headBytes: this.#head.length, tail: hash(this.#tail), at: this.#at };
  }
}

/** The print of no bytes, which every file has. */
export const EMPTY_PRINT: Print = { head: hash(Buffer.alloc(0)), headBytes: 0, tail: hash(Buffer.alloc(0)), at: 0 };

/** Whether an open file has the content of a print. */
export function hasPrint(fd: number, print: Print): boolean {
  const head = readAt(fd, 0, print.headBytes);
  return head.length === print.headBytes && hash(head) === print.head && hash(readBefore(fd, print.at)) === print.tail;
}

/** Whether content that begins with `bytes` may be that of a print. */
export function mayHavePrint(bytes: Buffer, print: Print): boolean {
  return bytes.length >= print.headBytes && hash(bytes.subarray(0, print.headBytes)) === print.head;
}

/** The print of a file that nothing was read of, from its first bytes. */
export function printOfHead(bytes: Buffer): Print {
  const head = bytes.subarray(0, PRINT_BYTES);
  return { ...EMPTY_PRINT, head: hash(head), headBytes: head.length };
}

function readBefore(fd: number, at: number): Buffer {
  const bytes = Math.min(at, PRINT_BYTES);
  return readAt(fd, at - bytes, bytes);
}

function readAt(fd: number, at: number, bytes: number): Buffer {
  if (bytes === 0) return Buffer.alloc(0);
  const buffer = Buffer.alloc(bytes);
  return buffer.subarray(0, readSync(fd, buffer, 0, bytes, at));
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
}
