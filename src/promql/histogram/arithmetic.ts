import type { CounterResetHint, FloatHistogram } from '../../model/sample.ts';
import type { Side } from './side.ts';
import type { Compensated } from './zero-bucket.ts';
import { intersectBounds, mergeCustom } from './custom-bounds.ts';
import { sameNumbers, withSides } from './histogram.ts';
import { KahanSum } from './kahan.ts';
import { EMPTY_SIDE, mergeSides, negativeSide, positiveSide, reduceSide } from './side.ts';
import { isCustom } from './schema.ts';
import { reconcileZero } from './zero-bucket.ts';

/** One histogram has exponential buckets, the other custom ones: nothing in common can be computed. */
export class IncompatibleSchemaError extends Error {
  constructor() {
    super('cannot apply this operation on histograms with a mix of exponential and custom bucket schemas');
    this.name = 'IncompatibleSchemaError';
  }
}

export interface Sum {
  readonly histogram: FloatHistogram;
  /** One said that a counter reset came before it, the other that none did: worth a warning. */
  readonly counterResetCollision: boolean;
  /** Custom bounds differed, so that only those both have are left: worth an info. */
  readonly boundsReconciled: boolean;
}

/** `a` + `b`, not compacted. Zero buckets and schemas are brought together first. Throws {@link IncompatibleSchemaError}. */
export function add(a: FloatHistogram, b: FloatHistogram): Sum {
  return plain(a, b, 1);
}

/** `a` - `b`, not compacted; counts may turn negative. Throws {@link IncompatibleSchemaError}. */
export function sub(a: FloatHistogram, b: FloatHistogram): Sum {
  return plain(a, b, -1);
}

function plain(a: FloatHistogram, b: FloatHistogram, sign: 1 | -1): Sum {
  const { value, counterResetCollision, boundsReconciled } = combine({ value: a, lost: undefined }, b, sign);
  return { histogram: value, counterResetCollision, boundsReconciled };
}

export interface CompensatedSum extends Compensated {
  readonly counterResetCollision: boolean;
  readonly boundsReconciled: boolean;
}

/**
 * One step of a sum that keeps what rounding loses (Kahan-Neumaier), as `sum`, `avg` and the `_over_time` functions need
 * it. Start with `{ value: first, lost: undefined }`, end with {@link settle}. Throws {@link IncompatibleSchemaError}.
 */
export function addCompensated(sum: Compensated, h: FloatHistogram): CompensatedSum {
  return combine({ value: sum.value, lost: sum.lost ?? nothingLost(sum.value) }, h, 1);
}

/** Adds what was lost to what was summed. */
export function settle({ value, lost }: Compensated): FloatHistogram {
  if (lost === undefined) return value;
  const both = (counts: readonly number[], rest: readonly number[]): number[] => counts.map((n, i) => n + rest[i]);
  return withSides(
    value,
    { spans: value.positiveSpans, buckets: both(value.positiveBuckets, lost.positiveBuckets) },
    { spans: value.negativeSpans, buckets: both(value.negativeBuckets, lost.negativeBuckets) },
    { zeroCount: value.zeroCount + lost.zeroCount, count: value.count + lost.count, sum: value.sum + lost.sum },
  );
}

export function multiplyCompensated({ value, lost }: Compensated, factor: number): Compensated {
  return { value: multiply(value, factor), lost: lost && multiply(lost, factor) };
}

export function divideCompensated({ value, lost }: Compensated, divisor: number): Compensated {
  return { value: divide(value, divisor), lost: lost && divide(lost, divisor) };
}

function nothingLost(h: FloatHistogram): FloatHistogram {
  const none = (buckets: readonly number[]): number[] => buckets.map(() => 0);
  return {
    ...h,
    zeroCount: 0,
    count: 0,
    sum: 0,
    positiveBuckets: none(h.positiveBuckets),
    negativeBuckets: none(h.negativeBuckets),
  };
}

function combine(a: Compensated, b: FloatHistogram, sign: 1 | -1): CompensatedSum {
  if (isCustom(a.value.schema) !== isCustom(b.schema)) throw new IncompatibleSchemaError();
  const hint = hintOf(a.value.counterReset, b.counterReset);
  const boundsReconciled = isCustom(b.schema) && !sameNumbers(a.value.customValues, b.customValues);
  const buckets = boundsReconciled ? combineCustom(a, b, sign) : combineBuckets(a, b, sign);
  const count = new KahanSum(a.value.count, a.lost?.count);
  const sum = new KahanSum(a.value.sum, a.lost?.sum);
  // Only a compensated sum is added to as one: the other must stay what plain floats give.
  if (a.lost === undefined) {
    count.sum += sign * b.count;
    sum.sum += sign * b.sum;
  } else {
    count.add(sign * b.count);
    sum.add(sign * b.sum);
  }
  const value = assemble(buckets, hint ?? 'unknown', buckets.zero.sum, count.sum, sum.sum);
  const lost = a.lost && assemble(lostOf(buckets), value.counterReset, buckets.zero.lost, count.lost, sum.lost);
  return { value, lost, counterResetCollision: hint === undefined, boundsReconciled };
}

