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
  const summed = boundsReconciled ? combineCustom(a, b, sign) : combineBuckets(a, b, sign);
  return {
    ...countTogether(summed, b, sign, hint ?? 'unknown'),
    counterResetCollision: hint === undefined,
    boundsReconciled,
  };
}

/** Gauge wins over all, unknown over what is known; undefined where `reset` meets `not_reset`. */
function hintOf(a: CounterResetHint, b: CounterResetHint): CounterResetHint | undefined {
  if (a === b) return a;
  if (a === 'gauge' || b === 'gauge') return 'gauge';
  if (a === 'unknown' || b === 'unknown') return 'unknown';
  return undefined;
}

function countTogether(
  { value, lost }: Compensated,
  b: FloatHistogram,
  sign: 1 | -1,
  counterReset: CounterResetHint,
): Compensated {
  if (lost === undefined) {
    return {
      value: { ...value, counterReset, count: value.count + sign * b.count, sum: value.sum + sign * b.sum },
      lost,
    };
  }
  const count = new KahanSum(value.count, lost.count).add(sign * b.count);
  const sum = new KahanSum(value.sum, lost.sum).add(sign * b.sum);
  return {
    value: { ...value, counterReset, count: count.sum, sum: sum.sum },
    lost: { ...lost, counterReset, count: count.lost, sum: sum.lost },
  };
}

function combineCustom({ value, lost }: Compensated, b: FloatHistogram, sign: 1 | -1): Compensated {
  const customValues = intersectBounds(value.customValues, b.customValues);
  const own = positiveSide(value, lost);
  const side = mergeCustom(own, value.customValues, positiveSide(b), b.customValues, sign, customValues);
  return split(value, lost, side, EMPTY_SIDE, { customValues });
}

function combineBuckets(sum: Compensated, b: FloatHistogram, sign: 1 | -1): Compensated {
  const { value, lost, zeroOfB, lostOfB } = reconcileZero(sum, b);
  const schema = Math.min(value.schema, b.schema);
  const merge = (own: Side, added: Side): Side =>
    mergeSides(
      reduceSide(own, value.schema, schema),
      reduceSide(compensateLike(own, added, b.schema !== schema), b.schema, schema),
      sign,
      schema,
      value.zeroThreshold,
    );
  const positive = merge(positiveSide(value, lost), positiveSide(b));
  const negative = merge(negativeSide(value, lost), negativeSide(b));
  if (lost === undefined) {
    return split(value, lost, positive, negative, { schema, zeroCount: value.zeroCount + sign * zeroOfB });
  }
  const zero = new KahanSum(value.zeroCount, lost.zeroCount).add(sign * zeroOfB).add(sign * lostOfB);
  return split(value, { ...lost, zeroCount: zero.lost }, positive, negative, { schema, zeroCount: zero.sum });
}

/** Buckets that are merged into wider ones on their way into a compensated sum are compensated on that way too. */
function compensateLike(own: Side, added: Side, reduced: boolean): Side {
  if (own.lost === undefined || !reduced) return added;
  return { ...added, lost: added.buckets.map(() => 0) };
}

function split(
  value: FloatHistogram,
  lost: FloatHistogram | undefined,
  positive: Side,
  negative: Side,
  fields: Partial<FloatHistogram>,
): Compensated {
  const merged = withSides(value, positive, negative, fields);
  if (lost === undefined) return { value: merged, lost };
  return {
    value: merged,
    lost: {
      ...merged,
      zeroCount: lost.zeroCount,
      count: lost.count,
      sum: lost.sum,
      positiveBuckets: positive.lost ?? [],
      negativeBuckets: negative.lost ?? [],
    },
  };
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
    ...h,
    counterReset: negative ? 'gauge' : h.counterReset,
    zeroCount: scale(h.zeroCount),
    count: scale(h.count),
    sum: scale(h.sum),
    positiveBuckets: h.positiveBuckets.map(scale),
    negativeBuckets: h.negativeBuckets.map(scale),
  };
}
