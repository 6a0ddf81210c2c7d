import type { LabelSet, MatrixSeries } from './api.ts';
import { parseValue } from './format.ts';

export interface ChartSeries {
  readonly labels: LabelSet;
  /** By time; null where there is no sample. Infinities and NaN are values too. */
  readonly values: readonly (number | null)[];
  /** The values as the server wrote them, without the gaps. */
  readonly stats: SeriesStats;
  /** The place in the answer; it fixes the colour. */
  readonly index: number;
}

export interface ChartData {
  /** Seconds. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
}

export interface SeriesStats {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly last: number;
}

/** Values on the grid of steps; times in milliseconds. */
export function columnsOf(
  answer: readonly MatrixSeries[],
  { start, end, step }: { start: number; end: number; step: number },
): ChartData {
  const count = Math.round((end - start) / step) + 1;
  const times = Array.from({ length: count }, (_, i) => (start + i * step) / 1000);
  const series = answer.map(({ metric, values = [] }, index) => {
    const column = Array.from<number | null>({ length: count }).fill(null);
    for (const [time, text] of values) {
      const at = Math.round((time * 1000 - start) / step);
      if (at >= 0 && at < count) column[at] = parseValue(text);
    }
    return { labels: metric, values: column, stats: statsOf(column), index };
  });
  return { times, series };
}

/** Numbers of the values that there are; all NaN where there are none. NaN counts in `mean` and `last` alone. */
export function statsOf(values: readonly (number | null)[]): SeriesStats {
  let [min, max, sum, count, last] = [Infinity, -Infinity, 0, 0, Number.NaN];
  for (const value of values) {
    if (value === null) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    count += 1;
    last = value;
  }
  if (min > max) [min, max] = [Number.NaN, Number.NaN];
  return { min, mean: sum / count, max, last };
}

/** The `most` series with the highest values, in the order of the answer. */
export function highest(data: ChartData, most: number): ChartData {
  if (data.series.length <= most) return data;
  const size = ({ stats: { max } }: ChartSeries) => (Number.isNaN(max) ? -Infinity : max);
  const kept = new Set(data.series.toSorted((a, b) => size(b) - size(a)).slice(0, most));
  // Colours go by place among what is drawn, so that few series have the colours that differ most.
  const series = data.series.filter((one) => kept.has(one)).map((one, index) => ({ ...one, index }));
  return { ...data, series };
}

/** Each series with all before it added, for areas one upon the other; a gap counts as nothing. */
export function stacked({ times, series }: ChartData): (number | null)[][] {
  const sums = Array.from({ length: times.length }, () => 0);
  return series.map(({ values }) =>
    values.map((value, i) => {
      if (value === null || !Number.isFinite(value)) return value === null ? null : sums[i];
      sums[i] += value;
      return sums[i];
    }),
  );
}

/** Name and value of the labels that all series share. */
export function sharedLabels(series: readonly { readonly labels: LabelSet }[]): Record<string, string> {
  if (series.length < 2) return {};
  const [first, ...rest] = series;
  return Object.fromEntries(
    Object.entries(first.labels).filter(([name, value]) => rest.every(({ labels }) => labels[name] === value)),
  );
}
