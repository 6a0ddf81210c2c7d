import { wordsOf } from '../../model/sample.ts';

/** Samples of one slot. */
export const SLOT = 32;
/** Slots of one slab. */
export const SLAB_SLOTS = 1024;

/** The newest samples of many series as plain columns: slot `k` lies in `[k * SLOT, (k + 1) * SLOT)`. */
export interface Slab {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly words: Uint32Array;
}

export function createSlab(): Slab {
  const values = new Float64Array(SLAB_SLOTS * SLOT);
  return { times: new Float64Array(SLAB_SLOTS * SLOT), values, words: wordsOf(values) };
}

/** Puts a sample at place `at` of a slot whose samples end at `end` and which has room. */
export function insertInSlot(slab: Slab, at: number, end: number, time: number, words: Uint32Array, i: number): void {
  slab.times.copyWithin(at + 1, at, end);
  slab.words.copyWithin(2 * at + 2, 2 * at, 2 * end);
  slab.times[at] = time;
  slab.words[2 * at] = words[2 * i];
  slab.words[2 * at + 1] = words[2 * i + 1];
}

/** Appends the samples with `start <= t <= end` of the slot at `base` to the columns at `out`; answers where it ended. */
export function copySlot(
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
  // Loops, for so few samples cost less than the views that `set` asks for.
  for (let i = from; i < to; i++) times[out + i - from] = slab.times[i];
  for (let i = 2 * from; i < 2 * to; i++) words[2 * (out - from) + i] = slab.words[i];
  return out + to - from;
}
