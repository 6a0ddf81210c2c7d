import type { FloatHistogram } from '../../model/sample.ts';

interface HistogramColumn {
  readonly times: number[];
  readonly items: FloatHistogram[];
}

/** The native histograms of the memory window, beside the placeholders among its floats. */
export class RecentHistograms {
  readonly #series = new Map<number, HistogramColumn>();
  #bytes = 0;

  /** About what they take. */
  get bytes(): number {
    return this.#bytes;
  }

  add(series: number, time: number, histogram: FloatHistogram): void {
    const column = this.#series.get(series) ?? { times: [], items: [] };
    this.#series.set(series, column);
    let at = column.times.length;
    while (at > 0 && column.times[at - 1] > time) at--;
    column.times.splice(at, 0, time);
    column.items.splice(at, 0, histogram);
    this.#bytes += sizeOf(histogram);
  }

  has(series: number): boolean {
    return this.#series.has(series);
  }

  /** Those at the given times, in ascending order; undefined where the series has none at all. */
  at(series: number, times: Float64Array): (FloatHistogram | undefined)[] | undefined {
    const column = this.#series.get(series);
    if (column === undefined) return undefined;
    let at = 0;
    return Array.from(times, (time) => {
      while (at < column.times.length && column.times[at] < time) at++;
      return column.times[at] === time ? column.items[at] : undefined;
    });
  }

  /** Lets go of all up to `floor`. */
  drop(floor: number): void {
    for (const [series, column] of this.#series) {
      const keep = column.times.findIndex((time) => time > floor);
      const gone = keep === -1 ? column.items.length : keep;
      for (const histogram of column.items.splice(0, gone)) this.#bytes -= sizeOf(histogram);
      column.times.splice(0, gone);
      if (column.times.length === 0) this.#series.delete(series);
    }
  }

  forget(series: number): void {
    for (const histogram of this.#series.get(series)?.items ?? []) this.#bytes -= sizeOf(histogram);
    this.#series.delete(series);
  }
}

function sizeOf(histogram: FloatHistogram): number {
  return 400 + 8 * (histogram.positiveBuckets.length + histogram.negativeBuckets.length);
}
