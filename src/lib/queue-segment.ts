import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** An entry as it was put in. `items` is what the owner counts by (samples), entries of one `lane` keep their order. */
export interface QueueEntry {
  readonly payload: Buffer;
  readonly items: number;
  readonly lane: number;
}

/** Before each payload of a segment: `length u32 │ crc32 u32 │ items u32 │ lane u32`, little-endian. */
export const HEADER_BYTES = 16;
const MAX_ENTRY = 64 * 1024 * 1024;

export function headerOf({ payload, items, lane }: QueueEntry): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt32LE(crc32(payload), 4);
  header.writeUInt32LE(items, 8);
  header.writeUInt32LE(lane, 12);
  return header;
}

/** The entry at this place of a segment held in memory; undefined where there is no whole and sound one. */
export function entryAt(bytes: Buffer, offset: number): QueueEntry | undefined {
  const header = bytes.subarray(offset, offset + HEADER_BYTES);
  const length = lengthOf(header, bytes.length - offset);
  if (length === undefined) return undefined;
  return checked(header, bytes.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + length));
}

/** Reads entries of one segment after the other, each by itself: a reader that lags costs no more memory than one that does not. */
export class SegmentReader {
  #path = '';
  #file: FileHandle | undefined;

  /** The entry at `offset` of a file with `end` bytes; undefined where there is no whole and sound one, or no file. */
  async read(path: string, offset: number, end: number): Promise<QueueEntry | undefined> {
    try {
      const file = await this.#open(path);
      const header = Buffer.allocUnsafe(HEADER_BYTES);
      const { bytesRead } = await file.read(header, 0, HEADER_BYTES, offset);
      const length = lengthOf(header.subarray(0, bytesRead), end - offset);
      if (length === undefined) return undefined;
      const payload = Buffer.allocUnsafeSlow(length);
      const read = await file.read(payload, 0, length, offset + HEADER_BYTES);
      return checked(header, payload.subarray(0, read.bytesRead));
    } catch {
      return undefined;
    }
  }

  /** Lets go of the file, if it is this one, so that its space is free once it is deleted. */
  async release(path: string): Promise<void> {
    if (this.#path === path) await this.close();
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #open(path: string): Promise<FileHandle> {
    if (this.#file !== undefined && this.#path === path) return this.#file;
    await this.close();
    this.#path = path;
    return (this.#file = await open(path, 'r'));
  }
}

/** Bytes of the payload behind this header, where it is whole and has room in so many bytes. */
function lengthOf(header: Buffer, room: number): number | undefined {
  if (header.length < HEADER_BYTES) return undefined;
  const length = header.readUInt32LE(0);
  return length > MAX_ENTRY || HEADER_BYTES + length > room ? undefined : length;
}

function checked(header: Buffer, payload: Buffer): QueueEntry | undefined {
  if (crc32(payload) !== header.readUInt32LE(4)) return undefined;
  return { payload, items: header.readUInt32LE(8), lane: header.readUInt32LE(12) };
}
