import { wordsOf } from '../../model/sample.ts';

/**
 * A sealed run of up to 255 samples of one series in a byte arena, values and times packed apart:
 *
 *   0 f64 place of the series' chunk before, -1 for none     24 u8 samples   25 u8 kind of times
 *   8 f64 time of the first sample                           26 u8 kind of values   27 u8 decimal exponent
 *  16 f64 base of the values (bits of the only one)          28 i32 step of the times, ms
 *  32 … times: nothing, or what each is off `first + i * step`, then values, both padded to 8 bytes
 *
 * Values that are whole numbers, or have up to three decimals, are kept as their distance from the smallest: 0, 1, 2 or
 * 4 bytes each; all others as they are. Times are kept as they are where their spread needs 8 bytes.
 * Invariant: decoding returns the same bits. Counters and sizes take 2–3 bytes a sample.
 */
const CHUNK_HEADER = 32;

const RAW = 8;
const SCALES = [1, 10, 100, 1000];

/** The same bytes under the types that chunks need. */
export interface ArenaSegment {
  readonly f64: Float64Array;
  readonly words: Uint32Array;
  readonly i32: Int32Array;
  readonly i16: Int16Array;
  readonly u16: Uint16Array;
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
}

export function createSegment(bytes: number): ArenaSegment {
  const buffer = new ArrayBuffer(bytes);
  return {
    f64: new Float64Array(buffer),
    words: new Uint32Array(buffer),
    i32: new Int32Array(buffer),
    i16: new Int16Array(buffer),
    u16: new Uint16Array(buffer),
    i8: new Int8Array(buffer),
    u8: new Uint8Array(buffer),
  };
}

/** The most that `count` samples can take. */
export function worstChunkSize(count: number): number {
  return CHUNK_HEADER + padded(count * RAW) * 2;
}

/** Writes samples `from … from+count` at byte `at` of the segment; returns the bytes taken. */
export function encodeChunk(
  segment: ArenaSegment,
  at: number,
  previous: number,
  times: Float64Array,
  values: Float64Array,
  from: number,
  count: number,
): number {
  segment.f64[at / 8] = previous;
  segment.f64[at / 8 + 1] = times[from];
  segment.u8[at + 24] = count;
  const timesEnd = encodeTimes(segment, at, times, from, count);
  return encodeValues(segment, at, timesEnd, values, from, count) - at;
}

function encodeTimes(segment: ArenaSegment, at: number, times: Float64Array, from: number, count: number): number {
  const first = times[from];
  const step = count < 2 ? 0 : Math.min(0x7fffffff, Math.round((times[from + count - 1] - first) / (count - 1)));
  segment.i32[(at + 28) / 4] = step;
  let off = 0;
  for (let i = 0; i < count; i++) off = Math.max(off, Math.abs(times[from + i] - first - i * step));
  const payload = at + CHUNK_HEADER;
  const width = off === 0 ? 0 : off < 128 ? 1 : off < 32_768 ? 2 : off < 2_147_483_648 ? 4 : RAW;
  segment.u8[at + 25] = width;
  if (width === 0) return payload;
  const column = width === 1 ? segment.i8 : width === 2 ? segment.i16 : segment.i32;
  if (width === RAW) segment.f64.set(times.subarray(from, from + count), payload / RAW);
  else for (let i = 0; i < count; i++) column[payload / width + i] = times[from + i] - first - i * step;
  return payload + padded(count * width);
}

function encodeValues(
  segment: ArenaSegment,
  at: number,
  payload: number,
  values: Float64Array,
  from: number,
  count: number,
): number {
  const words = wordsOf(values);
  if (sameBits(words, from, count)) {
    segment.words[at / 4 + 4] = words[2 * from];
    segment.words[at / 4 + 5] = words[2 * from + 1];
    segment.u8[at + 26] = 0;
    return payload;
  }
  const exponent = exponentOf(values, words, from, count);
  if (exponent >= 0) {
    const scale = SCALES[exponent];
    let low = Infinity;
    let high = -Infinity;
    for (let i = from; i < from + count; i++) {
      const scaled = Math.round(values[i] * scale);
      if (scaled < low) low = scaled;
      if (scaled > high) high = scaled;
    }
    const spread = high - low;
    const width = spread < 256 ? 1 : spread < 65_536 ? 2 : spread < 2_147_483_648 ? 4 : RAW;
    if (width < RAW) {
      segment.f64[at / 8 + 2] = low;
      segment.u8[at + 26] = width;
      segment.u8[at + 27] = exponent;
      const column = width === 1 ? segment.u8 : width === 2 ? segment.u16 : segment.i32;
      for (let i = 0; i < count; i++) column[payload / width + i] = Math.round(values[from + i] * scale) - low;
      return payload + padded(count * width);
    }
  }
  segment.u8[at + 26] = RAW;
  segment.words.set(words.subarray(2 * from, 2 * (from + count)), payload / 4);
  return payload + count * RAW;
}

