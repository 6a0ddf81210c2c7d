import { compileMatch } from '../../lib/text/match.ts';
import { StoredHints } from '../../promql/promqltest/index.ts';
import type { Labels } from '../../model/labels.ts';
import type { Select, SeriesColumns } from '../../model/query.ts';
import { type FloatHistogram, type WriteSeries, isStale, markStale, wordsOf } from '../../model/sample.ts';

interface Column {
  readonly labels: Labels;
  timestamps: Float64Array;
  values: Float64Array;
  histograms: (FloatHistogram | undefined)[] | undefined;
  readonly hints: StoredHints;
  size: number;
}

/** Series in memory that grow at their end, as a run of rules writes them. */
export class SeriesStore {
  readonly #series = new Map<string, Column>();

  /** @throws {Error} in the words of Prometheus' store, for a sample that is not newer than the newest and not the same. */
  append(labels: Labels, time: number, value: number | 'stale' | FloatHistogram): void {
    const column = this.#columnOf(labels);
    const newest = column.size === 0 ? -Infinity : column.timestamps[column.size - 1];
    if (newest > time) throw new Error('out of order sample');
    if (newest === time) {
      if (Object.is(column.values[column.size - 1], value)) return;
      throw new Error('duplicate sample for timestamp');
    }
    if (column.size === column.values.length) grow(column);
    const i = column.size++;
    column.timestamps[i] = time;
    const stored = column.hints.next(value);
    if (stored === 'stale') markStale(wordsOf(column.values), i);
    else if (typeof stored === 'number') column.values[i] = stored;
    else (column.histograms ??= [])[i] = stored;
  }

  /** Rejects for a sample that is refused, behind all others; not for a mark of an end, as in Prometheus. */
  readonly write: WriteSeries = async ({ layout, values, timestamps, histograms }) => {
    const words = wordsOf(values);
    let refused: unknown;
    layout.series.forEach(({ labels }, i) => {
      const stale = isStale(words, i);
      try {
        this.append(labels, timestamps[i], histograms?.[i] ?? (stale ? 'stale' : values[i]));
      } catch (error) {
        if (!stale) refused = error;
      }
    });
    if (refused !== undefined) throw refused;
    return { accepted: values.length, refused: {} };
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
      hints: new StoredHints(),
      size: 0,
    };
    this.#series.set(labels.key, column);
    return column;
  }
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
