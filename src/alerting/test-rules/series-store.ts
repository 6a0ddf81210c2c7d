import { compileMatch } from '../../lib/match.ts';
import { detectReset, withHint } from '../../promql/histogram/index.ts';
import type { Labels } from '../../model/labels.ts';
import type { Select, SeriesColumns } from '../../model/query.ts';
import { type FloatHistogram, type WriteSeries, isStale, markStale, wordsOf } from '../../model/sample.ts';

interface Column {
  readonly labels: Labels;
  timestamps: Float64Array;
  values: Float64Array;
  histograms: (FloatHistogram | undefined)[] | undefined;
  size: number;
}

/** Series in memory that grow at their end, as a run of rules writes them. Later samples of the same time are not taken. */
export class SeriesStore {
  readonly #series = new Map<string, Column>();

  append(labels: Labels, time: number, value: number | 'stale' | FloatHistogram): void {
    const column = this.#columnOf(labels);
    if (column.size > 0 && column.timestamps[column.size - 1] >= time) return;
    if (column.size === column.values.length) grow(column);
    const i = column.size++;
    column.timestamps[i] = time;
    if (value === 'stale') markStale(wordsOf(column.values), i);
    else if (typeof value === 'number') column.values[i] = value;
    else (column.histograms ??= [])[i] = hinted(value, column.histograms?.[i - 1]);
  }

  readonly write: WriteSeries = ({ layout, values, timestamps, histograms }) => {
    const words = wordsOf(values);
    layout.series.forEach(({ labels }, i) => {
      this.append(labels, timestamps[i], histograms?.[i] ?? (isStale(words, i) ? 'stale' : values[i]));
    });
    return Promise.resolve({ accepted: values.length, refused: {} });
  };

  readonly select: Select = ({ matchers, start, end }) => {
    const tests = matchers.map(({ name, op, value }) => ({ name, matches: compileMatch(op, value) }));
    const found: SeriesColumns[] = [];
    for (const column of this.#series.values()) {
      if (!tests.every(({ name, matches }) => matches(column.labels.get(name)))) continue;
      const from = firstFrom(column, start);
      const to = firstFrom(column, end + 1);
      if (to <= from) continue;
      const histograms = column.histograms?.slice(from, to);
      found.push({
        labels: column.labels,
        timestamps: column.timestamps.subarray(from, to),
        values: column.values.subarray(from, to),
        ...(histograms?.some((histogram) => histogram !== undefined) && { histograms }),
      });
    }
    return Promise.resolve(found);
  };

  labels(): Labels[] {
    return [...this.#series.values()].map((column) => column.labels);
  }

  #columnOf(labels: Labels): Column {
    const known = this.#series.get(labels.key);
    if (known !== undefined) return known;
    const column = {
      labels,
      timestamps: new Float64Array(16),
      values: new Float64Array(16),
      histograms: undefined,
      size: 0,
    };
    this.#series.set(labels.key, column);
    return column;
  }
}

/** Prometheus' store tells from the sample before whether a counter was reset, and says so when it is read. */
function hinted(value: FloatHistogram, before: FloatHistogram | undefined): FloatHistogram {
  if (before === undefined || value.counterReset === 'gauge' || value.counterReset === 'reset') return value;
  return withHint(value, detectReset(value, before) ? 'reset' : 'not_reset');
}

/** Copies array to array, so that the bits of staleness markers stay. */
function grow(column: Column): void {
  const size = column.size * 2;
  const timestamps = new Float64Array(size);
  const values = new Float64Array(size);
  timestamps.set(column.timestamps);
  values.set(column.values);
  [column.timestamps, column.values] = [timestamps, values];
}

/** The first place whose time is not before `time`. */
function firstFrom(column: Column, time: number): number {
  let [low, high] = [0, column.size];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column.timestamps[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
