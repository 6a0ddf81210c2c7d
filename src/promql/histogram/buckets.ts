import type { FloatHistogram, Span } from '../../model/sample.ts';
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
  return indexesOf(h.positiveSpans).map((index, i) => positiveBucket(h, index, h.positiveBuckets[i]));
}

/** From the one next to zero outwards, so with falling bounds. */
export function negativeBuckets(h: FloatHistogram): Bucket[] {
  return indexesOf(h.negativeSpans).map((index, i) => negativeBucket(h, index, h.negativeBuckets[i]));
}

function positiveBucket(h: FloatHistogram, index: number, count: number): Bucket {
  const lower = upperBound(index - 1, h.schema, h.customValues);
  return bucketOf(h, lower, upperBound(index, h.schema, h.customValues), count, index);
}

function negativeBucket(h: FloatHistogram, index: number, count: number): Bucket {
  return bucketOf(h, -upperBound(index, h.schema, []), -upperBound(index - 1, h.schema, []), count, index);
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
 * All buckets of a histogram with rising bounds, the zero bucket among them where it is not empty. Bounds that reach into
 * the zero bucket are cut at its width. Bounds are worked out only where they are asked for.
 *
 *     negative[n-1] … negative[0] | zero bucket, if any | positive[0] … positive[m-1]
 */
export class BucketLine {
  readonly length: number;
  readonly #h: FloatHistogram;
  readonly #negatives: number;
  readonly #zeros: number;

  constructor(h: FloatHistogram) {
    this.#h = h;
    this.#negatives = h.negativeBuckets.length;
    this.#zeros = h.zeroCount > 0 ? 1 : 0;
    this.length = this.#negatives + this.#zeros + h.positiveBuckets.length;
  }

  countAt(place: number): number {
    if (place < this.#negatives) return this.#h.negativeBuckets[this.#negatives - 1 - place];
    const right = place - this.#negatives;
    return right < this.#zeros ? this.#h.zeroCount : this.#h.positiveBuckets[right - this.#zeros];
  }

  at(place: number): Bucket {
    const h = this.#h;
    const width = h.zeroThreshold;
    if (place < this.#negatives) {
      const i = this.#negatives - 1 - place;
      const bucket = negativeBucket(h, indexAt(h.negativeSpans, i), h.negativeBuckets[i]);
      return bucket.upper < 0 && bucket.upper > -width ? { ...bucket, upper: -width } : bucket;
    }
    const right = place - this.#negatives;
    if (right < this.#zeros) return zeroBucket(h);
    const i = right - this.#zeros;
    const bucket = positiveBucket(h, indexAt(h.positiveSpans, i), h.positiveBuckets[i]);
    return bucket.lower > 0 && bucket.lower < width ? { ...bucket, lower: width } : bucket;
  }
}

/** The schema's index of the bucket at a place. */
function indexAt(spans: readonly Span[], place: number): number {
  let index = 0;
  let rest = place;
  for (const { offset, length } of spans) {
    index += offset;
    if (rest < length) return index + rest;
    rest -= length;
    index += length;
  }
  return index;
}

/** All buckets with rising bounds, as {@link BucketLine} has them. */
export function allBuckets(h: FloatHistogram): Bucket[] {
  const line = new BucketLine(h);
  return Array.from({ length: line.length }, (_, place) => line.at(place));
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
