import type { FloatHistogram } from '../../model/sample.ts';
import type { Bucket } from './buckets.ts';
import { BucketLine, allBuckets, fractionBelow } from './buckets.ts';
import { exp2 } from './exp2.ts';
import { log2 } from './log2.ts';
import { isCustom } from './schema.ts';

export interface Estimate {
  readonly value: number;
  /** NaN was observed: `skew` where it counts as +Inf and moves the answer, `result` where the quantile falls among it. */
  readonly nan?: 'skew' | 'result';
}

/**
 * The value below which `q` of the observations lie, interpolated inside its bucket: on a logarithmic scale in exponential
 * buckets, evenly in custom ones and in the zero bucket. 0 bounds a histogram that has buckets on one side of it only.
 */
export function histogramQuantile(q: number, h: FloatHistogram): Estimate {
  if (q < 0) return { value: -Infinity };
  if (q > 1) return { value: Infinity };
  if (h.count === 0 || Number.isNaN(q)) return { value: NaN };
  const line = new BucketLine(h);
  const sumIsNaN = Number.isNaN(h.sum);
  // NaN observations are in no bucket but in the count, which only the walk from the left can tell.
  const forward = sumIsNaN || q < 0.5;
  const rank = forward ? q * h.count : (1 - q) * h.count;

  const found = walkTo(rank, line, forward);
  const bucket = line.length === 0 ? NO_BUCKET : line.at(found.place);
  const { lower, upper } = towardsZero(bucket, h);
  if (isCustom(h.schema) && bucket.lower === -Infinity && upper <= 0) return { value: upper };
  if (isCustom(h.schema) && bucket.lower !== -Infinity && upper === Infinity) return { value: lower };
  const counted = found.counted > h.count ? h.count : found.counted;
  if (counted < rank) return sumIsNaN ? { value: NaN, nan: 'result' } : { value: upper };

  const rankInBucket = forward ? rank - (counted - bucket.count) : counted - rank;
  if (!sumIsNaN) return { value: interpolate(lower, upper, rankInBucket / bucket.count, isCustom(h.schema)) };

  let total = counted;
  for (let place = found.place + 1; place < line.length; place++) total += line.countAt(place);
  const nan = total < h.count ? 'skew' : undefined;
  // Prometheus looks for NaN observations in the buckets behind, and then interpolates in the last of them: so do we.
  const last = found.place + 1 < line.length ? line.at(line.length - 1) : { lower, upper, count: bucket.count };
  return { value: interpolate(last.lower, last.upper, rankInBucket / last.count, isCustom(h.schema)), nan };
}

const NO_BUCKET: Bucket = { lower: 0, upper: 0, lowerInclusive: false, upperInclusive: false, count: 0 };

/** The first bucket that is not empty at which the running count reaches `rank`, else the last one. */
function walkTo(rank: number, line: BucketLine, forward: boolean): { place: number; counted: number } {
  let counted = 0;
  for (let i = 0; i < line.length; i++) {
    const place = forward ? i : line.length - 1 - i;
    const count = line.countAt(place);
    if (count === 0) continue;
    counted += count;
    if (counted >= rank) return { place, counted };
  }
  return { place: forward ? line.length - 1 : 0, counted };
}

/** Bounds cut at 0: of the lowest custom bucket, and of the zero bucket where observations are on one side of it only. */
function towardsZero({ lower, upper }: Bucket, h: FloatHistogram): { lower: number; upper: number } {
  if (isCustom(h.schema)) return { lower: lower === -Infinity ? 0 : lower, upper };
  if (lower >= 0 || upper <= 0) return { lower, upper };
  return oneSided({ lower, upper }, h);
}

function interpolate(lower: number, upper: number, fraction: number, linear: boolean): number {
  if (linear || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
  const logLower = log2(Math.abs(lower));
  const logUpper = log2(Math.abs(upper));
  if (lower > 0) return exp2(logLower + (logUpper - logLower) * fraction);
  return -exp2(logUpper + (logLower - logUpper) * (1 - fraction));
}

/** The fraction of observations between two values; `nan: 'skew'` where NaN was observed, which no bucket counts. */
export function histogramFraction(lower: number, upper: number, h: FloatHistogram): Estimate {
  if (h.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return { value: NaN };
  if (lower >= upper) return { value: 0 };
  const buckets = allBuckets(h);
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  const nan = Number.isNaN(h.sum) && total < h.count ? 'skew' : undefined;
  const count = Number.isNaN(h.sum) ? total : h.count;
  const rankOf = (value: number): number => Math.min(rankAt(value, buckets, h) ?? count, count);
  return { value: (rankOf(upper) - rankOf(lower)) / h.count, nan };
}

/** How many observations lie below `value`, undefined past the last bucket. */
function rankAt(value: number, buckets: readonly Bucket[], h: FloatHistogram): number | undefined {
  let rank = 0;
  for (const bucket of buckets) {
    const holdsZero = bucket.lower <= 0 && bucket.upper >= 0;
    const { lower, upper } = holdsZero ? oneSided(bucket, h) : bucket;
    if (lower >= value) return rank;
    if (upper > value) {
      // Nothing can be said about the inside of a bucket without a lower end: it is taken whole.
      if (lower === -Infinity && (isCustom(h.schema) || holdsZero)) return bucket.count;
      return rank + bucket.count * fractionBelow(lower, upper, value, isCustom(h.schema) || holdsZero);
    }
    rank += bucket.count;
  }
  return undefined;
}

function oneSided(
  { lower, upper }: { lower: number; upper: number },
  h: FloatHistogram,
): { lower: number; upper: number } {
  if (h.negativeBuckets.length === 0 && h.positiveBuckets.length > 0) return { lower: 0, upper };
  if (h.positiveBuckets.length === 0 && h.negativeBuckets.length > 0) return { lower, upper: 0 };
  return { lower, upper };
}
