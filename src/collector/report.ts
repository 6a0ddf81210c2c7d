import { Labels } from '../model/labels.ts';
import type { SampleBatch, Series, SeriesLayout } from '../model/sample.ts';
import { markStale, wordsOf } from '../model/sample.ts';

/** The series that every scrape adds about itself, in the order of their values everywhere. */
const NAMES = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
] as const;

export function reportSeries(targetLabels: Labels, identity: Labels): Series[] {
  return NAMES.map((name) => ({
    labels: Labels.of([...identity.entries(), ...targetLabels.entries(), ['__name__', name]]),
  }));
}

export interface ScrapeReport {
  readonly up: boolean;
  /** Seconds. */
  readonly duration: number;
  readonly scraped: number;
  readonly kept: number;
  readonly added: number;
}

export function reportValues({ up, duration, scraped, kept, added }: ScrapeReport): number[] {
  return [up ? 1 : 0, duration, scraped, kept, added];
}

/** Samples of one time under a layout of their own. */
export function batchAt(layout: SeriesLayout, time: number, values: readonly number[]): SampleBatch {
  return {
    layout,
    values: Float64Array.from(values),
    timestamps: new Float64Array(values.length).fill(time),
  };
}

/** `batch` with staleness markers of these series behind its samples, under a layout for this one time. */
export function withStale(batch: SampleBatch, vanished: readonly Series[], time: number): SampleBatch {
  if (vanished.length === 0) return batch;
  const { length } = batch.values;
  const values = new Float64Array(length + vanished.length);
  const timestamps = new Float64Array(values.length).fill(time, length);
  // From array to array, or markers that the batch holds already would lose their bits.
  values.set(batch.values);
  timestamps.set(batch.timestamps);
  const words = wordsOf(values);
  for (let i = length; i < values.length; i++) markStale(words, i);
  return { ...batch, layout: { series: [...batch.layout.series, ...vanished] }, values, timestamps };
}

const NOTHING: SampleBatch = { layout: { series: [] }, values: new Float64Array(0), timestamps: new Float64Array(0) };

/** Staleness markers for these series. */
export function staleBatch(series: readonly Series[], time: number): SampleBatch {
  return withStale(NOTHING, series, time);
}
