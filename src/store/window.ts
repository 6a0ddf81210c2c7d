import type { FloatHistogram } from '../model/sample.ts';
import { wordsOf } from '../model/sample.ts';
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
import type { ColumnBuilder } from './column-builder.ts';
import { LateSamples } from './late-samples.ts';
import { RecentHistograms } from './recent-histograms.ts';
import { grown } from './registry.ts';

const SLOT = 32;
const SLAB_SLOTS = 1024;
const SEGMENT_BYTES = 1 << 20;

interface Slab {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly words: Uint32Array;
}

/**
 * The newest samples of every series, in memory, so that rules and recent panels read no disk.
 *
 *   series ─▶ slot of 32 samples, plain columns (slabs of 1024 slots)
 *          ─▶ sealed chunks in the arena (chunk.ts), newest first, each pointing at the one before
 *   arena  = segments of 1 MiB, filled one after another; the oldest segment is dropped whole when memory or age asks
 *
 * Invariant: every sample with a time past `floor`, of every series, is here. Dropping a segment lifts `floor` to the
 * newest time in it. So a query splits cleanly: up to `floor` from disk, past it from here, and nothing twice.
 * Price: 512 bytes for a series' slot and 3–5 bytes a sample behind it; reading decodes, a copy of what was asked for.
 */
export class MemoryWindow {
  #floor: number;
  readonly #bytes: number;
  #slabs: Slab[] = [];
  #freeSlots: number[] = [];
  #slotOf = new Int32Array(0);
  #fill = new Uint8Array(0);
  #newest = new Float64Array(0);
  #segments: { data: ArenaSegment; used: number; maxTime: number }[] = [];
  #firstSegment = 0;
  readonly #late = new LateSamples();
  readonly #histograms = new RecentHistograms();
  readonly #stack: number[] = [];

  constructor(options: { readonly floor: number; readonly bytes: number }) {
    this.#floor = options.floor;
    this.#bytes = options.bytes;
  }

  /** Milliseconds: everything past it is here. */
  get floor(): number {
    return this.#floor;
  }

  get bytes(): number {
    return (
      this.#segments.length * SEGMENT_BYTES +
      this.#slabs.length * SLAB_SLOTS * SLOT * 16 +
      this.#late.bytes +
      this.#histograms.bytes
    );
  }

  get lateSamples(): number {
    return this.#late.count;
  }

