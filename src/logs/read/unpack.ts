import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import type { OpenFile } from './identity.ts';

/** Packed bytes whose beginning is unpacked to know a file by. */
const LOOKED_AT = 16 * 1024;
/** A packed file may unfold to anything. */
const MOST_BYTES = 1024 ** 3;

let unpacked = 0;

/** The first unpacked bytes of a gzip file; empty where it is none. */
export function unpackedHead(path: string): Buffer {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const packed = Buffer.alloc(LOOKED_AT);
    const bytes = readSync(fd, packed, 0, LOOKED_AT, 0);
    return gunzipSync(packed.subarray(0, bytes), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: 1024 * LOOKED_AT,
    });
  } catch {
    return Buffer.alloc(0);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Bytes that a gzip file unpacks to, modulo 4 GiB, as its last bytes say; -1 where it cannot be read. */
export function unpackedSize(path: string): number {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const trailer = Buffer.alloc(4);
    return readSync(fd, trailer, 0, 4, fstatSync(fd).size - 4) === 4 ? trailer.readUInt32LE(0) : -1;
  } catch {
    return -1;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * Unpacks a gzip file into a file of `folder` that has no name any more when this returns, so that nothing is left behind
 * however the program ends. @throws the system's error, or zlib's for a damaged file.
 */
export async function unpack(path: string, folder: string): Promise<OpenFile> {
  mkdirSync(folder, { recursive: true });
  const target = join(folder, `unpacking-${process.pid}-${unpacked++}`);
  let size = 0;
  const bound = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      if (size > MOST_BYTES) done(new Error(`unfolds to more than ${MOST_BYTES} bytes`));
      else done(null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(path), createGunzip(), bound, createWriteStream(target, { mode: 0o600 }));
    const fd = openSync(target, 'r');
    const stats = fstatSync(fd, { bigint: true });
    return { fd, device: String(stats.dev), inode: String(stats.ino), born: String(stats.birthtimeNs) };
  } finally {
    rmSync(target, { force: true });
  }
}
