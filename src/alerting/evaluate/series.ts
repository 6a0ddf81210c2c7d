import type { Labels } from '../../model/labels.ts';
import {
  type FloatHistogram, type SampleBatch, type SeriesLayout, type WriteOutcome, type WriteSeries, markStale, wordsOf,
} from '../../model/sample.ts'; // prettier-ignore

/** What a rule gives to the store. */
export interface OutputSample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram?: FloatHistogram;
}

/**
 * Writes the output of one rule, evaluation after evaluation, and marks series stale that it no longer gives.
 * While the series stay the same the same layout object is written again, which a store may have prepared for.
 */
export class RuleSeries {
  readonly #write: WriteSeries;
  #layout: SeriesLayout = { series: [] };
  #keys: readonly string[] = [];

  constructor(write: WriteSeries) {
    this.#write = write;
  }

  async write(samples: readonly OutputSample[], at: number): Promise<WriteOutcome | undefined> {
    const keys = samples.map((sample) => sample.labels.key);
    const same = keys.length === this.#keys.length && keys.every((key, i) => key === this.#keys[i]);
    const present = same ? undefined : new Set(keys);
    const gone = present === undefined ? [] : this.#layout.series.filter((_, i) => !present.has(this.#keys[i]));
    if (samples.length + gone.length === 0) return undefined;
    const layout = same ? this.#layout : { series: samples.map(({ labels }) => ({ labels })) };
    const written = gone.length === 0 ? layout : { series: [...layout.series, ...gone] };
    const outcome = await this.#write(batchOf(written, samples, at));
    this.#layout = layout;
    this.#keys = keys;
    return outcome;
  }

  /** Goes on where another writer of the same rule stopped. */
  takeOver(from: RuleSeries): void {
    this.#layout = from.#layout;
    this.#keys = from.#keys;
  }

  /** Marks all that was written last as stale, for a rule that is no more. */
  async end(at: number): Promise<void> {
    await this.write([], at);
  }
}

/** Places of `layout` behind the samples are stale. */
function batchOf(layout: SeriesLayout, samples: readonly OutputSample[], at: number): SampleBatch {
  const size = layout.series.length;
  const values = new Float64Array(size);
  samples.forEach((sample, i) => (values[i] = sample.value));
  const words = wordsOf(values);
  for (let i = samples.length; i < size; i++) markStale(words, i);
  const histograms = samples.some((sample) => sample.histogram !== undefined)
    ? samples.map((sample) => sample.histogram)
    : undefined;
  return { layout, values, timestamps: new Float64Array(size).fill(at), histograms };
}
