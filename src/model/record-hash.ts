import type { LogBatch } from './log.ts';

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;

/**
 * The identity of records beside their source: a hash of offset, content, and time where the line says one. Two records of a
 * source at the same offset have the same hash only where they are the same line, read twice. 64 bits in two words.
 *
 * Every byte counts, four at a time in two lanes: a difference in one word of a lane always shows, for each step is reversible.
 */
export class RecordHash {
  high = 0;
  low = 0;

  /** Hashes record `i` of a batch; `bytes` is a view of the batch's buffer. */
  of(batch: LogBatch, bytes: DataView, i: number): void {
    const start = batch.starts[i];
    const end = batch.ends[i];
    const offset = batch.offsets[i];
    let a = Math.imul((offset % 0x100000000) ^ (end - start), PRIME_1);
    let b = Math.imul(Math.floor(offset / 0x100000000) + 1, PRIME_2);
    if (batch.untimed?.[i] !== 1) {
      const ms = batch.timestamps[i];
      a = Math.imul(a ^ (ms % 0x100000000), PRIME_1);
      b = Math.imul(b ^ batch.nanos[i] ^ (Math.floor(ms / 0x100000000) << 20), PRIME_2);
    }
    a ^= batch.streams[i];
    let at = start;
    for (; at < end - 7; at += 8) {
      a = Math.imul(a ^ bytes.getUint32(at, true), PRIME_1);
      b = Math.imul(b ^ bytes.getUint32(at + 4, true), PRIME_2);
      a = (a << 13) | (a >>> 19);
      b = (b << 15) | (b >>> 17);
    }
    for (; at < end; at++) {
      a = Math.imul(a ^ bytes.getUint8(at), PRIME_1);
      a = (a << 13) | (a >>> 19);
    }
    // Each word shows in every bit of the result.
    a = mixed(a ^ ((b << 7) | (b >>> 25)));
    b = mixed(b ^ a);
    this.high = a;
    this.low = b;
  }
}

/** The finalizer of MurmurHash3. */
function mixed(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
