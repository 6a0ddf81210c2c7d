import type { FloatHistogram } from '../../model/sample.ts';
import type { Bucket } from './buckets.ts';
import { fractionBelow, negativeBuckets, positiveBuckets, zeroBucket } from './buckets.ts';
import { compact, withSides } from './histogram.ts';
import { isCustom } from './schema.ts';

/** What is left of a bucket, and the value its observations are taken to have when the sum is made anew. */
interface Kept {
  readonly count: number;
  readonly middle: number;
}

/** `h </ bound`: without the observations above `bound`. Count and sum are estimated from the buckets that are left. */
export function trimUpper(h: FloatHistogram, bound: number): FloatHistogram {
  return trim(h, bound, true);
}

/** `h >/ bound`: without the observations below `bound`. */
export function trimLower(h: FloatHistogram, bound: number): FloatHistogram {
  return trim(h, bound, false);
}

function trim(h: FloatHistogram, bound: number, upper: boolean): FloatHistogram {
  const custom = isCustom(h.schema);
  const positive = positiveBuckets(h).map((bucket) => keep(bucket, bound, upper, true, custom));
  const negative = negativeBuckets(h).map((bucket) => keep(bucket, bound, upper, false, custom));
  const zero = h.zeroCount > 0 ? keepOfZero(h, bound, upper) : { count: h.zeroCount, middle: 0 };
  const untouched =
    zero.count === h.zeroCount &&
    positive.every(({ count }, i) => count === h.positiveBuckets[i]) &&
    negative.every(({ count }, i) => count === h.negativeBuckets[i]);
  if (untouched) return h;

  const kept = [...positive, ...negative, ...(h.zeroCount > 0 ? [zero] : [])];
  const left = withSides(
    h,
    { spans: h.positiveSpans, buckets: positive.map(({ count }) => count) },
    { spans: h.negativeSpans, buckets: negative.map(({ count }) => count) },
    {
      zeroCount: zero.count,
      count: kept.reduce((sum, { count }) => sum + count, 0),
      sum: kept.reduce((sum, { count, middle }) => sum + middle * count, 0),
    },
  );
  return compact(left);
}

function keep(bucket: Bucket, bound: number, upperTrim: boolean, positive: boolean, custom: boolean): Kept {
  const { lower, upper, count } = bucket;
  if (count === 0) return { count: 0, middle: 0 };
  const whole = upperTrim ? upper <= bound : lower >= bound;
  if (whole) return { count, middle: middleOf(lower, upper, positive, custom) };
  const cut = upperTrim ? lower < bound : upper > bound;
  if (!cut) return { count: 0, middle: 0 };
  if (lower === -Infinity) return keepOfLowest(bucket, bound, upperTrim);
  if (upper === Infinity) return keepOfHighest(bucket, bound, upperTrim);
  const below = count * fractionBelow(lower, upper, bound, custom);
  if (upperTrim) return { count: below, middle: middleOf(lower, bound, positive, custom) };
  return { count: count - below, middle: middleOf(bound, upper, positive, custom) };
}

/** The bucket down to -Inf is taken to begin at 0 where its upper bound is above that; else it cannot be cut. */
function keepOfLowest({ upper, count }: Bucket, bound: number, upperTrim: boolean): Kept {
  const cuttable = bound >= 0 && upper > 0 && upper !== Infinity;
  if (upperTrim) {
    if (bound > 0 && cuttable) return { count: (count * bound) / upper, middle: bound / 2 };
    return upper <= 0 ? { count, middle: bound } : { count: 0, middle: 0 };
  }
  return cuttable ? { count: count * (1 - bound / upper), middle: (bound + upper) / 2 } : { count: 0, middle: 0 };
}

/** Of the bucket up to +Inf, all observations may be above any bound: kept whole from below, dropped from above. */
function keepOfHighest({ count }: Bucket, bound: number, upperTrim: boolean): Kept {
  return upperTrim ? { count: 0, middle: 0 } : { count, middle: bound };
}

function keepOfZero(h: FloatHistogram, bound: number, upperTrim: boolean): Kept {
  const { count, ...bounds } = zeroBucket(h);
  const hasPositive = h.positiveBuckets.some((n) => n !== 0);
  const hasNegative = h.negativeBuckets.some((n) => n !== 0);
  const upper = hasNegative && !hasPositive ? 0 : bounds.upper;
  const lower = hasPositive && !hasNegative ? 0 : bounds.lower;
  const whole = { count, middle: (lower + upper) / 2 };
  if (bound <= lower) return upperTrim ? { count: 0, middle: 0 } : whole;
  if (bound >= upper) return upperTrim ? whole : { count: 0, middle: 0 };
  if (upperTrim) return { count: count * ((bound - lower) / (upper - lower)), middle: (lower + bound) / 2 };
  return { count: count * ((upper - bound) / (upper - lower)), middle: (bound + upper) / 2 };
}

function middleOf(lower: number, upper: number, positive: boolean, linear: boolean): number {
  if (lower === -Infinity) return upper === Infinity ? 0 : upper > 0 ? upper / 2 : upper;
  if (upper === Infinity) return lower;
  if (linear) return (lower + upper) / 2;
  const middle = Math.sqrt(Math.abs(lower * upper));
  return positive ? middle : -middle;
}
