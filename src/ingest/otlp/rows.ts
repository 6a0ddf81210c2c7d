import type { Labels } from '../../model/labels.ts';
import {
  type Exemplar,
  type FloatHistogram,
  type SampleBatch,
  type Series,
  type SeriesExemplar,
  markStale,
  wordsOf,
} from '../../model/sample.ts';

interface Row {
  readonly series: Series;
  readonly timestamp: number;
  readonly start: number;
  readonly value: number | FloatHistogram | 'stale';
}

/** Gathers samples one by one and hands them out by column. A series stands in a batch as often as it has samples. */
export class Rows {
  #rows: Row[] = [];
  #exemplars: SeriesExemplar[] = [];

  get length(): number {
    return this.#rows.length;
  }

  /** @param at times in milliseconds: of the sample, and when its count began, 0 where unknown. */
  add(
    labels: Labels,
    at: Pick<Row, 'timestamp' | 'start'>,
    value: Row['value'],
    exemplars: readonly Exemplar[] = [],
  ): void {
    const series = { labels };
    this.#rows.push({ series, timestamp: at.timestamp, start: at.start, value });
    for (const exemplar of exemplars) this.#exemplars.push({ series, ...exemplar });
  }

  /** All that was added since the last call. */
  take(): SampleBatch {
    const rows = this.#rows;
    const exemplars = this.#exemplars;
    [this.#rows, this.#exemplars] = [[], []];
    const values = Float64Array.from(rows, ({ value }) => (typeof value === 'number' ? value : Number.NaN));
    const words = wordsOf(values);
    for (const [i, { value }] of rows.entries()) if (value === 'stale') markStale(words, i);
    const histograms = rows.map(({ value }) => (typeof value === 'object' ? value : undefined));
    return {
      layout: { series: rows.map(({ series }) => series) },
      values,
      timestamps: Float64Array.from(rows, ({ timestamp }) => timestamp),
      ...(histograms.some((histogram) => histogram !== undefined) ? { histograms } : {}),
      ...(exemplars.length > 0 ? { exemplars } : {}),
      ...(rows.some(({ start }) => start !== 0)
        ? { startTimestamps: Float64Array.from(rows, ({ start }) => start) }
        : {}),
    };
  }
}
