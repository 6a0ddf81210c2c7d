import { crc32 } from 'node:zlib';
import { type FileSystem, nodeFileSystem, type OpenFile, readFully } from './file-system.ts';

/** How many records, and items within them, were written before a place. */
export interface Count {
  readonly records: number;
  readonly items: number;
}

/** A record as its owner knows it. */
export interface DurableRecord {
  readonly payload: Buffer;
  /** What the owner counts by, such as samples. */
  readonly items: number;
  /** A number for the owner's use. */
  readonly tag: number;
}

/** A record as it was read. */
export interface StoredRecord extends DurableRecord {
  /** Of all that was written before it, in this file and in those before. A gap to the record read last is what was lost. */
  readonly before: Count;
  /** Offset behind it. */
  readonly end: number;
}

/** What a file of records begins with; a later format has another number. */
export const FILE_HEAD = Buffer.from('crowsnest rec 1\n');
const FILE_HEAD_OF_ANY_VERSION = /^crowsnest rec (\d+)\n/;

/**
 * Before each payload, little-endian:
 *
 *     0 marker u32 │ 4 length u32 │ 8 tag u32 │ 12 records before u48 │ 18 items before u48 │ 24 items u32 │ 28 CRC-32 of the payload │ 32 CRC-32 of bytes 0–31
 *
 * A flipped byte in the payload leaves the header true: the next record stands where it says. One in the header is passed by
 * looking for the next marker whose header is sound. Either way it costs one record, and the counts of the next sound
 * record tell how many records and items are missing.
 */
export const RECORD_HEADER_BYTES = 36;
const MARKER = Buffer.from('CNR\x01', 'latin1');
export const MAX_PAYLOAD = 64 * 1024 * 1024;
const CHUNK = 64 * 1024;
const SECTOR = 4096;

export function encodeRecordHeader({ payload, items, tag }: DurableRecord, before: Count): Buffer {
  const header = Buffer.allocUnsafe(RECORD_HEADER_BYTES);
  MARKER.copy(header);
  header.writeUInt32LE(payload.length, 4);
  header.writeUInt32LE(tag, 8);
  header.writeUIntLE(before.records, 12, 6);
  header.writeUIntLE(before.items, 18, 6);
  header.writeUInt32LE(items, 24);
  header.writeUInt32LE(crc32(payload), 28);
  header.writeUInt32LE(crc32(header.subarray(0, 32)), 32);
  return header;
}

/** Reads records from files one after the other; holds one record in memory. */
export class RecordReader {
  readonly #fs: FileSystem;
  #path = '';
  #file: OpenFile | undefined;

  constructor(fs: FileSystem = nodeFileSystem) {
    this.#fs = fs;
  }

  /**
   * The first sound record at `offset` or behind it in the first `end` bytes of the file; undefined where there is none, or no file.
   * A stretch that the disk cannot read (EIO) is passed over. @throws any other error of the system, after a second try.
   */
  async read(path: string, offset: number, end: number): Promise<StoredRecord | undefined> {
    for (let from = offset, tries = 0; ; tries++) {
      try {
        return await this.#find(path, from, end);
      } catch (error) {
        await this.close();
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') return undefined;
        // The second time with a new handle; then past the part of the disk that cannot be read.
        if (tries === 0) continue;
        if (code !== 'EIO') throw error;
        if ((from += SECTOR) >= end) return undefined;
      }
    }
  }

  /** The last sound record of the file, found from its end; undefined where there is none. @throws as {@link read}. */
  async readLast(path: string, size: number): Promise<StoredRecord | undefined> {
    for (let to = size; to > 0; to -= CHUNK) {
      const from = Math.max(0, to - CHUNK);
      // With a marker's length more, so that one across the border is seen.
      const chunk = await this.#chunk(path, from, Math.min(size, to + MARKER.length) - from);
      for (let at = chunk.lastIndexOf(MARKER); at >= 0; at = at === 0 ? -1 : chunk.lastIndexOf(MARKER, at - 1)) {
        const record = await this.read(path, from + at, size);
        if (record !== undefined) return record;
      }
    }
    return undefined;
  }

  /** Closes the file if it is this one, so that its space is free once it is deleted. */
  async release(path: string): Promise<void> {
    if (this.#path === path) await this.close();
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
  }

  async #find(path: string, offset: number, end: number): Promise<StoredRecord | undefined> {
    const file = await this.#open(path);
    for (let at = offset; at + RECORD_HEADER_BYTES <= end;) {
      const header = await readFully(file, RECORD_HEADER_BYTES, at);
      const length = lengthOf(header);
      if (length === undefined || at + RECORD_HEADER_BYTES + length > end) {
        at = await nextMarker(file, at + 1, end);
        continue;
      }
      const payload = await readFully(file, length, at + RECORD_HEADER_BYTES);
      const next = at + RECORD_HEADER_BYTES + length;
      if (crc32(payload) === header.readUInt32LE(28)) return decode(header, payload, next);
      // A write that was cut short may be followed by sound records within its length.
      at = await nextMarker(file, at + 1, end);
    }
    return undefined;
  }

  async #chunk(path: string, at: number, length: number): Promise<Buffer> {
    return readFully(await this.#open(path), length, at);
  }

  async #open(path: string): Promise<OpenFile> {
    if (this.#file !== undefined && this.#path === path) return this.#file;
    await this.close();
    const file = await this.#fs.open(path, 'r');
    this.#path = path;
    this.#file = file;
    const version = FILE_HEAD_OF_ANY_VERSION.exec((await readFully(file, 32, 0)).toString('latin1'))?.[1];
    if (version !== undefined && version !== '1')
      throw new Error(`${path}: records of version ${version}; this program reads version 1`);
    return file;
  }
}

/** Bytes of the payload behind a sound header. */
function lengthOf(header: Buffer): number | undefined {
  if (header.length < RECORD_HEADER_BYTES || MARKER.compare(header, 0, 4) !== 0) return undefined;
  if (crc32(header.subarray(0, 32)) !== header.readUInt32LE(32)) return undefined;
  const length = header.readUInt32LE(4);
  return length > MAX_PAYLOAD ? undefined : length;
}

function decode(header: Buffer, payload: Buffer, end: number): StoredRecord {
  return {
    payload,
    end,
    tag: header.readUInt32LE(8),
    before: { records: header.readUIntLE(12, 6), items: header.readUIntLE(18, 6) },
    items: header.readUInt32LE(24),
  };
}

/** Where the next marker stands, or `end`. Reads a chunk at a time, so that a damaged file does not hold up all else. */
async function nextMarker(file: OpenFile, from: number, end: number): Promise<number> {
  for (let at = from; at < end; at += CHUNK - MARKER.length) {
    const chunk = await readFully(file, Math.min(CHUNK, end - at), at);
    const found = chunk.indexOf(MARKER);
    if (found >= 0) return at + found;
    if (chunk.length < CHUNK) return end;
  }
  return end;
}
