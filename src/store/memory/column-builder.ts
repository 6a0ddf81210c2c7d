import { wordsOf } from '../../model/sample.ts';

/** Samples that one block holds: 4 MB of times and values. */
const BLOCK = 262_144;

/**
 * Columns of many series cut out of few large arrays: two allocations for thousands of series instead of two for each.
 * Use: `reserve` room, write to `times` and `values` from `at` on, `take` what was written.
 */
export class ColumnBuilder {
  times = new Float64Array(0);
  values = new Float64Array(0);
  /** The bits of `values`, for staleness markers. */
  words: Uint32Array = new Uint32Array(0);
  at = 0;
  #next = 4096;

  /** Makes sure that `count` samples fit behind `at`, and that what is reserved together lies together. */
  reserve(count: number): void {
    if (this.at + count <= this.times.length) return;
    const length = Math.max(count, this.#next);
    this.times = new Float64Array(length);
    this.values = new Float64Array(length);
    this.words = wordsOf(this.values);
    this.at = 0;
    this.#next = Math.min(BLOCK, this.#next * 4);
  }

  /** The columns written since `at` was where it is now; moves `at` to `end`. */
  take(end: number): { timestamps: Float64Array; values: Float64Array } {
    const taken = { timestamps: this.times.subarray(this.at, end), values: this.values.subarray(this.at, end) };
    this.at = end;
    return taken;
  }
}
