import type { FloatHistogram } from '../../model/sample.ts';

interface HistogramColumn {
  times: number[];
  items: FloatHistogram[];
  /** Cleared by one that comes late, so that many of them are sorted at once when somebody reads. */
  sorted: boolean;
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
    const column = this.#series.get(series) ?? { times: [], items: [], sorted: true };
    this.#series.set(series, column);
    if (column.times.length > 0 && column.times[column.times.length - 1] > time) column.sorted = false;
    column.times.push(time);
    column.items.push(histogram);
    this.#bytes += histogramBytes(histogram);
  }

  has(series: number): boolean {
    return this.#series.has(series);
  }

  /** Those at the given times, in ascending order; undefined where the series has none at all. */
  at(series: number, times: Float64Array): (FloatHistogram | undefined)[] | undefined {
    const column = this.#series.get(series);
    if (column === undefined) return undefined;
    sort(column);
    let at = 0;
    return Array.from(times, (time) => {
      while (at < column.times.length && column.times[at] < time) at++;
      return column.times[at] === time ? column.items[at] : undefined;
    });
  }

  /** Drops all up to `floor`. */
  drop(floor: number): void {
    for (const [series, column] of this.#series) {
      sort(column);
      const keep = column.times.findIndex((time) => time > floor);
      const gone = keep === -1 ? column.items.length : keep;
      for (const histogram of column.items.splice(0, gone)) this.#bytes -= histogramBytes(histogram);
      column.times.splice(0, gone);
      if (column.times.length === 0) this.#series.delete(series);
    }
  }

  forget(series: number): void {
    for (const histogram of this.#series.get(series)?.items ?? []) this.#bytes -= histogramBytes(histogram);
    this.#series.delete(series);
  }
}

/** About the bytes that a histogram takes in memory. */
export function histogramBytes(histogram: FloatHistogram): number {
  return 400 + 8 * (histogram.positiveBuckets.length + histogram.negativeBuckets.length);
}

/** By time; of one time the one that came first stays first. */
function sort(column: HistogramColumn): void {
  if (column.sorted) return;
  const { times, items } = column;
  const order = Uint32Array.from(times, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
  column.times = Array.from(order, (i) => times[i]);
  column.items = Array.from(order, (i) => items[i]);
  column.sorted = true;
}
