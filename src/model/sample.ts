import type { Labels } from './labels.ts';

/**
 * A native histogram with float counts, in Prometheus' own terms (schema -4…8 exponential, -53 custom bounds).
 * Bucket counts are absolute, not deltas. Immutable once made.
 */
export interface FloatHistogram {
  readonly schema: number;
  readonly counterReset: CounterResetHint;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positiveSpans: readonly Span[];
  readonly positiveBuckets: readonly number[];
  readonly negativeSpans: readonly Span[];
  readonly negativeBuckets: readonly number[];
  /** Upper bounds of schema -53, without +Inf; empty otherwise. */
  readonly customValues: readonly number[];
}

export type CounterResetHint = 'unknown' | 'reset' | 'not_reset' | 'gauge';

/** In the order of `Histogram.ResetHint` in prometheus/prompb/types.proto. */
export const RESET_HINTS: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];

/** `length` buckets in a row, `offset` empty ones after the end of the span before (the first: from index 0). */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** One series as its source knows it. The object is the identity: a source hands out the same one at every scrape. */
export interface Series {
  readonly labels: Labels;
}

/**
 * The series of a batch, in order. Made once and never changed: who receives the same layout object again may reuse all
 * that was worked out for it (row numbers in the store, the pre-encoded remote-write block).
 */
export interface SeriesLayout {
  readonly series: readonly Series[];
}

/**
 * Samples by column: place `i` of each column belongs to `layout.series[i]`.
 *
 * `values` may hold the staleness marker, a NaN with its own bits: see {@link STALE_LOW}. Copy it only array to array
 * (`set`, `slice`, `subarray`), for JavaScript may rewrite the bits of a NaN that passes through a variable.
 * The columns belong to the sender again when the returned promise settles: a receiver that wants them later copies them.
 */
export interface SampleBatch {
  readonly layout: SeriesLayout;
  readonly values: Float64Array;
  /** Milliseconds since the epoch, whole numbers. */
  readonly timestamps: Float64Array;
  /** Where place `i` is set, the sample is that histogram and `values[i]` means nothing. Absent where all are floats. */
  readonly histograms?: readonly (FloatHistogram | undefined)[];
  readonly exemplars?: readonly SeriesExemplar[];
  /** When the counter behind sample `i` began, milliseconds; 0 where unknown. Absent where all are unknown. */
  readonly startTimestamps?: Float64Array;
}

export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  /** Milliseconds; absent where the page gave none. */
  readonly timestamp?: number;
}

export interface SeriesExemplar extends Exemplar {
  readonly series: Series;
}

export type MetricType =
  'counter' | 'gauge' | 'histogram' | 'gaugehistogram' | 'summary' | 'info' | 'stateset' | 'unknown';

/** In the order of `MetricMetadata.MetricType` in prometheus/prompb/types.proto. */
export const METRIC_TYPES: readonly MetricType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

export interface MetricMetadata {
  readonly metric: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly help: string;
}

/** Hands samples to a receiver. Resolves when they are durable there, with the number refused by reason. */
export type WriteSeries = (batch: SampleBatch) => Promise<WriteOutcome>;

export type WriteMetadata = (metadata: readonly MetricMetadata[]) => void;

export interface WriteOutcome {
  readonly accepted: number;
  /** Reason (`out_of_order`, `duplicate`, `too_old`, `too_far_in_future`, `label_limit`, …) to count. */
  readonly refused: Readonly<Record<string, number>>;
}

/** The staleness marker is the NaN 0x7ff0000000000002. These are its words in a little-endian Uint32Array view. */
export const STALE_LOW = 0x00000002;
export const STALE_HIGH = 0x7ff00000;

/** The 32-bit words of `values`, through which staleness markers are read and written bit for bit. */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

export function isStale(words: Uint32Array, i: number): boolean {
  return isStaleWords(words[2 * i], words[2 * i + 1]);
}

export function isStaleWords(low: number, high: number): boolean {
  return low === STALE_LOW && high === STALE_HIGH;
}

export function markStale(words: Uint32Array, i: number): void {
  words[2 * i] = STALE_LOW;
  words[2 * i + 1] = STALE_HIGH;
}
