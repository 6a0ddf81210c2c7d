import snappy from 'snappy';

/**
 * Bytes that are worked on right here, a few milliseconds' worth. On other threads it takes up to three times the CPU, and
 * the hundreds of megabytes that their allocator piles up while much is under way are not given back.
 */
const AT_ONCE = 4 * 1024 ** 2;

export async function compress(raw: Buffer): Promise<Buffer> {
  return raw.length > AT_ONCE ? snappy.compress(raw) : snappy.compressSync(raw, { copyOutputData: true });
}

/** `length`: of what comes out. @throws {Error} where the block is none. */
export async function uncompress(block: Buffer, length: number): Promise<Buffer> {
  if (length > AT_ONCE) return (await snappy.uncompress(block, { asBuffer: true })) as Buffer;
  return snappy.uncompressSync(block, { asBuffer: true, copyOutputData: true }) as Buffer;
}
