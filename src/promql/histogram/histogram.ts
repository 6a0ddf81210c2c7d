import type { CounterResetHint, FloatHistogram } from '../../model/sample.ts';
import type { Side } from './side.ts';
import { compactSide, negativeSide, positiveSide, reduceSide, sameSpans } from './side.ts';
import { isCustom } from './schema.ts';

/** No observations, in the layout of `like`: what rate starts from behind a counter reset. */
export function emptyLike(like: FloatHistogram): FloatHistogram {
  return {
    schema: like.schema,
    counterReset: 'unknown',
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    positiveSpans: [],
    positiveBuckets: [],
    negativeSpans: [],
    negativeBuckets: [],
    customValues: like.customValues,
  };
}

/** A copy of `h` with its buckets replaced, and other fields where given; field by field, as spreading is many times slower. */
export function withSides(
  h: FloatHistogram,
  positive: Side,
  negative: Side,
  fields: Partial<FloatHistogram> = {},
): FloatHistogram {
  return {
    schema: fields.schema ?? h.schema,
    counterReset: fields.counterReset ?? h.counterReset,
    zeroThreshold: fields.zeroThreshold ?? h.zeroThreshold,
    zeroCount: fields.zeroCount ?? h.zeroCount,
    count: fields.count ?? h.count,
    sum: fields.sum ?? h.sum,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
    customValues: fields.customValues ?? h.customValues,
  };
}

export function withHint(h: FloatHistogram, counterReset: CounterResetHint): FloatHistogram {
  if (h.counterReset === counterReset) return h;
  return withSides(h, positiveSide(h), negativeSide(h), { counterReset });
}

/** Without empty buckets, but for gaps of at most `maxEmpty` between two that are not. */
export function compact(h: FloatHistogram, maxEmpty = 0): FloatHistogram {
  const positive = positiveSide(h);
  const negative = negativeSide(h);
  const compactPositive = compactSide(positive, maxEmpty);
  const compactNegative = compactSide(negative, maxEmpty);
  if (compactPositive === positive && compactNegative === negative) return h;
  return withSides(h, compactPositive, compactNegative);
}

/** In a coarser schema; the hint is lost, as in Prometheus. Throws a RangeError where the schemas do not allow it. */
export function toSchema(h: FloatHistogram, target: number): FloatHistogram {
  if (target === h.schema) return h;
  if (isCustom(h.schema) || isCustom(target) || target > h.schema) {
    throw new RangeError(`cannot copy from schema ${h.schema} to ${target}`);
  }
  return withSides(h, reduceSide(positiveSide(h), h.schema, target), reduceSide(negativeSide(h), h.schema, target), {
    schema: target,
    counterReset: 'unknown',
  });
}

/** Bucket by bucket and to the bit; NaN equals NaN, the hint does not count. Empty buckets count: compact both before. */
export function equals(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum) &&
    a.zeroThreshold === b.zeroThreshold &&
    Object.is(a.zeroCount, b.zeroCount) &&
    (!isCustom(a.schema) || sameNumbers(a.customValues, b.customValues)) &&
    sameSpans(a.negativeSpans, b.negativeSpans) &&
    sameNumbers(a.negativeBuckets, b.negativeBuckets) &&
    sameSpans(a.positiveSpans, b.positiveSpans) &&
    sameNumbers(a.positiveBuckets, b.positiveBuckets)
  );
}

export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** True where a number in it has grown past what a float can hold. */
export function hasOverflow(h: FloatHistogram): boolean {
  const numbers = [h.zeroCount, h.count, h.sum];
  const infinite = (value: number): boolean => value === Infinity || value === -Infinity;
  return (
    numbers.some(infinite) ||
    h.positiveBuckets.some(infinite) ||
    h.negativeBuckets.some(infinite) ||
    h.customValues.some(infinite)
  );
}
