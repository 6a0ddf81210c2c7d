import type { FloatHistogram } from '../../model/sample.ts';
import { wordsOf } from '../../model/sample.ts';
import { ChunkArena, SEGMENT_BYTES } from './arena.ts';
import type { ColumnBuilder } from './column-builder.ts';
import { LateSamples } from './late-samples.ts';
import { ReloadedSamples } from './reloaded-samples.ts';
import { RecentHistograms } from './recent-histograms.ts';
import { grown } from '../series/registry.ts';
import { SLAB_SLOTS, SLOT, copySlot, createSlab, insertInSlot } from './slab.ts';
import type { Slab } from './slab.ts';
import { StartTimes } from './start-times.ts';

/**
 * The newest samples of every series, in memory, so that rules and recent panels read no disk.
 *
 *   series ─▶ slot of 32 samples, plain columns (slabs of 1024 slots)
 *          ─▶ sealed chunks in the arena (arena.ts); its oldest segment is dropped when memory or age asks
 *   before that: what was on disk when the store was opened (older-samples.ts), once it has been read back
 *
 * Invariant: every sample with a time past `floor`, of every series, is here, from the moment it was accepted. Dropping a
 * segment lifts `floor` to the newest time in it. So a query splits cleanly: up to `floor` from disk, past it from here,
 * and nothing twice. What is not committed yet may fall under the floor: who reads the disk waits for it (select.ts).
 * Price: 512 bytes for a series' slot and 3–5 bytes a sample behind it; reading decodes, a copy of what was asked for.
 */
export class MemoryWindow {
  #floor: number;
  #newestTime: number;
  readonly #bytes: number;
  #slabs: Slab[] = [];
  #freeSlots: number[] = [];
  #slotOf = new Int32Array(0);
  #fill = new Uint8Array(0);
  readonly #arena = new ChunkArena();
  readonly #late = new LateSamples();
  readonly #histograms = new RecentHistograms();
  readonly #starts = new StartTimes();
  readonly #stack: number[] = [];
  #older: ReloadedSamples | undefined;
  #cold = true;

  constructor(options: { readonly floor: number; readonly bytes: number }) {
    this.#floor = options.floor;
    this.#newestTime = options.floor;
    this.#bytes = options.bytes;
  }

  /** Milliseconds: everything past it is here. */
  get floor(): number {
    return this.#older?.whole === true ? this.#older.floor : this.#floor;
  }

  /** Nothing from before the floor was brought back yet. */
  get cold(): boolean {
    return this.#cold;
  }