function lostOf(buckets: SummedBuckets): SummedBuckets {
  const { schema, zeroThreshold, zero, customValues, positive, negative } = buckets;
  const lost = (side: Side): Side => ({ spans: side.spans, buckets: side.lost ?? [] });
  return { schema, zeroThreshold, zero, customValues, positive: lost(positive), negative: lost(negative) };
}

/** Field by field: an object made by spreading costs twenty times the sum itself. */
function assemble(
  { schema, zeroThreshold, positive, negative, customValues }: SummedBuckets,
  counterReset: CounterResetHint,
  zeroCount: number,
  count: number,
  sum: number,
): FloatHistogram {
  return {
    schema,
    counterReset,
    zeroThreshold,
    zeroCount,
    count,
    sum,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
    customValues,
  };
}

/** Gauge wins over all, unknown over what is known; undefined where `reset` meets `not_reset`. */
function hintOf(a: CounterResetHint, b: CounterResetHint): CounterResetHint | undefined {
  if (a === b) return a;
  if (a === 'gauge' || b === 'gauge') return 'gauge';
  if (a === 'unknown' || b === 'unknown') return 'unknown';
  return undefined;
}

/** The buckets of a sum, with what they hang on. */
interface SummedBuckets {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zero: KahanSum;
  readonly positive: Side;
  readonly negative: Side;
  readonly customValues: readonly number[];
}

function combineCustom({ value, lost }: Compensated, b: FloatHistogram, sign: 1 | -1): SummedBuckets {
  const customValues = intersectBounds(value.customValues, b.customValues);
  const own = positiveSide(value, lost);
  const positive = mergeCustom(own, value.customValues, positiveSide(b), b.customValues, sign, customValues);
  const { schema, zeroThreshold, zeroCount } = value;
  return { schema, zeroThreshold, zero: new KahanSum(zeroCount), positive, negative: EMPTY_SIDE, customValues };
}

function combineBuckets(sum: Compensated, b: FloatHistogram, sign: 1 | -1): SummedBuckets {
  const { value, lost, zeroOfB, lostOfB } = reconcileZero(sum, b);
  const { zeroThreshold, customValues } = value;
  const schema = Math.min(value.schema, b.schema);
  const merge = (own: Side, added: Side): Side =>
    mergeSides(
      reduceSide(own, value.schema, schema),
      reduceSide(compensateLike(own, added, b.schema !== schema), b.schema, schema),
      sign,
      schema,
      zeroThreshold,
    );
  const positive = merge(positiveSide(value, lost), positiveSide(b));
  const negative = merge(negativeSide(value, lost), negativeSide(b));
  const zero = new KahanSum(value.zeroCount, lost?.zeroCount);
  if (lost === undefined) zero.sum += sign * zeroOfB;
  else zero.add(sign * zeroOfB).add(sign * lostOfB);
  return { schema, zeroThreshold, zero, positive, negative, customValues };
}

/** Buckets that are merged into wider ones on their way into a compensated sum are compensated on that way too. */
function compensateLike(own: Side, added: Side, reduced: boolean): Side {
  if (own.lost === undefined || !reduced) return added;
  return { ...added, lost: added.buckets.map(() => 0) };
}

/** All counts and the sum times `factor`. A negative factor makes a gauge of it. */
export function multiply(h: FloatHistogram, factor: number): FloatHistogram {
  return scaled(h, (value) => value * factor, factor < 0);
}

/** All counts and the sum divided. By zero: no buckets are left, and the counts are ±Infinity or NaN. */
export function divide(h: FloatHistogram, divisor: number): FloatHistogram {
  const quotient = scaled(h, (value) => value / divisor, divisor < 0);
  return divisor === 0 ? withSides(quotient, EMPTY_SIDE, EMPTY_SIDE) : quotient;
}

function scaled(h: FloatHistogram, scale: (value: number) => number, negative: boolean): FloatHistogram {
  return {
    schema: h.schema,
    counterReset: negative ? 'gauge' : h.counterReset,
    zeroThreshold: h.zeroThreshold,
    zeroCount: scale(h.zeroCount),
    count: scale(h.count),
    sum: scale(h.sum),
    positiveSpans: h.positiveSpans,
    positiveBuckets: h.positiveBuckets.map(scale),
    negativeSpans: h.negativeSpans,
    negativeBuckets: h.negativeBuckets.map(scale),
    customValues: h.customValues,
  };
}
