import type { ArenaSegment } from './chunk.ts';
import {
  chunkCount,
  chunkFirstTime,
  chunkPrevious,
  createSegment,
  decodeChunk,
  encodeChunk,
  worstChunkSize,
} from './chunk.ts';
import { wordsOf } from '../../model/sample.ts';
import { grown } from '../series/registry.ts';

/** Bytes that an arena takes from the system at a time. */
export const SEGMENT_BYTES = 1 << 20;

/**
 * Sealed chunks (chunk.ts) of many series, each pointing at the one before it of its series.
 * Segments of 1 MiB are filled one after another, and the oldest is dropped whole. A place in the arena is a number that
 * only grows, so a chunk that points into a dropped segment is known to be the last.
 */
export class ChunkArena {
  /** Place of each series' newest chunk, -1 for none. */
  #newest = new Float64Array(0);
  #segments: { data: ArenaSegment; used: number; maxTime: number }[] = [];
  #firstSegment = 0;

  get bytes(): number {
    return this.#segments.length * SEGMENT_BYTES;
  }

  get segments(): number {
    return this.#segments.length;
  }

  /** Newest time in the oldest segment; Infinity where there is none. */
  get oldestSegmentTime(): number {
    return this.#segments.length === 0 ? Infinity : this.#segments[0].maxTime;
  }

  /** Whether a chunk of so many samples begins a new segment. */
  isFull(count: number): boolean {
    const segment = this.#segments.at(-1);
    return segment === undefined || segment.used + worstChunkSize(count) > SEGMENT_BYTES;
  }

  /** Whether the series ever had a chunk, be it dropped since. */
  has(series: number): boolean {
    return series < this.#newest.length && this.#newest[series] >= 0;
  }

  /** Seals up to 255 samples, which are newer than all the series has here. */
  append(series: number, times: Float64Array, values: Float64Array, from: number, count: number): void {
    if (series >= this.#newest.length) {
      this.#newest = grown(this.#newest, series + 1024).fill(-1, this.#newest.length);
    }
    if (this.isFull(count)) {
      this.#segments.push({ data: createSegment(SEGMENT_BYTES), used: 0, maxTime: -Infinity });
    }
    const segment = this.#segments[this.#segments.length - 1];
    const place = (this.#firstSegment + this.#segments.length - 1) * SEGMENT_BYTES + segment.used;
    segment.used += encodeChunk(segment.data, segment.used, this.#newest[series], times, values, from, count);
    segment.maxTime = Math.max(segment.maxTime, times[from + count - 1]);
    this.#newest[series] = place;
  }

  /** Puts the places of the series' chunks back to `from` on the stack, newest first; answers the samples in them. */
  collect(series: number, from: number, stack: number[]): number {
    if (series >= this.#newest.length) return 0;
    let count = 0;
    for (let place = this.#newest[series]; this.#alive(place);) {
      const data = this.#segmentAt(place).data;
      const at = place % SEGMENT_BYTES;
      stack.push(place);
      count += chunkCount(data, at);
      if (chunkFirstTime(data, at) <= from) break;
      place = chunkPrevious(data, at);
    }
    return count;
  }

  /** Appends the samples of a chunk with `start <= t <= end` to the columns at `out`; answers where it ended. */
  decode(
    place: number,
    start: number,
    end: number,
    times: Float64Array,
    values: Float64Array,
    words: Uint32Array,
    out: number,
  ): number {
    return decodeChunk(this.#segmentAt(place).data, place % SEGMENT_BYTES, start, end, times, values, words, out);
  }

  /** Time of the last sample in the series' newest chunk; -Infinity where that is gone. */
  lastTime(series: number): number {
    if (!this.has(series) || !this.#alive(this.#newest[series])) return -Infinity;
    const count = this.decode(this.#newest[series], -Infinity, Infinity, SCRATCH, SCRATCH_VALUES, SCRATCH_WORDS, 0);
    return SCRATCH[count - 1];
  }

  /** Drops the oldest segment; answers the newest time in it. */
  drop(): number {
    this.#firstSegment++;
    return this.#segments.shift()?.maxTime ?? -Infinity;
  }

  forget(series: number): void {
    if (series < this.#newest.length) this.#newest[series] = -1;
  }

  clear(): void {
    this.#firstSegment += this.#segments.length;
    this.#segments = [];
    this.#newest.fill(-1);
  }

  #alive(place: number): boolean {
    return place >= this.#firstSegment * SEGMENT_BYTES;
  }

  #segmentAt(place: number) {
    return this.#segments[Math.floor(place / SEGMENT_BYTES) - this.#firstSegment];
  }
}

const SCRATCH = new Float64Array(256);
const SCRATCH_VALUES = new Float64Array(256);
const SCRATCH_WORDS = wordsOf(SCRATCH_VALUES);