  /** Bytes that are still free, room for the slots of so many series left out. */
  roomBeside(series: number): number {
    const slots = Math.max(0, series - this.#slabs.length * SLAB_SLOTS) * SLOT * 16;
    return this.#bytes - this.bytes - slots;
  }

  /** Milliseconds: nothing that was added is newer; at least the floor. */
  get newestTime(): number {
    return Math.max(this.#newestTime, this.#floor);
  }

  get bytes(): number {
    const slots = this.#slabs.length * SLAB_SLOTS * SLOT * 16;
    const beside = this.#late.bytes + this.#histograms.bytes + this.#starts.bytes;
    return slots + this.#arena.bytes + beside + (this.#older?.bytes ?? 0);
  }

  get lateSamples(): number {
    return this.#late.count;
  }

  /**
   * Begins to bring back what the disk has past `from`: to be filled by the caller, and read from once he sets `whole`.
   * Undefined where there is nothing to bring back.
   */
  bringBack(from: number): ReloadedSamples | undefined {
    this.#cold = false;
    this.#older = from < this.#floor ? new ReloadedSamples(from, this.#floor) : undefined;
    return this.#older;
  }

  /** What is being brought back stays on disk only. */
  giveUpOlder(): void {
    this.#older = undefined;
  }

  /** Whether what is being brought back is still wanted. */
  wants(older: ReloadedSamples): boolean {
    return this.#older === older;
  }

  /** Adds sample `i` of the columns. One at or before the floor is left to the disk. */
  add(series: number, time: number, words: Uint32Array, i: number): void {
    if (time <= this.#floor) return this.#addBefore(series, time, words, i);
    if (time > this.#newestTime) this.#newestTime = time;
    const slot = this.#slot(series);
    const slab = this.#slabs[Math.floor(slot / SLAB_SLOTS)];
    const base = (slot % SLAB_SLOTS) * SLOT;
    let fill = this.#fill[slot];
    if (fill > 0 && time <= slab.times[base + fill - 1]) return this.#addBehind(series, slot, time, words, i);
    if (fill === 0 && this.#arena.has(series) && time <= this.#sealedEnd(series)) {
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
    this.add(series, time, PLACEHOLDER, 0);
    if (time > this.#floor) this.#histograms.add(series, time, histogram);
    else this.#older?.addHistogram(series, time, histogram);
  }

  /** Tells when the counter behind a sample began, 0 where that is unknown: of every sample, once it was added. */
  addStart(series: number, time: number, start: number): void {
    if (time > this.#floor) this.#starts.add(series, time, start);
    else this.#older?.addStart(series, time, start);
  }

  /** Time of the series' newest sample here, or -Infinity. */
  lastTime(series: number): number {
    const slot = series < this.#slotOf.length ? this.#slotOf[series] : -1;
    if (slot >= 0 && this.#fill[slot] > 0) {
      return this.#slabs[Math.floor(slot / SLAB_SLOTS)].times[(slot % SLAB_SLOTS) * SLOT + this.#fill[slot] - 1];
    }
    return this.#arena.has(series) ? this.#sealedEnd(series) : -Infinity;
  }

  /** Writes the series' samples in `start <= t <= end` behind `builder.at`; answers how many. */
  read(series: number, start: number, end: number, builder: ColumnBuilder): number {
    const from = Math.max(start, this.#floor + 1);
    const slot = series < this.#slotOf.length ? this.#slotOf[series] : -1;
    const fill = slot < 0 ? 0 : this.#fill[slot];
    const base = (slot % SLAB_SLOTS) * SLOT;
    const slab = slot < 0 ? undefined : this.#slabs[Math.floor(slot / SLAB_SLOTS)];
    let room = fill + this.#late.countOf(series);
    const stack = this.#stack;
    stack.length = 0;
    if (slab === undefined || fill === 0 || slab.times[base] > from) {
      room += this.#arena.collect(series, from, stack);
    }
    const own = stack.length;
    const older = this.#older?.whole === true && start <= this.#older.end ? this.#older : undefined;
    if (older !== undefined) room += older.collect(series, start, stack);
    if (room === 0) return 0;
    builder.reserve(room);
    const { times, values, words } = builder;
    let out = older === undefined ? builder.at : older.write(series, start, end, stack, own, builder);
    for (let i = own - 1; i >= 0; i--) {
      out = this.#arena.decode(stack[i], from, end, times, values, words, out);
    }
    if (slab !== undefined && fill > 0) out = copySlot(slab, base, fill, from, end, times, words, out);
    out = this.#late.merge(series, from, end, builder, out);
    return out - builder.at;
  }

  /** As `read`, for who looks at the newest of those samples only: mostly writes that one, from the slot, without decoding. */
  readNewest(series: number, start: number, end: number, builder: ColumnBuilder): number {
    const slot = series < this.#slotOf.length ? this.#slotOf[series] : -1;
    if (slot < 0 || this.#late.countOf(series) > 0) return this.read(series, start, end, builder);
    const slab = this.#slabs[Math.floor(slot / SLAB_SLOTS)];
    const base = (slot % SLAB_SLOTS) * SLOT;
    let at = base + this.#fill[slot] - 1;
    while (at >= base && slab.times[at] > end) at--;
    if (at < base || slab.times[at] <= this.#floor) return this.read(series, start, end, builder);
    if (slab.times[at] < start) return 0;
    builder.reserve(1);
    builder.times[builder.at] = slab.times[at];
    builder.words[2 * builder.at] = slab.words[2 * at];
    builder.words[2 * builder.at + 1] = slab.words[2 * at + 1];
    return 1;
  }

  hasHistograms(series: number): boolean {
    return this.#histograms.has(series) || this.#older?.hasHistograms(series) === true;
  }

  /** The histograms of a series at the given times, or undefined where it has none. */
  histograms(series: number, times: Float64Array): (FloatHistogram | undefined)[] | undefined {
    const own = this.#histograms.at(series, times);
    const older = this.#older?.histograms(series, times);
    return older?.map((histogram, i) => histogram ?? own?.[i]) ?? own;
  }

  /** When the counters behind the samples at the given times began, 0 where unknown; undefined where nothing is known. */
  startTimes(series: number, times: Float64Array): Float64Array | undefined {
    const own = this.#starts.at(series, times);
    const older = this.#older?.startTimes(series, times);
    return older?.map((start, i) => (times[i] > this.#floor ? (own?.[i] ?? 0) : start)) ?? own;
  }

  /** Gives back what goes past the budget, the oldest first, but for the slots. */
  shrink(): void {
    while (this.bytes > this.#bytes && this.#dropOldest(0));
  }

  /** Gives memory back: what is older than `oldest`, and whatever goes past the budget. */
  trim(oldest: number): void {
    this.#sealIdle(oldest);
    this.#older?.trim(oldest);
    if (this.#older?.lost === true || this.#floor > (this.#older?.end ?? Infinity)) this.#older = undefined;
    this.shrink();
    while (this.#arena.oldestSegmentTime < oldest) this.#dropSegment();
    if (this.bytes > this.#bytes) this.#dropSlots();
    this.#late.drop(this.#floor);
    this.#histograms.drop(this.#floor);
    this.#starts.drop(this.#floor);
  }

  /** Forgets all up to `floor`, which the disk then answers for. */
  reset(floor: number): void {
    this.#arena.clear();
    this.#slabs = [];
    this.#freeSlots = [];
    this.#slotOf.fill(-1);
    this.#fill = new Uint8Array(0);
    this.#late.drop(Infinity);
    this.#histograms.drop(Infinity);
    this.#starts.clear();
    this.#floor = floor;
    this.#newestTime = floor;
    this.#older = undefined;
    this.#cold = true;
  }

  /** The number will stand for another series. */
  forget(series: number): void {
    this.#older?.forget(series);
    if (series >= this.#slotOf.length) return;
    const slot = this.#slotOf[series];
    if (slot >= 0) this.#release(series, slot);
    this.#arena.forget(series);
    this.#histograms.forget(series);
    this.#starts.forget(series);
    this.#late.forget(series);
  }

  #addBefore(series: number, time: number, words: Uint32Array, i: number): void {
    this.#older?.addLate(series, time, words, i);
    if (this.#older?.lost === true) this.#older = undefined;
  }

  #slot(series: number): number {
    if (series >= this.#slotOf.length) {
      const before = this.#slotOf.length;
      this.#slotOf = grown(this.#slotOf, series + 1024).fill(-1, before);
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
    this.#slabs.push(createSlab());
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
    if (this.#arena.isFull(SLOT)) {
      while (this.bytes + SEGMENT_BYTES > this.#bytes && this.#dropOldest(1));
    }
    const slab = this.#slabs[Math.floor(slot / SLAB_SLOTS)];
    this.#arena.append(series, slab.times, slab.values, (slot % SLAB_SLOTS) * SLOT, fill);
    this.#fill[slot] = 0;
  }

  /** Gives back the oldest segment there is, but keeps `keep` of the window's own; says whether there was one to give. */
  #dropOldest(keep: number): boolean {
    if (this.#older === undefined && this.#arena.segments <= keep) return false;
    if (this.#older === undefined) this.#dropSegment();
    else this.#older.drop();
    if (this.#older?.lost === true) this.#older = undefined;
    return true;
  }

  #dropSegment(): void {
    this.#floor = Math.max(this.#floor, this.#arena.drop());
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

  /** Time of the last sample in the series' newest chunk; the floor where that is gone. */
  #sealedEnd(series: number): number {
    return Math.max(this.#floor, this.#arena.lastTime(series));
  }

  /** A sample that is not newer than the slot's last: into its place in the slot where it fits, else among the late. */
  #addBehind(series: number, slot: number, time: number, words: Uint32Array, i: number): void {
    const slab = this.#slabs[Math.floor(slot / SLAB_SLOTS)];
    const base = (slot % SLAB_SLOTS) * SLOT;
    const end = base + this.#fill[slot];
    let at = end;
    while (at > base && slab.times[at - 1] > time) at--;
    if (at > base && slab.times[at - 1] === time) return;
    const beforeSlot = at === base && this.#arena.has(series);
    if (beforeSlot || this.#fill[slot] === SLOT) return this.#late.add(series, time, words, i);
    insertInSlot(slab, at, end, time, words, i);
    this.#fill[slot]++;
  }
}

const PLACEHOLDER = wordsOf(new Float64Array([Number.NaN]));
