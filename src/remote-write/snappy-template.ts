import type { Labels } from '../model/labels.ts';
import { TIMESTAMP_BYTES, putVarint, varintLength } from '../lib/protobuf/varint.ts';

/** 8 value bytes, the tag of the timestamp, the timestamp. */
const HOLE = 8 + 1 + TIMESTAMP_BYTES;
const TIMESTAMP_TAG = 0x10;
const TABLE_BITS = 14;
const WINDOW = 65_536;

/**
 * A WriteRequest of one sample a series, already compressed, in which only values and times are still to be filled in.
 *
 *     ┌ length ┬ literal/copies: labels of series 0 ┬ literal: value₀ tag time₀ ┬ labels of series 1 ┬ literal: value₁ …
 *                                                     ▲ slots[0]                                      ▲ slots[1]
 *
 * The samples stand in the snappy block as literals of fixed length, and no copy ever refers to one. So each scrape
 * patches 14 bytes a series and neither encodes labels nor compresses.
 */
export interface SnappyTemplate {
  readonly bytes: Buffer;
  /** Where the value of series `i` begins; its time stands 9 bytes further. */
  readonly slots: Uint32Array;
}

export const TIME_AFTER_VALUE = 9;

/** @param labels of each series, in the order in which they are written. */
export function buildTemplate(labels: readonly Labels[]): SnappyTemplate {
  const heads = labels.map(encodeHead);
  const { raw, holes } = layOut(heads);
  return compressAround(raw, holes);
}

/** A TimeSeries record with one sample, up to the value: its labels, then the tags and lengths that lead to the hole. */
function encodeHead(labels: Labels): Buffer {
  const parts: { name: Buffer; value: Buffer; length: number }[] = [];
  let total = 0;
  for (const [name, value] of labels.entries()) {
    const nameBytes = Buffer.from(name);
    const valueBytes = Buffer.from(value);
    const length =
      2 + varintLength(nameBytes.length) + nameBytes.length + varintLength(valueBytes.length) + valueBytes.length;
    parts.push({ name: nameBytes, value: valueBytes, length });
    total += 1 + varintLength(length) + length;
  }
  const record = total + 3 + HOLE;
  const out = Buffer.allocUnsafe(1 + varintLength(record) + total + 3);
  let at = 0;
  out[at++] = 0x0a;
  at = putVarint(out, at, record);
  for (const { name, value, length } of parts) {
    out[at++] = 0x0a;
    at = putVarint(out, at, length);
    out[at++] = 0x0a;
    at = putVarint(out, at, name.length);
    at += name.copy(out, at);
    out[at++] = 0x12;
    at = putVarint(out, at, value.length);
    at += value.copy(out, at);
  }
  out[at++] = 0x12;
  out[at++] = HOLE + 1;
  out[at] = 0x09;
  return out;
}

function layOut(heads: readonly Buffer[]): { raw: Buffer; holes: Uint32Array } {
  const raw = Buffer.alloc(heads.reduce((sum, head) => sum + head.length + HOLE, 0));
  const holes = new Uint32Array(heads.length);
  let at = 0;
  heads.forEach((head, i) => {
    at += head.copy(raw, at);
    holes[i] = at;
    raw[at + 8] = TIMESTAMP_TAG;
    at += HOLE;
  });
  return { raw, holes };
}

/**
 * Snappy block format (google/snappy format_description.txt) over `raw`, where the bytes of each hole are a literal of
 * their own. Matches are sought in the stretches between holes only; `segmentEnd` keeps a match from running into a hole.
 */
function compressAround(raw: Buffer, holes: Uint32Array): SnappyTemplate {
  // The worst case: three bytes of literal head for each stretch, one for each hole.
  const out = new BlockWriter(raw, raw.length + Math.ceil(raw.length / 6) + holes.length * 4 + 16);
  const candidates = new Int32Array(1 << TABLE_BITS).fill(-1);
  const segmentEnd = new Uint32Array(1 << TABLE_BITS);
  const slots = new Uint32Array(holes.length);
  let start = 0;
  for (let k = 0; k < holes.length; k++) {
    const end = holes[k];
    let literal = start;
    let at = start;
    while (at + 4 <= end) {
      const word = raw.readUInt32LE(at);
      const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - TABLE_BITS);
      const candidate = candidates[slot];
      const limit = segmentEnd[slot];
      candidates[slot] = at;
      segmentEnd[slot] = end;
      if (candidate < 0 || at - candidate >= WINDOW || candidate + 4 > limit || raw.readUInt32LE(candidate) !== word) {
        at++;
        continue;
      }
      let length = 4;
      const longest = Math.min(end - at, limit - candidate);
      while (length < longest && raw[candidate + length] === raw[at + length]) length++;
      out.literal(literal, at);
      out.copy(at - candidate, length);
      at += length;
      literal = at;
    }
    out.literal(literal, end);
    slots[k] = out.hole(end, end + HOLE);
    start = end + HOLE;
  }
  return { bytes: out.finish(), slots };
}

class BlockWriter {
  readonly #raw: Buffer;
  readonly #out: Buffer;
  #at: number;

  constructor(raw: Buffer, capacity: number) {
    this.#raw = raw;
    this.#out = Buffer.alloc(capacity);
    this.#at = putVarint(this.#out, 0, raw.length);
  }

  literal(start: number, end: number): void {
    // A literal's length field is kept to two bytes.
    for (let from = start; from < end; from += WINDOW) this.#literal(from, Math.min(end, from + WINDOW));
  }

  #literal(start: number, end: number): void {
    const out = this.#out;
    const n = end - start - 1;
    if (n < 60) {
      out[this.#at++] = n << 2;
    } else if (n < 256) {
      out[this.#at++] = 60 << 2;
      out[this.#at++] = n;
    } else {
      out[this.#at++] = 61 << 2;
      out[this.#at++] = n & 255;
      out[this.#at++] = n >> 8;
    }
    this.#at += this.#raw.copy(out, this.#at, start, end);
  }

  /** A literal whose place is answered, so that it can be patched. */
  hole(start: number, end: number): number {
    this.#literal(start, end);
    return this.#at - (end - start);
  }

  copy(offset: number, length: number): void {
    const out = this.#out;
    for (let left = length; left > 0;) {
      if (left >= 4 && left < 12 && offset < 2048) {
        out[this.#at++] = ((offset >> 8) << 5) | ((left - 4) << 2) | 1;
        out[this.#at++] = offset & 255;
        return;
      }
      // Never leave fewer than four bytes for the last copy: the short form needs as many.
      const now = left > 64 ? (left < 68 ? 60 : 64) : left;
      out[this.#at++] = ((now - 1) << 2) | 2;
      out[this.#at++] = offset & 255;
      out[this.#at++] = offset >> 8;
      left -= now;
    }
  }

  finish(): Buffer {
    return Buffer.from(this.#out.subarray(0, this.#at));
  }
}