function sameBits(words: Uint32Array, from: number, count: number): boolean {
  for (let i = from + 1; i < from + count; i++) {
    if (words[2 * i] !== words[2 * from] || words[2 * i + 1] !== words[2 * from + 1]) return false;
  }
  return true;
}

/** The fewest decimals under which every value comes back bit for bit, or -1: NaN, infinities, -0 and long fractions. */
function exponentOf(values: Float64Array, words: Uint32Array, from: number, count: number): number {
  let exponent = 0;
  let highest = 0;
  for (let i = from; i < from + count; i++) {
    const value = values[i];
    highest = Math.max(highest, Math.abs(value));
    if (value === 0 && words[2 * i + 1] !== 0) return -1;
    while (!survives(value, exponent)) if (++exponent === SCALES.length) return -1;
  }
  if (highest * SCALES[exponent] >= Number.MAX_SAFE_INTEGER) return -1;
  // A value that survives with one decimal need not survive with three: near 2^42 the product is rounded.
  for (let i = from; i < from + count; i++) if (!survives(values[i], exponent)) return -1;
  return exponent;
}

/** Whether a value comes back as it was after it was kept with `exponent` decimals. */
function survives(value: number, exponent: number): boolean {
  return Math.round(value * SCALES[exponent]) / SCALES[exponent] === value;
}

export function chunkCount(segment: ArenaSegment, at: number): number {
  return segment.u8[at + 24];
}

export function chunkPrevious(segment: ArenaSegment, at: number): number {
  return segment.f64[at / 8];
}

export function chunkFirstTime(segment: ArenaSegment, at: number): number {
  return segment.f64[at / 8 + 1];
}

/** Appends the samples with `start <= t <= end` to the columns at `out`; returns their end. */
export function decodeChunk(
  segment: ArenaSegment,
  at: number,
  start: number,
  end: number,
  times: Float64Array,
  values: Float64Array,
  words: Uint32Array,
  out: number,
): number {
  const count = segment.u8[at + 24];
  const first = segment.f64[at / 8 + 1];
  const step = segment.i32[(at + 28) / 4];
  const timeWidth = segment.u8[at + 25];
  const payload = at + CHUNK_HEADER;
  const valuePayload = payload + padded(count * timeWidth);
  let from = count;
  let to = out;
  const off =
    timeWidth === 1 ? segment.i8 : timeWidth === 2 ? segment.i16 : timeWidth === 4 ? segment.i32 : segment.f64;
  const offAt = timeWidth === 0 ? 0 : payload / timeWidth;
  for (let i = 0; i < count; i++) {
    const time = timeWidth === RAW ? off[offAt + i] : first + i * step + (timeWidth === 0 ? 0 : off[offAt + i]);
    if (time < start) continue;
    if (time > end) break;
    if (from === count) from = i;
    times[to++] = time;
  }
  decodeValues(segment, at, valuePayload, from, to - out, values, words, out);
  return to;
}

function decodeValues(
  segment: ArenaSegment,
  at: number,
  payload: number,
  from: number,
  count: number,
  values: Float64Array,
  words: Uint32Array,
  out: number,
): void {
  const width = segment.u8[at + 26];
  if (width === RAW || width === 0) {
    const step = width === 0 ? 0 : 2;
    let place = width === 0 ? at / 4 + 4 : payload / 4 + 2 * from;
    for (let i = 2 * out; i < 2 * (out + count); i += 2, place += step) {
      words[i] = segment.words[place];
      words[i + 1] = segment.words[place + 1];
    }
    return;
  }
  const low = segment.f64[at / 8 + 2];
  const scale = SCALES[segment.u8[at + 27]];
  const column = width === 1 ? segment.u8 : width === 2 ? segment.u16 : segment.i32;
  const place = payload / width + from;
  for (let i = 0; i < count; i++) values[out + i] = (low + column[place + i]) / scale;
}

function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}
