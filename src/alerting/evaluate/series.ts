import type { Labels } from '../../model/labels.ts';
import {
  type FloatHistogram, type SampleBatch, type SeriesLayout, type WriteOutcome, type WriteSeries, markStale, wordsOf,
} from '../../model/sample.ts'; // prettier-ignore

/** What a rule gives to the store, by column. */
export interface RuleOutput {
  readonly labels: readonly Labels[];
  readonly values: Float64Array;
  readonly histograms?: readonly (FloatHistogram | undefined)[];
  /** Why series may be missing from the answer; those that are get no staleness marker. */
  readonly partial?: string;
}

/**
 * Writes the output of one rule, evaluation after evaluation, and marks series stale that it no longer gives.
 * While the series stay the same the same layout object is written again, which a store may have prepared for.
 */
export class RuleSeries {
  readonly #write: WriteSeries;
  #labels: readonly Labels[] = [];
  #layout: SeriesLayout = { series: [] };

  constructor(write: WriteSeries) {
    this.#write = write;
  }

  async write(output: RuleOutput, at: number): Promise<WriteOutcome | undefined> {
    const { labels } = output;
    const same = sameLabels(labels, this.#labels);
    const absent = same ? [] : missing(this.#labels, labels);
    const gone = output.partial === undefined ? absent : [];
    if (labels.length + gone.length === 0) return undefined;
    const layout = same && this.#layout.series.length === labels.length ? this.#layout : layoutOf(labels);
    const written = gone.length === 0 ? layout : layoutOf([...labels, ...gone]);
    const outcome = await this.#write(batchOf(written, output, at));
    // What a partial answer lacks is still to be ended by a whole one.
    this.#labels = output.partial === undefined || same ? labels : [...labels, ...absent];
    this.#layout = layout;
    return outcome;
  }

  /** Goes on where another writer of the same rule stopped. */
  takeOver(from: RuleSeries): void {
    this.#labels = from.#labels;
    this.#layout = from.#layout;
  }

  /** Marks all that was written last as stale, for a rule that is no more. */
  async end(at: number): Promise<void> {
    await this.write({ labels: [], values: new Float64Array(0) }, at);
  }
}

function layoutOf(labels: readonly Labels[]): SeriesLayout {
  return { series: labels.map((each) => ({ labels: each })) };
}

function missing(from: readonly Labels[], present: readonly Labels[]): Labels[] {
  const keys = new Set(present.map(({ key }) => key));
  return from.filter(({ key }) => !keys.has(key));
}

/** Places of `layout` behind the output are stale. */
function batchOf(layout: SeriesLayout, { values, histograms }: RuleOutput, at: number): SampleBatch {
  const size = layout.series.length;
  const timestamps = new Float64Array(size).fill(at);
  if (size === values.length) return { layout, values, timestamps, histograms };
  const withStale = new Float64Array(size);
  withStale.set(values);
  const words = wordsOf(withStale);
  for (let i = values.length; i < size; i++) markStale(words, i);
  return { layout, values: withStale, timestamps, histograms };
}

/** Whether two lists hold equal labels in the same order. */
export function sameLabels(a: readonly Labels[], b: readonly Labels[]): boolean {
  return a.length === b.length && a.every((labels, i) => labels.equals(b[i]));
}
