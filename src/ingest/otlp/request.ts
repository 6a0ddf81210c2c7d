/** What of an OTLP metrics request becomes series. Times are milliseconds. */
export interface ResourceMetrics {
  attributes: Attributes;
  readonly scopes: ScopeMetrics[];
}

/** By key, values as text. A key may stand twice in what a sender made. */
export type Attributes = readonly (readonly [key: string, value: string])[];

export interface ScopeMetrics {
  name: string;
  version: string;
  schemaUrl: string;
  attributes: Attributes;
  readonly metrics: OtlpMetric[];
}

export interface OtlpMetric {
  name: string;
  description: string;
  unit: string;
  data: MetricData | undefined;
}

export interface MetricData {
  readonly kind: 'gauge' | 'sum' | 'histogram' | 'exponential' | 'summary';
  temporality: Temporality;
  monotonic: boolean;
  /** Of the kind that `kind` says. */
  readonly points: DataPoint[];
}

export type Temporality = 'unspecified' | 'delta' | 'cumulative';

/** By their numbers in AggregationTemporality. */
export const TEMPORALITIES: readonly Temporality[] = ['unspecified', 'delta', 'cumulative'];

export interface DataPoint {
  readonly attributes: (readonly [key: string, value: string])[];
  timestamp: number;
  /** When the count began; 0 where unknown. */
  start: number;
  /** The series has ended, or nothing was measured: a staleness marker. */
  noValue: boolean;
  readonly exemplars: OtlpExemplar[];
  /** Of gauges and sums; undefined where the sender gave none, as some do for NaN and infinity. */
  value: number | undefined;
  /** Of all the others. */
  count: number;
  /** undefined where the sender did not measure it. */
  sum: number | undefined;
  /** Of histograms with bounds: one count more than bounds. */
  readonly counts: number[];
  readonly bounds: number[];
  /** Of exponential histograms. */
  scale: number;
  zeroCount: number;
  positive: ExponentialBuckets;
  negative: ExponentialBuckets;
  /** Of summaries. */
  readonly quantiles: { readonly quantile: number; readonly value: number }[];
  /** Why the point cannot be read, where it cannot. */
  broken: string | undefined;
}

export interface ExponentialBuckets {
  offset: number;
  readonly counts: number[];
}

export interface OtlpExemplar {
  timestamp: number;
  value: number;
  traceId: string;
  spanId: string;
  attributes: Attributes;
}

export function emptyPoint(): DataPoint {
  return {
    attributes: [],
    timestamp: 0,
    start: 0,
    noValue: false,
    exemplars: [],
    value: undefined,
    count: 0,
    sum: undefined,
    counts: [],
    bounds: [],
    scale: 0,
    zeroCount: 0,
    positive: { offset: 0, counts: [] },
    negative: { offset: 0, counts: [] },
    quantiles: [],
    broken: undefined,
  };
}

/** What a point takes of a {@link DecodeBudget}. */
export function pointUnits({ attributes, exemplars, counts, quantiles }: DataPoint): number {
  return 6 + attributes.length + 4 * exemplars.length + quantiles.length + Math.ceil(counts.length / 8);
}

/** The one flag there is, FLAG_NO_RECORDED_VALUE. */
export function isNoValue(flags: number): boolean {
  return (flags & 1) !== 0;
}

/** '' for an id of zeros, which stands for none. */
export function idOf(hex: string): string {
  return /^0*$/.test(hex) ? '' : hex;
}
