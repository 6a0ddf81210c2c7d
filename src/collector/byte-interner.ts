/**
 * Numbers byte strings: each distinct one gets the next number, from 0, and keeps it.
 *
 *     bytes   │cpu{mode="idle"}│cpu{mode="user"}│…      every string once, back to back
 *     starts  │0               │16              │…      by number
 *     table   │ · 1 · · 0 · ·  open addressing by hash, number + 1, 0 = free; at most half full
 *
 * Costs the bytes plus about 20 bytes a string; nothing can be taken out, a full table is built anew by its owner.
 * `bytes`, `starts` and `lengths` may be replaced by a larger copy at each `add`: readers in a loop fetch them again.
 */
export class ByteInterner {
  bytes: Buffer;
  starts: Uint32Array;
  lengths: Uint32Array;
  count = 0;
  #used = 0;
  #hashes: Int32Array;
  #table: Int32Array;

  constructor(expected = 64, expectedBytes = 4096) {
    const capacity = Math.max(64, expected);
    this.bytes = Buffer.allocUnsafeSlow(Math.max(4096, expectedBytes));
    this.starts = new Uint32Array(capacity);
    this.lengths = new Uint32Array(capacity);
    this.#hashes = new Int32Array(capacity);
    this.#table = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2)));
  }

  /** The number of the string `source[from, to)`, -1 where it is new. */
  find(source: Buffer, from: number, to: number): number {
    const place = this.#placeOf(source, from, to, hashOf(source, from, to));
    return this.#table[place] - 1;
  }

  /** The number of the string, given it now where it is new. */
  add(source: Buffer, from: number, to: number): number {
    const hash = hashOf(source, from, to);
    const place = this.#placeOf(source, from, to, hash);
    if (this.#table[place] > 0) return this.#table[place] - 1;
    const number = this.count++;
    this.#makeRoom(to - from);
    source.copy(this.bytes, this.#used, from, to);
    this.starts[number] = this.#used;
    this.lengths[number] = to - from;
    this.#hashes[number] = hash;
    this.#used += to - from;
    this.#table[place] = number + 1;
    if (this.count * 2 > this.#table.length) this.#rehash();
    return number;
  }

  #placeOf(source: Buffer, from: number, to: number, hash: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    for (let place = (hash ^ (hash >>> 15)) & mask; ; place = (place + 1) & mask) {
      const number = table[place] - 1;
      if (number < 0) return place;
      if (this.#hashes[number] === hash && this.#equals(number, source, from, to)) return place;
    }
  }

  #equals(number: number, source: Buffer, from: number, to: number): boolean {
    const start = this.starts[number];
    const length = this.lengths[number];
    return length === to - from && source.compare(this.bytes, start, start + length, from, to) === 0;
  }

  #makeRoom(bytes: number): void {
    if (this.#used + bytes > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.ceil((this.#used + bytes) * 1.5));
      this.bytes.copy(larger, 0, 0, this.#used);
      this.bytes = larger;
    }
    if (this.count > this.starts.length) {
      this.starts = grown(this.starts, new Uint32Array(this.count * 2));
      this.lengths = grown(this.lengths, new Uint32Array(this.count * 2));
      this.#hashes = grown(this.#hashes, new Int32Array(this.count * 2));
    }
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let number = 0; number < this.count; number++) {
      const hash = this.#hashes[number];
      let place = (hash ^ (hash >>> 15)) & mask;
      while (table[place] > 0) place = (place + 1) & mask;
      table[place] = number + 1;
    }
    this.#table = table;
  }
}

/** Copies a full column into a larger one. */
export function grown<T extends Uint32Array | Int32Array | Float64Array | Uint8Array>(column: T, larger: T): T {
  larger.set(column);
  return larger;
}

/** FNV-1a. */
function hashOf(source: Buffer, from: number, to: number): number {
  let hash = -2128831035;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ source[i], 16777619);
  return hash;
}
