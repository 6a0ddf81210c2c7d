import { putVarint } from '../../lib/protobuf/varint.ts';

/** Samples of a chunk, as many as Prometheus puts into one. */
export const CHUNK_SAMPLES = 120;

/** A sample takes 68 bits for its time and 77 for its value at most. */
const MOST_BYTES = 2 + 20 + 8 + CHUNK_SAMPLES * 19;

/**
 * Samples `from` up to `to` (at most `CHUNK_SAMPLES`) in Prometheus' XOR encoding: differences of differences of times, values
 * by the bits in which they differ from the one before. `words` holds the values by two words each, the lower first.
 * Source: prometheus/tsdb/docs/format/chunks.md, "XOR chunk data"; Pelkonen et al., "Gorilla", 2015.
 */
export function xorChunk(timestamps: Float64Array, words: Uint32Array, from: number, to: number): Uint8Array {
  const out = new BitWriter(MOST_BYTES);
  out.bits(to - from, 16);
  let high = words[2 * from + 1];
  let low = words[2 * from];
  out.varint(zigzag(timestamps[from]));
  out.bits(high, 32);
  out.bits(low, 32);
  let delta = 0;
  // The bits of the last value written in full: how many zeros stand before them, and behind.
  let before = 64;
  let behind = 64;
  for (let i = from + 1; i < to; i++) {
    const next = timestamps[i] - timestamps[i - 1];
    if (i === from + 1) out.varint(next);
    else putDifference(out, next - delta);
    delta = next;

    const changedHigh = words[2 * i + 1] ^ high;
    const changedLow = words[2 * i] ^ low;
    high = words[2 * i + 1];
    low = words[2 * i];
    if (changedHigh === 0 && changedLow === 0) {
      out.bits(0, 1);
      continue;
    }
    const leading = Math.min(31, changedHigh === 0 ? 32 + Math.clz32(changedLow) : Math.clz32(changedHigh));
    const trailing = changedLow === 0 ? 32 + trailingZeros(changedHigh) : trailingZeros(changedLow);
    if (before <= leading && behind <= trailing) out.bits(0b10, 2);
    else {
      before = leading;
      behind = trailing;
      const length = 64 - before - behind;
      out.bits(0b11, 2);
      out.bits(before, 5);
      // 64 does not fit, and stands as 0.
      out.bits(length & 63, 6);
    }
    putMiddle(out, changedHigh, changedLow, before, behind);
  }
  return out.bytes();
}

/** 64-bit whole numbers of any sign, small ones in few bytes. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function putDifference(out: BitWriter, difference: number): void {
  if (difference === 0) out.bits(0, 1);
  else if (fits(difference, 14)) putPrefixed(out, 0b10, 2, difference, 14);
  else if (fits(difference, 17)) putPrefixed(out, 0b110, 3, difference, 17);
  else if (fits(difference, 20)) putPrefixed(out, 0b1110, 4, difference, 20);
  else {
    out.bits(0b1111, 4);
    out.bits(Math.floor(difference / 2 ** 32), 32);
    out.bits(difference, 32);
  }
}

function putPrefixed(out: BitWriter, prefix: number, prefixBits: number, value: number, bits: number): void {
  out.bits(prefix, prefixBits);
  out.bits(value, bits);
}

function fits(value: number, bits: number): boolean {
  return value > -(2 ** (bits - 1)) && value <= 2 ** (bits - 1);
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** What stands between so many bits `before` and `behind`. */
function putMiddle(out: BitWriter, high: number, low: number, before: number, behind: number): void {
  const length = 64 - before - behind;
  if (behind >= 32) return out.bits(high >>> (behind - 32), length);
  const lower = behind === 0 ? low : (low >>> behind) | (high << (32 - behind));
  if (length <= 32) return out.bits(lower, length);
  out.bits(high >>> behind, length - 32);
  out.bits(lower, 32);
}

class BitWriter {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Bits that are not in `#bytes` yet, from the highest down. */
  #word = 0;
  #free = 32;

  constructor(bytes: number) {
    this.#bytes = new Uint8Array(bytes);
  }

  /** The lowest `count` (1 to 32) bits of a whole number, the highest of them first. */
  bits(value: number, count: number): void {
    const own = count === 32 ? value >>> 0 : value & ((1 << count) - 1);
    const over = count - this.#free;
    if (over < 0) {
      this.#word |= own << -over;
      this.#free = -over;
      return;
    }
    this.#word |= own >>> over;
    this.#put(4);
    this.#free = 32 - over;
    this.#word = over === 0 ? 0 : own << this.#free;
  }

  /** Only between whole bytes. */
  varint(value: number): void {
    this.#flush();
    this.#at = putVarint(this.#bytes, this.#at, value);
  }

  bytes(): Uint8Array {
    this.#flush();
    return this.#bytes.subarray(0, this.#at);
  }

  #flush(): void {
    this.#put((39 - this.#free) >> 3);
    this.#word = 0;
    this.#free = 32;
  }

  #put(bytes: number): void {
    for (let i = 0; i < bytes; i++) this.#bytes[this.#at++] = this.#word >>> (24 - 8 * i);
  }
}
