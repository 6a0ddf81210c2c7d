import type { PosRange } from './syntax/ast.ts';
import { goQuote } from './text/go-quote.ts';
import { formatG } from './histogram/index.ts';

/** What an operation on histograms is called in annotations. */
export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation';

interface Note {
  readonly level: 'warning' | 'info';
  readonly text: string;
  readonly pos: PosRange;
}

/** What grows with each further sample that one annotation stands for. */
interface Monotonicity {
  readonly pos: PosRange;
  minTime: number;
  maxTime: number;
  minBucket: number;
  maxBucket: number;
  maxDiff: number;
  samples: number;
}

/**
 * The warnings and infos of one query, each text once, at the last of its places (source: util/annotations of Prometheus).
 */
export class Annotations {
  readonly #notes = new Map<string, Note>();
  readonly #monotonicity = new Map<string, Monotonicity>();
  readonly #overlaps = new Map<string, { readonly pos: PosRange; count: number }>();

  warn(text: string, pos: PosRange): void {
    this.#notes.set(text, { level: 'warning', text, pos });
  }

  inform(text: string, pos: PosRange): void {
    this.#notes.set(text, { level: 'info', text, pos });
  }

  /** A start time from before the sample in front of it: told once a window, and how often. */
  startsOverlap(metric: string, pos: PosRange): void {
    const known = this.#overlaps.get(metric);
    if (known === undefined) this.#overlaps.set(metric, { pos, count: 1 });
    else known.count++;
  }

  /** The one annotation that tells its extent: bucket bounds, the largest correction, how many samples and when. */
  forcedMonotonicity(
    metric: string,
    pos: PosRange,
    at: number,
    fix: { minBucket: number; maxBucket: number; maxDiff: number },
  ): void {
    const known = this.#monotonicity.get(metric);
    if (known === undefined) {
      this.#monotonicity.set(metric, { ...fix, pos, minTime: at, maxTime: at, samples: 1 });
      return;
    }
    known.minTime = Math.min(known.minTime, at);
    known.maxTime = Math.max(known.maxTime, at);
    known.minBucket = Math.min(known.minBucket, fix.minBucket);
    known.maxBucket = Math.max(known.maxBucket, fix.maxBucket);
    known.maxDiff = Math.max(known.maxDiff, fix.maxDiff);
    known.samples++;
  }

  /** With positions in `query`, at most `limit` of each kind (0: all), the rest counted in a last line. */
  print(query: string | undefined, limit: number): { warnings: string[]; infos: string[] } {
    const warnings: string[] = [];
    const infos: string[] = [];
    const place = (pos: PosRange) => (query === undefined ? '' : ` (${lineAndColumn(query, pos.start)})`);
    for (const { level, text, pos } of this.#notes.values()) {
      (level === 'warning' ? warnings : infos).push(`PromQL ${level}: ${text}${place(pos)}`);
    }
    for (const [metric, { pos, count }] of this.#overlaps) {
      const often = query === undefined || count === 1 ? '' : ` (${count} occurrences)`;
      warnings.push(`PromQL warning: ${STARTS_OVERLAP} for metric ${goQuote(metric)}${often}${place(pos)}`);
    }
    for (const [metric, found] of this.#monotonicity) {
      const extent = query === undefined ? '' : extentOf(found);
      infos.push(`PromQL info: ${FORCED_MONOTONICITY}${forMetric(metric)}${extent}${place(found.pos)}`);
    }
    return { warnings: capped(warnings, limit, 'warning'), infos: capped(infos, limit, 'info') };
  }
}

const STARTS_OVERLAP = 'sample has start time that overlaps with previous sample timestamp';

const FORCED_MONOTONICITY =
  'input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)';

function extentOf(found: Monotonicity): string {
  const buckets = `from buckets ${formatG(found.minBucket)} to ${formatG(found.maxBucket)}`;
  const diff = `with a max diff of ${formatG2(found.maxDiff)}`;
  return `, ${buckets}, ${diff}, over ${found.samples} samples from ${rfc3339(found.minTime)} to ${rfc3339(found.maxTime)}`;
}

