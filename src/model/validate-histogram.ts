import type { FloatHistogram, Span } from './sample.ts';
import { formatG } from './float-text.ts';
import { SCHEMA_MAX, isCustom, isExponential, isReducible } from './histogram-schema.ts';

/**
 * Returns what is wrong with a histogram in Prometheus' words, undefined where nothing is.
 * Source: Prometheus, model/histogram: `Histogram.Validate` and `FloatHistogram.Validate`.
 *
 * @param counts `integer` where bucket counts came as whole numbers: they must add up to the count. Those of a float
 * histogram may have been rounded and are not added up.
 */
export function validateHistogram(h: FloatHistogram, counts: 'integer' | 'float' = 'float'): string | undefined {
  return shapeProblem(h) ?? countProblem(h) ?? (counts === 'integer' ? sumProblem(h) : undefined);
}

/**
 * Returns the histogram as it can be stored: schemas 9 to 52 are reduced to 8. Returns what is wrong with it where it
 * cannot be stored at all.
 */
export function storableHistogram(
  h: FloatHistogram,
  counts: 'integer' | 'float',
): FloatHistogram | { readonly refused: string } {
  const tooFine = isReducible(h.schema);
  const refused = validateHistogram(tooFine ? { ...h, schema: SCHEMA_MAX } : h, counts);
  if (refused !== undefined) return { refused };
  return tooFine ? reduceResolution(h, h.schema - SCHEMA_MAX) : h;
}

function shapeProblem(h: FloatHistogram): string | undefined {
  if (isCustom(h.schema)) return customProblem(h);
  if (isExponential(h.schema)) return exponentialProblem(h);
  return `histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets, got schema ${h.schema}`;
}

/** Each halving of the resolution joins two neighbouring buckets. */
function reduceResolution(h: FloatHistogram, halvings: number): FloatHistogram {
  const positive = reduceSide(h.positiveSpans, h.positiveBuckets, halvings);
  const negative = reduceSide(h.negativeSpans, h.negativeBuckets, halvings);
  return {
    ...h,
    schema: h.schema - halvings,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  };
}

function reduceSide(
  spans: readonly Span[],
  counts: readonly number[],
  halvings: number,
): { spans: Span[]; buckets: number[] } {
  const reduced: { offset: number; length: number }[] = [];
  const buckets: number[] = [];
  let index = 0;
  let i = 0;
  /** Behind the last bucket of the result. */
  let end = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let k = 0; k < length; k++, index++, i++) {
      // Not by shifts: indexes may lie beyond 32 bits.
      const target = Math.floor((index - 1) / 2 ** halvings) + 1;
      const last = reduced.at(-1);
      if (last !== undefined && target === end - 1) {
        buckets[buckets.length - 1] += counts[i];
        continue;
      }
      if (last !== undefined && target === end) last.length++;
      else reduced.push({ offset: target - end, length: 1 });
      buckets.push(counts[i]);
      end = target + 1;
    }
  }
  return { spans: reduced, buckets };
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

/** A sum that is NaN comes of an observation that is NaN, which counts in no bucket. */
function sumProblem(h: FloatHistogram): string | undefined {
  // Past 2^53 whole numbers have been rounded and no longer add up.
  if (h.count > Number.MAX_SAFE_INTEGER) return undefined;
  const found = sumOf(h.negativeBuckets) + sumOf(h.positiveBuckets) + h.zeroCount;
  const words = `${found} observations found in buckets, but the Count field is ${h.count}`;
  if (Number.isNaN(h.sum)) {
    if (found <= h.count) return undefined;
    return `${words}: histogram's observation count should be at least the number of observations found in the buckets`;
  }
  if (found === h.count) return undefined;
  return `${words}: histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)`;
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
