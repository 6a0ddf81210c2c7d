import type { FloatHistogram, SampleBatch, Series } from '../../model/sample.ts';
import { wordsOf } from '../../model/sample.ts';

/** Samples of one batch. */
const BATCH = 8192;

/** Where a sample stands in time, milliseconds; `start` is 0 where unknown. */
interface At {
  readonly timestamp: number;
  readonly start: number;
}

/**
 * Gathers samples one by one and cuts them into batches of at most {@link BATCH}. A series stands in a batch as often as
 * it has samples, in their order, so that the cost is the same for one long series as for many short ones.
 */
export class SampleColumns {
  readonly #batches: SampleBatch[] = [];
  #series: Series[] = [];
  #values = new Float64Array(0);
  #words = wordsOf(this.#values);
  #timestamps = new Float64Array(0);
  #starts: Float64Array | undefined;
  #histograms: (FloatHistogram | undefined)[] | undefined;

  /** @param low, high the words of the value: a staleness marker must arrive bit for bit. */
  addFloat(series: Series, at: At, low: number, high: number): void {
    const i = this.#place(series, at);
    this.#words[2 * i] = low;
    this.#words[2 * i + 1] = high;
  }

  addHistogram(series: Series, at: At, histogram: FloatHistogram): void {
    const i = this.#place(series, at);
    this.#values[i] = Number.NaN;
    this.#histograms ??= [];
    this.#histograms[i] = histogram;
  }

  /** All that was added, in order. */
  take(): readonly SampleBatch[] {
    this.#flush();
    return this.#batches;
  }

  #place(series: Series, { timestamp, start }: At): number {
    if (this.#series.length === BATCH) this.#flush();
    const i = this.#series.length;
    if (i === this.#values.length) this.#grow();
    this.#series.push(series);
    this.#timestamps[i] = timestamp;
    if (start !== 0) {
      this.#starts ??= new Float64Array(BATCH);
      this.#starts[i] = start;
    }
    return i;
  }

  /** Most requests are small: they shall not take room for a whole batch. */
  #grow(): void {
    const length = Math.min(BATCH, Math.max(16, this.#values.length * 4));
    const values = new Float64Array(length);
    values.set(this.#values);
    const timestamps = new Float64Array(length);
    timestamps.set(this.#timestamps);
    [this.#values, this.#timestamps, this.#words] = [values, timestamps, wordsOf(values)];
  }

  #flush(): void {
    const count = this.#series.length;
    if (count === 0) return;
    this.#batches.push({
      layout: { series: this.#series },
      values: this.#values.subarray(0, count),
      timestamps: this.#timestamps.subarray(0, count),
      ...(this.#histograms && { histograms: Array.from({ length: count }, (_, i) => this.#histograms?.[i]) }),
      ...(this.#starts && { startTimestamps: this.#starts.subarray(0, count) }),
    });
    this.#series = [];
    [this.#values, this.#timestamps] = [new Float64Array(0), new Float64Array(0)];
    this.#words = wordsOf(this.#values);
    [this.#starts, this.#histograms] = [undefined, undefined];
  }
}
