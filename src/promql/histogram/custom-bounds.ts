import type { FloatHistogram } from '../../model/sample.ts';
import type { Side } from './side.ts';
import { KahanSum } from './kahan.ts';
import { indexesOf, spansOf } from './side.ts';

/** The bounds that both lists have, in order. */
export function intersectBounds(a: readonly number[], b: readonly number[]): number[] {
  const common: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) common.push(a[i]);
    const step = a[i] - b[j];
    if (step <= 0) i++;
    if (step >= 0) j++;
  }
  return common;
}

/** `a` plus `sign` times `b`, each bucket counted in the one of `bounds` that holds it whole. Empty buckets are left out. */
export function mergeCustom(
  a: Side,
  boundsA: readonly number[],
  b: Side,
  boundsB: readonly number[],
  sign: 1 | -1,
  bounds: readonly number[],
): Side {
  const totals = Array.from({ length: bounds.length + 1 }, () => new KahanSum());
  const addSide = (side: Side, from: readonly number[], factor: 1 | -1): void => {
    let target = 0;
    indexesOf(side.spans).forEach((index, i) => {
      const bound = index < from.length ? from[index] : Infinity;
      while (target < bounds.length && bounds[target] < bound) target++;
      totals[target].add(factor * side.buckets[i]);
      if (side.lost !== undefined) totals[target].add(side.lost[i]);
    });
  };
  addSide(a, boundsA, 1);
  addSide(b, boundsB, sign);
  const filled = totals.flatMap(({ sum, lost }, i) => (sum === 0 && lost === 0 ? [] : [i]));
  return {
    spans: spansOf(filled),
    buckets: filled.map((i) => totals[i].sum),
    lost: a.lost && filled.map((i) => totals[i].lost),
  };
}

/** Whether `current`, whose bounds differ, has lost counts below any bound that both have. */
export function fellBelowCommonBound(current: FloatHistogram, previous: FloatHistogram): boolean {
  const bounds = [...intersectBounds(current.customValues, previous.customValues), Infinity];
  const countsOf = (h: FloatHistogram): number[] => {
    const counts = bounds.map(() => 0);
    let target = 0;
    indexesOf(h.positiveSpans).forEach((index, i) => {
      const bound = index < h.customValues.length ? h.customValues[index] : Infinity;
      while (bounds[target] < bound) target++;
      counts[target] += h.positiveBuckets[i];
    });
    return counts;
  };
  const before = countsOf(previous);
  return countsOf(current).some((count, i) => count < before[i]);
}
