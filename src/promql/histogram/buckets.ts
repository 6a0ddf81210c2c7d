import type { FloatHistogram } from '../../model/sample.ts';
import { log2 } from './log2.ts';
import { indexesOf } from './side.ts';
import { isCustom, upperBound } from './schema.ts';

/** A bucket with its bounds worked out. Bounds of ±Infinity occur with custom bounds and at the far ends. */
export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly count: number;
}

/** From the one next to zero outwards. */
export function positiveBuckets(h: FloatHistogram): Bucket[] {
  return indexesOf(h.positiveSpans).map((index, i) =>
    bucketOf(
      h,
      upperBound(index - 1, h.schema, h.customValues),
      upperBound(index, h.schema, h.customValues),
      h.positiveBuckets[i],
      index,
    ),
  );
}

/** From the one next to zero outwards, so with falling bounds. */
export function negativeBuckets(h: FloatHistogram): Bucket[] {
  return indexesOf(h.negativeSpans).map((index, i) =>
    bucketOf(h, -upperBound(index, h.schema, []), -upperBound(index - 1, h.schema, []), h.negativeBuckets[i], index),
  );
}

function bucketOf(h: FloatHistogram, lower: number, upper: number, count: number, index: number): Bucket {
  const custom = isCustom(h.schema);
  return {
    lower,
    upper,
    lowerInclusive: custom ? index === 0 : lower < 0,
    upperInclusive: custom || upper > 0,
    count,
  };
}

export function zeroBucket(h: FloatHistogram): Bucket {
  return {
    lower: -h.zeroThreshold,
    upper: h.zeroThreshold,
    lowerInclusive: true,
    upperInclusive: true,
    count: h.zeroCount,
  };
}

/**
 * All buckets with rising bounds, the zero bucket among them where it is not empty. Bounds that reach into the zero
 * bucket are cut at its width. For falling bounds walk the list from its end.
 */
export function allBuckets(h: FloatHistogram): Bucket[] {
  const buckets: Bucket[] = [];
  const width = h.zeroThreshold;
  const negative = negativeBuckets(h);
  for (let i = negative.length - 1; i >= 0; i--) {
    const bucket = negative[i];
    buckets.push(bucket.upper < 0 && bucket.upper > -width ? { ...bucket, upper: -width } : bucket);
  }
  if (h.zeroCount > 0) buckets.push(zeroBucket(h));
  for (const bucket of positiveBuckets(h)) {
    buckets.push(bucket.lower > 0 && bucket.lower < width ? { ...bucket, lower: width } : bucket);
  }
  return buckets;
}

/**
 * The part of a bucket's width below `value`, which lies between its finite bounds. Exponential buckets are even on a
 * logarithmic scale, custom ones and the zero bucket on the plain one (`linear`).
 */
export function fractionBelow(lower: number, upper: number, value: number, linear: boolean): number {
  if (linear) return (value - lower) / (upper - lower);
  const logLower = log2(Math.abs(lower));
  const logUpper = log2(Math.abs(upper));
  const logValue = log2(Math.abs(value));
  if (value > 0) return (logValue - logLower) / (logUpper - logLower);
  return 1 - (logValue - logUpper) / (logLower - logUpper);
}
