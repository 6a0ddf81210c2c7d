import type { Labels } from './labels.ts';
import type { Matcher } from './matcher.ts';
import type { FloatHistogram } from './sample.ts';

/** What PromQL asks of a store: every sample with `start <= t <= end` of the series that satisfy all matchers. */
export interface SelectRequest {
  readonly matchers: readonly Matcher[];
  /** Milliseconds, both inclusive. */
  readonly start: number;
  readonly end: number;
  /** What the samples are for. A store may use it to read less; it must not change the answer. */
  readonly hints?: SelectHints;
}

export interface SelectHints {
  /** Milliseconds between evaluations, 0 for an instant query. */
  readonly step: number;
  /** Milliseconds of the range selector, 0 without one. */
  readonly range: number;
  /** The function or aggregation right above the selector, '' where there is none. */
  readonly func: string;
  readonly grouping: readonly string[];
  readonly by: boolean;
  /** Of each series only the newest of the samples is looked at. */
  readonly newest?: boolean;
  /** The most samples the query may still load; a store stops and throws once it has read more. */
  readonly maxSamples?: number;
}

/** One series with its samples by column, oldest first. Shared and read-only: never write to the columns. */
export interface SeriesColumns {
  readonly labels: Labels;
  /** Milliseconds. */
  readonly timestamps: Float64Array;
  /** May hold staleness markers: test them with `isStale(wordsOf(values), i)`. */
  readonly values: Float64Array;
  /** As in `SampleBatch`: a set place makes sample `i` a histogram. */
  readonly histograms?: readonly (FloatHistogram | undefined)[];
  /** When the counter behind sample `i` began, in milliseconds; 0 where unknown. Absent where all are unknown. */
  readonly startTimestamps?: Float64Array;
}

/** Reads series. Order does not matter; no two have the same labels. Rejects with the signal's reason when aborted. */
export type Select = (request: SelectRequest, signal?: AbortSignal) => Promise<SeriesColumns[]>;

/** The newest sample of many series by column: place `i` of each belongs to `labels[i]`. Shared and read-only. */
export interface NewestSamples {
  /** Mostly the very same list as before while the same series answer, so what is worked out of it may be kept by it. */
  readonly labels: readonly Labels[];
  /** Milliseconds. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/**
 * As {@link Select}, for who looks at the newest sample of each series only. Series whose newest is a staleness marker are
 * left out. Undefined where some may be histograms, or where the store would have to look further than it likes: ask `Select`.
 */
export type SelectNewest = (request: SelectRequest, signal?: AbortSignal) => Promise<NewestSamples | undefined>;

export interface VectorSample {
  readonly labels: Labels;
  /** Milliseconds. */
  readonly timestamp: number;
  /** NaN where `histogram` is set. */
  readonly value: number;
  readonly histogram?: FloatHistogram;
}

/** The vector that an expression evaluates to at one time, as rules need it: a scalar comes as one sample without labels. */
export interface VectorAnswer {
  readonly samples: readonly VectorSample[];
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** Evaluates PromQL at one time (milliseconds), on the embedded store or on a remote API. */
export type Query = (expr: string, at: number, signal?: AbortSignal) => Promise<VectorAnswer>;
