import snappy from 'snappy';
import { DecodeError } from './http/decode-error.ts';

/**
 * Bytes that are worked on right here, a few milliseconds' worth. On other threads it takes up to three times the CPU, and
 * the hundreds of megabytes that their allocator piles up while much is under way are not given back.
 */
const AT_ONCE = 4 * 1024 ** 2;

/** Receivers accept at most this many bytes of decompressed body. */
const MAX_DECODED = 32 * 1024 * 1024;

export async function compress(raw: Buffer): Promise<Buffer> {
  return raw.length > AT_ONCE ? snappy.compress(raw) : snappy.compressSync(raw, { copyOutputData: true });
}

/**
 * The bytes of a block that somebody sent us. The length stands in front of a snappy block: a bomb is refused before it unfolds.
 * @throws {DecodeError} 413 above 32 MiB, 400 for bytes that are no block.
 */
export async function uncompress(body: Buffer): Promise<Buffer> {
  const length = unfoldedLength(body);
  if (length === undefined) throw new DecodeError(400, 'the body is not a snappy block');
  if (length > MAX_DECODED)
    throw new DecodeError(413, `the body unfolds to ${length} bytes; at most ${MAX_DECODED} are taken`);
  try {
    return await unfold(body, length);
  } catch {
    throw new DecodeError(400, 'the body is not a snappy block');
  }
}

async function unfold(block: Buffer, length: number): Promise<Buffer> {
  if (length > AT_ONCE) return (await snappy.uncompress(block, { asBuffer: true })) as Buffer;
  return snappy.uncompressSync(block, { asBuffer: true, copyOutputData: true }) as Buffer;
}

/** The bytes that a block says it unfolds to, which it does exactly; undefined for bytes that begin no block. */
export function unfoldedLength(block: Buffer): number | undefined {
  let length = 0;
  for (let i = 0, shift = 1; i < block.length && i <= 4; i++, shift *= 128) {
    length += (block[i] & 127) * shift;
    if (block[i] < 128) return length;
  }
  return undefined;
}
