import type { FloatHistogram } from '../../model/sample.ts';
import type { Side } from './side.ts';
import { compactSide, negativeSide, positiveSide } from './side.ts';
import { negativeBuckets, positiveBuckets } from './buckets.ts';
import { withSides } from './histogram.ts';
import { KahanSum } from './kahan.ts';

/** A histogram and what rounding took from each of its numbers, in the same layout; undefined where sums are plain. */
export interface Compensated {
  readonly value: FloatHistogram;
  readonly lost: FloatHistogram | undefined;
}

interface WiderZero {
  readonly count: number;
  readonly lost: number;
  /** Past the one asked for where a bucket that is not empty lies across it: buckets are never cut. */
  readonly threshold: number;
}

/** What the zero bucket would count if it were at least `threshold` wide. */
export function zeroCountAt(h: FloatHistogram, threshold: number, lost?: FloatHistogram): WiderZero {
  if (threshold === h.zeroThreshold) return { count: h.zeroCount, lost: lost?.zeroCount ?? 0, threshold };
  const positive = positiveBuckets(h);
  const negative = negativeBuckets(h);
  let width = threshold;
  const total = new KahanSum(h.zeroCount, lost?.zeroCount);
  for (;;) {
    for (let i = 0; i < positive.length && positive[i].lower < width; i++) {
      const { count, upper } = positive[i];
      absorb(total, count, lost?.positiveBuckets[i]);
      if (upper > width) {
        if (count !== 0) width = upper;
        break;
      }
    }
    const before = width;
    for (let i = 0; i < negative.length && negative[i].upper > -width; i++) {
      const { count, lower } = negative[i];
      absorb(total, count, lost?.negativeBuckets[i]);
      if (lower < -width) {
        if (count !== 0) width = -lower;
        break;
      }
    }
    if (width === before) return { count: total.sum, lost: total.lost, threshold: width };
    // The lost part stays as it is, as in Prometheus.
    total.sum = h.zeroCount;
  }
}

function absorb(total: KahanSum, count: number, lost: number | undefined): void {
  total.add(count);
  if (lost !== undefined) total.add(lost);
}

/** The histogram with a zero bucket as wide, and the buckets it swallowed gone. */
function widen({ value, lost }: Compensated, threshold: number): Compensated {
  const zero = zeroCountAt(value, threshold, lost);
  const width = zero.threshold;
  const positiveIn = positiveBuckets(value).filter((bucket) => bucket.lower < width).length;
  const negativeIn = negativeBuckets(value).filter((bucket) => bucket.upper > -width).length;
  const positive = emptyFirst(positiveSide(value, lost), positiveIn);
  const negative = emptyFirst(negativeSide(value, lost), negativeIn);
  const widened = withSides(value, positive, negative, { zeroThreshold: width, zeroCount: zero.count });
  return { value: widened, lost: lost && lostSides(lost, positive, negative, zero.lost) };
}

function lostSides(lost: FloatHistogram, positive: Side, negative: Side, zeroCount: number): FloatHistogram {
  const sideOf = (side: Side): Side => ({ spans: side.spans, buckets: side.lost ?? [] });
  return withSides(lost, sideOf(positive), sideOf(negative), { zeroCount });
}

function emptyFirst(side: Side, n: number): Side {
  const clear = (count: number, i: number): number => (i < n ? 0 : count);
  return compactSide({ spans: side.spans, buckets: side.buckets.map(clear), lost: side.lost?.map(clear) });
}

/**
 * Makes both zero buckets equally wide. Gives `a` so widened, and what `b` counts in that zero bucket; the buckets of `b`
 * inside it are left for the caller to skip.
 */
export function reconcileZero(a: Compensated, b: FloatHistogram): Compensated & { zeroOfB: number; lostOfB: number } {
  let own = a;
  let other: WiderZero = { count: b.zeroCount, lost: 0, threshold: b.zeroThreshold };
  while (other.threshold !== own.value.zeroThreshold) {
    if (own.value.zeroThreshold > other.threshold) other = zeroCountAt(b, own.value.zeroThreshold);
    if (other.threshold > own.value.zeroThreshold) own = widen(own, other.threshold);
  }
  return { value: own.value, lost: own.lost, zeroOfB: other.count, lostOfB: other.lost };
}