/** To the second, as Prometheus shows it. */
function rfc3339(ms: number): string {
  return new Date(Math.trunc(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

function capped(lines: string[], limit: number, kind: string): string[] {
  if (limit === 0 || lines.length <= limit) return lines;
  return [...lines.slice(0, limit), `${lines.length - limit} more ${kind} annotations omitted`];
}

/** Line and column from 1, the column in bytes of UTF-8 as Prometheus counts it. */
export function lineAndColumn(text: string, position: number): string {
  const before = text.slice(0, position);
  const lineStart = before.lastIndexOf('\n') + 1;
  return `${before.split('\n').length}:${Buffer.byteLength(before.slice(lineStart)) + 1}`;
}

function forMetric(name: string): string {
  return name === '' ? '' : ` for metric name ${goQuote(name)}`;
}

/** The texts. Names and words are those of Prometheus, so that what people search for is found. */
export const text = {
  invalidQuantile: (q: number) => `quantile value should be between 0 and 1, got ${formatG(q)}`,
  invalidRatio: (ratio: number, to: number) =>
    `ratio value should be between -1 and 1, got ${formatG(ratio)}, capping to ${formatG(to)}`,
  badBucketLabel: (metric: string, le: string) =>
    `bucket label "le" is missing or has a malformed value of ${goQuote(le)}${forMetric(metric)}`,
  mixedFloatsHistograms: (metric: string) =>
    `encountered a mix of histograms and floats for metric name ${goQuote(metric)}`,
  mixedFloatsHistogramsInAggregation: () => 'encountered a mix of histograms and floats for aggregation',
  sortIneffective: () => 'sort is ineffective for range queries since results are always ordered by labels',
  mixedClassicNative: (metric: string) => `vector contains a mix of classic and native histograms${forMetric(metric)}`,
  notCounter: (metric: string) => `this native histogram metric is not a counter: ${goQuote(metric)}`,
  notGauge: (metric: string) => `this native histogram metric is not a gauge: ${goQuote(metric)}`,
  mixedExponentialCustom: (metric: string) =>
    `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${goQuote(metric)}`,
  incompatibleBuckets: (op: string) => `incompatible bucket layout encountered for binary operator ${op}`,
  counterResetCollision: (operation: HistogramOperation) => `conflicting counter resets during histogram ${operation}`,
  possibleNonCounter: (metric: string) =>
    `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${goQuote(metric)}`,
  possibleNonCounterType: (metric: string, type: string) =>
    `metric might not be a counter, __type__ label is not set to "counter" or "histogram", got ${goQuote(type)}: ${goQuote(metric)}`,
  incompatibleTypes: (left: string, op: string, right: string) =>
    `incompatible sample types encountered for binary operator ${goQuote(op)}: ${left} ${op} ${right}`,
  histogramIgnoredInAggregation: (op: string) => `ignored histogram in ${op} aggregation`,
  histogramIgnoredInMixedRange: (metric: string) =>
    `ignored histograms in a range containing both floats and histograms for metric name ${goQuote(metric)}`,
  quantileNaN: (metric: string) =>
    `input to histogram_quantile has NaN observations, result is NaN${forMetric(metric)}`,
  quantileSkewed: (metric: string) =>
    `input to histogram_quantile has NaN observations, result is skewed higher${forMetric(metric)}`,
  fractionNaNs: (metric: string) =>
    `input to histogram_fraction has NaN observations, which are excluded from all fractions${forMetric(metric)}`,
  reconciledBuckets: (operation: HistogramOperation) => `mismatched custom buckets were reconciled during ${operation}`,
} as const;

/** Go's `%.2g`: an exponent from 100 on. */
function formatG2(value: number): string {
  const [mantissa, exponent] = halfToEven(value).toExponential(1).split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 2) return String(Number(halfToEven(value).toPrecision(2)));
  return `${Number(mantissa)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** Right between two of two digits, Go takes the even one, JavaScript the greater. */
function halfToEven(value: number): number {
  const greater = Number(value.toPrecision(2));
  const unit = 10 ** (Math.floor(Math.log10(greater)) - 1);
  const isOdd = Math.round(greater / unit) % 2 === 1;
  return isOdd && greater - value === unit / 2 ? greater - unit : value;
}
