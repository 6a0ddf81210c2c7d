import type { FloatHistogram } from '../../model/sample.ts';
import { ChunkArena } from './arena.ts';
import type { ColumnBuilder } from './column-builder.ts';
import { LateSamples } from './late-samples.ts';
import { RecentHistograms } from './recent-histograms.ts';
import { StartTimes } from './start-times.ts';

/** Samples of one chunk: many make it small, few make a short read of it cheap. */
const CHUNK = 120;

/** Late samples that are held; past it the disk answers. */
const MAX_LATE = 250_000;

/**
 * What the disk held when the store was opened, back in memory: samples in `floor < t <= end`, sealed in chunks from the
 * start. It stands behind the memory window and is dropped, from its oldest segment on, before anything of the window.
 *
 * Invariant, once `whole`: every sample in its span, of every series, is here. Files are read one after another into it; what
 * comes late meanwhile and after is told to it, too.
 * Price: 3–5 bytes a sample. A block comes in order of series, so dropping one segment of it gives up that block's time.
 */
export class ReloadedSamples {
  readonly end: number;
  /** Set when all is here; before that nobody reads. */
  whole = false;
  #floor: number;
  #overflown = false;
  readonly #arena = new ChunkArena();
  readonly #late = new LateSamples();
  readonly #histograms = new RecentHistograms();
  readonly #starts = new StartTimes();

  constructor(floor: number, end: number) {
    this.#floor = floor;
    this.end = end;
  }

  get floor(): number {
    return this.#floor;
  }

  get bytes(): number {
    return this.#arena.bytes + this.#late.bytes + this.#histograms.bytes + this.#starts.bytes;
  }

  /** Nothing is left, or more came late than is held. */
  get lost(): boolean {
    return this.#overflown || this.#floor >= this.end;
  }

  /** Adds samples `from … to` of a series from disk, in order of time. */
  fill(series: number, times: Float64Array, values: Float64Array, words: Uint32Array, from: number, to: number): void {
    const last = this.#arena.lastTime(series);
    let next = from;
    for (; next < to && times[next] <= last; next++) this.addLate(series, times[next], words, next);
    for (; next < to; next += CHUNK) this.#arena.append(series, times, values, next, Math.min(CHUNK, to - next));
  }

  addLate(series: number, time: number, words: Uint32Array, i: number): void {
    if (time <= this.#floor || this.#overflown) return;
    this.#late.add(series, time, words, i);
    if (this.#late.count > MAX_LATE) this.#overflown = true;
  }

  /** The float beside it is added apart. */
  addHistogram(series: number, time: number, histogram: FloatHistogram): void {
    if (time > this.#floor) this.#histograms.add(series, time, histogram);
  }

  /** Of some sample it is known when its counter began. */
  get hasStarts(): boolean {
    return this.#starts.bytes > 0;
  }

  /** When the counter behind a sample began, 0 where that is unknown. */
  addStart(series: number, time: number, start: number): void {
    if (time > this.#floor) this.#starts.add(series, time, start);
  }

  /** Puts the places of the chunks that {@link write} needs on the stack; answers how many samples that may be. */
  collect(series: number, start: number, stack: number[]): number {
    return this.#arena.collect(series, Math.max(start, this.#floor + 1), stack) + this.#late.countOf(series);
  }

  /** Writes what lies in `start <= t <= end` from the chunks `stack[first …]` behind `builder.at`; answers its end. */
  write(series: number, start: number, end: number, stack: readonly number[], first: number, builder: ColumnBuilder) {
    const from = Math.max(start, this.#floor + 1);
    const { times, values, words } = builder;
    let out = builder.at;
    for (let i = stack.length - 1; i >= first; i--) {
      out = this.#arena.decode(stack[i], from, end, times, values, words, out);
    }
    return this.#late.merge(series, from, end, builder, out);
  }

  hasHistograms(series: number): boolean {
    return this.#histograms.has(series);
  }

  histograms(series: number, times: Float64Array): (FloatHistogram | undefined)[] | undefined {
    return this.#histograms.at(series, times);
  }

  startTimes(series: number, times: Float64Array): Float64Array | undefined {
    return this.#starts.at(series, times);
  }

  /** Gives the oldest segment back. */
  drop(): void {
    this.#floor = this.#arena.segments === 0 ? this.end : Math.max(this.#floor, this.#arena.drop());
    this.#late.drop(this.#floor);
    this.#histograms.drop(this.#floor);
    this.#starts.drop(this.#floor);
  }

  /** Gives back what is older than `oldest`. */
  trim(oldest: number): void {
    while (this.#arena.oldestSegmentTime < oldest) this.drop();
    if (this.end < oldest) this.#floor = this.end;
  }

  forget(series: number): void {
    this.#arena.forget(series);
    this.#late.forget(series);
    this.#histograms.forget(series);
    this.#starts.forget(series);
  }
}
