import type { FloatHistogram, Span } from '../../model/sample.ts';
import { formatG } from './format.ts';
import { isCustom, isExponential } from './schema.ts';

/**
 * What is wrong with a histogram in Prometheus' words, undefined where nothing is. Whether the buckets add up to the
 * count is not asked, as float histograms may have been rounded.
 */
export function validate(h: FloatHistogram): string | undefined {
  if (isCustom(h.schema)) return customProblem(h) ?? countProblem(h);
  if (isExponential(h.schema)) return exponentialProblem(h) ?? countProblem(h);
  return `histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets, got schema ${h.schema}`;
}

function customProblem(h: FloatHistogram): string | undefined {
  const bounds = boundsProblem(h.customValues) ?? customSpansProblem(h);
  if (bounds !== undefined) return `custom buckets: ${bounds}`;
  if (h.zeroCount !== 0) return 'custom buckets: must have zero count of 0';
  if (h.zeroThreshold !== 0) return 'custom buckets: must have zero threshold of 0';
  if (h.negativeSpans.length > 0) return 'custom buckets: must not have negative spans';
  if (h.negativeBuckets.length > 0) return 'custom buckets: must not have negative buckets';
  return undefined;
}

function boundsProblem(bounds: readonly number[]): string | undefined {
  for (let i = 0; i < bounds.length; i++) {
    if (Number.isNaN(bounds[i])) return 'histogram custom bounds must not be NaN';
    if (i > 0 && bounds[i] <= bounds[i - 1]) {
      const found = `previous bound is ${bounds[i - 1].toFixed(6)} and current is ${bounds[i].toFixed(6)}`;
      return `${found}: histogram custom bounds must be in strictly increasing order`;
    }
  }
  if (bounds.at(-1) !== Infinity) return undefined;
  return 'last +Inf bound must not be explicitly defined: histogram custom bounds must be finite';
}

function customSpansProblem(h: FloatHistogram): string | undefined {
  const first = h.positiveSpans[0]?.offset ?? 0;
  if (first < 0) return negativeOffset(1, first);
  const problem = spansProblem(h.positiveSpans, h.positiveBuckets.length);
  if (problem !== undefined) return problem;
  const reach = h.positiveSpans.reduce((end, span) => end + span.offset + span.length, 0);
  if (reach <= h.customValues.length + 1) return undefined;
  return `only ${h.customValues.length} custom bounds defined which is insufficient to cover total span length of ${reach}: histogram custom bounds are too few`;
}

function exponentialProblem(h: FloatHistogram): string | undefined {
  const positive = spansProblem(h.positiveSpans, h.positiveBuckets.length);
  if (positive !== undefined) return `positive side: ${positive}`;
  const negative = spansProblem(h.negativeSpans, h.negativeBuckets.length) ?? bucketsProblem(h.negativeBuckets);
  if (negative !== undefined) return `negative side: ${negative}`;
  if (h.zeroCount < 0) {
    return `zero bucket has observation count of ${formatG(h.zeroCount)}: histogram has a bucket whose observation count is negative`;
  }
  return h.customValues.length > 0 ? 'histogram with exponential schema must not have custom bounds' : undefined;
}

function spansProblem(spans: readonly Span[], buckets: number): string | undefined {
  const bad = spans.findIndex((span, i) => i > 0 && span.offset < 0);
  if (bad >= 0) return negativeOffset(bad + 1, spans[bad].offset);
  const needed = spans.reduce((sum, span) => sum + span.length, 0);
  if (needed === buckets) return undefined;
  return `spans need ${needed} buckets, have ${buckets} buckets: histogram spans specify different number of buckets than provided`;
}

function negativeOffset(place: number, offset: number): string {
  return `span number ${place} with offset ${offset}: histogram has a span whose offset is negative`;
}

function bucketsProblem(buckets: readonly number[]): string | undefined {
  const bad = buckets.findIndex((count) => count < 0);
  if (bad < 0) return undefined;
  return `bucket number ${bad + 1} has observation count of ${formatG(buckets[bad])}: histogram has a bucket whose observation count is negative`;
}

function countProblem(h: FloatHistogram): string | undefined {
  if (h.count < 0) return `observation count is  ${formatG(h.count)}: histogram's observation count is negative`;
  const positive = bucketsProblem(h.positiveBuckets);
  return positive === undefined ? undefined : `positive side: ${positive}`;
}