  /** Adds sample `i` of the columns. One at or before the floor is left to the disk. */
  add(series: number, time: number, words: Uint32Array, i: number): void {
    if (time <= this.#floor) return;
    const slot = this.#slot(series);
    const slab = this.#slabs[Math.floor(slot / SLAB_SLOTS)];
    const base = (slot % SLAB_SLOTS) * SLOT;
    let fill = this.#fill[slot];
    if (fill > 0 && time <= slab.times[base + fill - 1]) return this.#addBehind(series, slot, time, words, i);
    if (fill === 0 && this.#newest[series] >= 0 && time <= this.#sealedEnd(series)) {
      return this.#late.add(series, time, words, i);
    }
    if (fill === SLOT) {
      this.#seal(series, slot);
      fill = 0;
    }
    slab.times[base + fill] = time;
    slab.words[2 * (base + fill)] = words[2 * i];
    slab.words[2 * (base + fill) + 1] = words[2 * i + 1];
    this.#fill[slot] = fill + 1;
  }

  /** Adds a histogram; the float beside it is a placeholder. */
  addHistogram(series: number, time: number, histogram: FloatHistogram): void {
    if (time <= this.#floor) return;
    this.add(series, time, PLACEHOLDER, 0);
    this.#histograms.add(series, time, histogram);
  }

  /** Time of the series' newest sample here, or -Infinity. */
  lastTime(series: number): number {
    const slot = series < this.#slotOf.length ? this.#slotOf[series] : -1;
    if (slot >= 0 && this.#fill[slot] > 0) {
      return this.#slabs[Math.floor(slot / SLAB_SLOTS)].times[(slot % SLAB_SLOTS) * SLOT + this.#fill[slot] - 1];
    }
    return series < this.#newest.length && this.#newest[series] >= 0 ? this.#sealedEnd(series) : -Infinity;
  }

  /** Writes the series' samples in `start <= t <= end` behind `builder.at`; answers how many. */
  read(series: number, start: number, end: number, builder: ColumnBuilder): number {
    if (series >= this.#slotOf.length) return 0;
    const from = Math.max(start, this.#floor + 1);
    const slot = this.#slotOf[series];
    const fill = slot < 0 ? 0 : this.#fill[slot];
    const base = (slot % SLAB_SLOTS) * SLOT;
    const slab = slot < 0 ? undefined : this.#slabs[Math.floor(slot / SLAB_SLOTS)];
    let room = fill + this.#late.countOf(series);
    const stack = this.#stack;
    stack.length = 0;
    if (slab === undefined || fill === 0 || slab.times[base] > from) {
      for (let place = this.#newest[series]; this.#alive(place);) {
        const data = this.#segmentAt(place).data;
        const at = place % SEGMENT_BYTES;
        stack.push(place);
        room += chunkCount(data, at);
        if (chunkFirstTime(data, at) <= from) break;
        place = chunkPrevious(data, at);
      }
    }
    if (room === 0) return 0;
    builder.reserve(room);
    const { times, values, words } = builder;
    let out = builder.at;
    for (let i = stack.length - 1; i >= 0; i--) {
      out = decodeChunk(this.#segmentAt(stack[i]).data, stack[i] % SEGMENT_BYTES, from, end, times, values, words, out);
    }
    if (slab !== undefined && fill > 0) out = copySlot(slab, base, fill, from, end, times, words, out);
    out = this.#late.merge(series, from, end, builder, out);
    return out - builder.at;
  }

  /** The histograms of a series at the given times, or undefined where it has none. */
  histograms(series: number, times: Float64Array): (FloatHistogram | undefined)[] | undefined {
    return this.#histograms.at(series, times);
  }

  /** Gives memory back: what is older than `oldest`, and whatever goes past the budget. */
  trim(oldest: number): void {
    this.#sealIdle(oldest);
    while (this.#segments.length > 0 && (this.#segments[0].maxTime < oldest || this.bytes > this.#bytes)) {
      this.#dropSegment();
    }
    if (this.bytes > this.#bytes) this.#dropSlots();
    this.#late.drop(this.#floor);
    this.#histograms.drop(this.#floor);
  }

  /** Forgets all up to `floor`, which the disk then answers for. */
  reset(floor: number): void {
    this.#firstSegment += this.#segments.length;
    this.#segments = [];
    this.#slabs = [];
    this.#freeSlots = [];
    this.#slotOf.fill(-1);
    this.#newest.fill(-1);
    this.#fill = new Uint8Array(0);
    this.#late.drop(Infinity);
    this.#histograms.drop(Infinity);
    this.#floor = floor;
  }

  /** The number will stand for another series. */
  forget(series: number): void {
    if (series >= this.#slotOf.length) return;
    const slot = this.#slotOf[series];
    if (slot >= 0) this.#release(series, slot);
    this.#newest[series] = -1;
    this.#histograms.forget(series);
    this.#late.forget(series);
  }

  #slot(series: number): number {
    if (series >= this.#slotOf.length) {
      const before = this.#slotOf.length;
      this.#slotOf = grown(this.#slotOf, series + 1024).fill(-1, before);
      this.#newest = grown(this.#newest, series + 1024).fill(-1, before);
    }
    const known = this.#slotOf[series];
    if (known >= 0) return known;
    if (this.#freeSlots.length === 0) this.#addSlab();
    const slot = this.#freeSlots.pop() ?? 0;
    this.#slotOf[series] = slot;
    this.#fill[slot] = 0;
    return slot;
  }

  #addSlab(): void {
    const first = this.#slabs.length * SLAB_SLOTS;
    const values = new Float64Array(SLAB_SLOTS * SLOT);
    this.#slabs.push({ times: new Float64Array(SLAB_SLOTS * SLOT), values, words: wordsOf(values) });
    this.#fill = grown(this.#fill, first + SLAB_SLOTS);
    for (let slot = first + SLAB_SLOTS - 1; slot >= first; slot--) this.#freeSlots.push(slot);
  }

  #release(series: number, slot: number): void {
    this.#slotOf[series] = -1;
    this.#fill[slot] = 0;
    this.#freeSlots.push(slot);
  }

  #seal(series: number, slot: number): void {
    const fill = this.#fill[slot];
    let segment = this.#segments.at(-1);
    if (segment === undefined || segment.used + worstChunkSize(SLOT) > SEGMENT_BYTES) {
      while (this.#segments.length > 1 && this.bytes + SEGMENT_BYTES > this.#bytes) this.#dropSegment();
      segment = { data: createSegment(SEGMENT_BYTES), used: 0, maxTime: -Infinity };
      this.#segments.push(segment);
    }
    const slab = this.#slabs[Math.floor(slot / SLAB_SLOTS)];
    const base = (slot % SLAB_SLOTS) * SLOT;
    const previous = this.#newest[series];
    const place = (this.#firstSegment + this.#segments.length - 1) * SEGMENT_BYTES + segment.used;
    const size = encodeChunk(segment.data, segment.used, previous, slab.times, slab.values, base, fill);
    segment.used += size;
    segment.maxTime = Math.max(segment.maxTime, slab.times[base + fill - 1]);
    this.#newest[series] = place;
    this.#fill[slot] = 0;
  }

  #dropSegment(): void {
    const dropped = this.#segments.shift();
    this.#firstSegment++;
    this.#floor = Math.max(this.#floor, dropped?.maxTime ?? this.#floor);
  }

  #sealIdle(oldest: number): void {
    for (let series = 0; series < this.#slotOf.length; series++) {
      const slot = this.#slotOf[series];
      if (slot < 0 || this.lastTime(series) >= oldest) continue;
      if (this.#fill[slot] > 0) this.#floor = Math.max(this.#floor, this.lastTime(series));
      this.#release(series, slot);
    }
  }

  /** More series than the budget can hold slots for: the disk has to serve all but what comes from now on. */
  #dropSlots(): void {
    let newest = this.#floor;
    for (let series = 0; series < this.#slotOf.length; series++) newest = Math.max(newest, this.lastTime(series));
    this.reset(newest);
  }

  #alive(place: number): boolean {
    return place >= this.#firstSegment * SEGMENT_BYTES;
  }

  #segmentAt(place: number) {
    return this.#segments[Math.floor(place / SEGMENT_BYTES) - this.#firstSegment];
  }

  /** Time of the last sample in the series' newest chunk; the floor where that is gone. */
  #sealedEnd(series: number): number {
    const place = this.#newest[series];
    if (!this.#alive(place)) return this.#floor;
    const { data } = this.#segmentAt(place);
    const count = decodeChunk(
      data,
      place % SEGMENT_BYTES,
      -Infinity,
      Infinity,
      SCRATCH,
      SCRATCH_VALUES,
      SCRATCH_WORDS,
      0,
    );
    return SCRATCH[count - 1];
  }

  /** A sample that is not newer than the slot's last: into its place in the slot where it fits, else among the late. */
  #addBehind(series: number, slot: number, time: number, words: Uint32Array, i: number): void {
    const slab = this.#slabs[Math.floor(slot / SLAB_SLOTS)];
    const base = (slot % SLAB_SLOTS) * SLOT;
    const end = base + this.#fill[slot];
    let at = end;
    while (at > base && slab.times[at - 1] > time) at--;
    if (at > base && slab.times[at - 1] === time) return;
    const beforeSlot = at === base && this.#newest[series] >= 0;
    if (beforeSlot || this.#fill[slot] === SLOT) return this.#late.add(series, time, words, i);
    slab.times.copyWithin(at + 1, at, end);
    slab.words.copyWithin(2 * at + 2, 2 * at, 2 * end);
    slab.times[at] = time;
    slab.words[2 * at] = words[2 * i];
    slab.words[2 * at + 1] = words[2 * i + 1];
    this.#fill[slot]++;
  }
}

const PLACEHOLDER = wordsOf(new Float64Array([Number.NaN]));
const SCRATCH = new Float64Array(256);
const SCRATCH_VALUES = new Float64Array(256);
const SCRATCH_WORDS = wordsOf(SCRATCH_VALUES);

function copySlot(
  slab: Slab,
  base: number,
  fill: number,
  start: number,
  end: number,
  times: Float64Array,
  words: Uint32Array,
  out: number,
): number {
  let from = base;
  let to = base + fill;
  while (from < to && slab.times[from] < start) from++;
  while (to > from && slab.times[to - 1] > end) to--;
  times.set(slab.times.subarray(from, to), out);
  words.set(slab.words.subarray(2 * from, 2 * to), 2 * out);
  return out + to - from;
}
