import type { Select, SelectNewest, SelectRequest, SeriesColumns } from '../../model/query.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { Labels } from '../../model/labels.ts';
import { isStale, markStale, wordsOf } from '../../model/sample.ts';
import { compileMatch } from '../../lib/text/match.ts';

/** A sample as tests give it. */
export type MemoryValue = number | 'stale' | FloatHistogram;

interface MemorySeries {
  readonly labels: Labels;
  /** By time in milliseconds. */
  readonly samples: Map<number, { readonly value: MemoryValue; readonly start: number }>;
  columns: SeriesColumns | undefined;
}

/** Series in memory behind a {@link Select}, for tests of whatever queries. The later sample of a time wins. */
export class MemoryStore {
  readonly #series = new Map<string, MemorySeries>();
  readonly #lists = new Map<string, readonly Labels[]>();

  /** `start`: when the counter began, 0 where unknown. Times in milliseconds. */
  append(labels: Labels, time: number, value: MemoryValue, start = 0): void {
    const series = this.#series.get(labels.key) ?? { labels, samples: new Map(), columns: undefined };
    series.samples.set(time, { value, start });
    series.columns = undefined;
    this.#series.set(labels.key, series);
  }

  clear(): void {
    this.#series.clear();
  }

  /** Sorted by labels, as Prometheus' own store answers; only what is looked at, so that scripts find out who looks at more. */
  readonly select: Select = (request, signal) => {
    signal?.throwIfAborted();
    return Promise.resolve(this.#find(request));
  };

  readonly selectNewest: SelectNewest = (request, signal) => {
    signal?.throwIfAborted();
    const found = this.#find(request);
    if (found.some(({ histograms }) => histograms !== undefined)) return Promise.resolve(undefined);
    const left = found.filter(({ values }) => !isStale(wordsOf(values), values.length - 1));
    return Promise.resolve({
      labels: this.#list(left.map(({ labels }) => labels)),
      timestamps: Float64Array.from(left, ({ timestamps }) => timestamps.at(-1) ?? NaN),
      values: Float64Array.from(left, ({ values }) => values.at(-1) ?? NaN),
    });
  };

  #list(labels: readonly Labels[]): readonly Labels[] {
    const key = labels.map((set) => set.key).join('\n');
    const list = this.#lists.get(key) ?? labels;
    this.#lists.set(key, list);
    return list;
  }

  #find({ matchers, start, end, hints }: SelectRequest): SeriesColumns[] {
    const tests = matchers.map(({ name, op, value }) => ({ name, matches: compileMatch(op, value) }));
    return [...this.#series.values()]
      .filter(({ labels }) => tests.every(({ name, matches }) => matches(labels.get(name))))
      .sort((a, b) => Labels.compare(a.labels, b.labels))
      .map((series) => cut((series.columns ??= columnsOf(series)), start, end, hints?.newest))
      .filter(({ timestamps }) => timestamps.length > 0);
  }
}

function columnsOf({ labels, samples }: MemorySeries): SeriesColumns {
  const sorted = [...samples].sort(([a], [b]) => a - b);
  const values = new Float64Array(sorted.length);
  const words = wordsOf(values);
  const histograms: (FloatHistogram | undefined)[] = [];
  sorted.forEach(([, { value }], i) => {
    if (value === 'stale') markStale(words, i);
    else if (typeof value === 'number') values[i] = value;
    else histograms[i] = value;
  });
  const timestamps = Float64Array.from(sorted, ([time]) => time);
  const columns: SeriesColumns = { labels, timestamps, values };
  return {
    ...columns,
    ...(histograms.length > 0 && { histograms }),
    ...(sorted.some(([, { start }]) => start !== 0) && {
      startTimestamps: Float64Array.from(sorted, ([, { start }]) => start),
    }),
  };
}

function cut(columns: SeriesColumns, start: number, end: number, onlyNewest = false): SeriesColumns {
  const { labels, timestamps, values, histograms, startTimestamps } = columns;
  const first = timestamps.findIndex((time) => time >= start);
  const past = timestamps.findIndex((time) => time > end);
  const to = past < 0 ? timestamps.length : past;
  const begin = first < 0 ? timestamps.length : first;
  const from = onlyNewest ? Math.max(begin, to - 1) : begin;
  const inside = histograms?.slice(from, to);
  return {
    labels,
    timestamps: timestamps.slice(from, to),
    values: values.slice(from, to),
    ...(inside?.some((histogram) => histogram !== undefined) && { histograms: inside }),
    ...(startTimestamps && { startTimestamps: startTimestamps.slice(from, to) }),
  };
}
