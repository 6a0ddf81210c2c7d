import type { FloatHistogram, Span } from '../../model/sample.ts';
import { KahanSum } from './kahan.ts';
import { exponentialBound, isCustom, targetIndex } from './schema.ts';

/**
 * The buckets of one sign. Where sums are compensated (Kahan), `lost` holds for each bucket what rounding took from it.
 */
export interface Side {
  readonly spans: readonly Span[];
  readonly buckets: readonly number[];
  readonly lost?: readonly number[];
}

export const EMPTY_SIDE: Side = { spans: [], buckets: [] };

export function positiveSide(h: FloatHistogram, lost?: FloatHistogram): Side {
  return { spans: h.positiveSpans, buckets: h.positiveBuckets, lost: lost?.positiveBuckets };
}

export function negativeSide(h: FloatHistogram, lost?: FloatHistogram): Side {
  return { spans: h.negativeSpans, buckets: h.negativeBuckets, lost: lost?.negativeBuckets };
}

/** The schema's index of each bucket, in order. */
export function indexesOf(spans: readonly Span[]): number[] {
  const indexes: number[] = [];
  let index = 0;
  for (const span of spans) {
    index += span.offset;
    for (let i = 0; i < span.length; i++) indexes.push(index++);
  }
  return indexes;
}

/** Spans that hold exactly these rising indexes. */
export function spansOf(indexes: readonly number[]): Span[] {
  const spans: Span[] = [];
  let start = 0;
  let end = 0;
  for (let i = 0; i < indexes.length; i = start) {
    start = i + 1;
    while (start < indexes.length && indexes[start] === indexes[start - 1] + 1) start++;
    spans.push({ offset: indexes[i] - end, length: start - i });
    end = indexes[start - 1] + 1;
  }
  return spans;
}

/** True where both describe the same buckets, however they are cut into spans. */
export function sameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  if (a === b) return true;
  let i = 0;
  while (i < a.length && i < b.length && a[i].offset === b[i].offset && a[i].length === b[i].length) i++;
  if (i === a.length && i === b.length) return true;
  const left = indexesOf(a);
  const right = indexesOf(b);
  return left.length === right.length && left.every((index, k) => index === right[k]);
}

/** The same observations in the wider buckets of a coarser schema. */
export function reduceSide(side: Side, schema: number, target: number): Side {
  if (schema === target || side.buckets.length === 0) return side;
  const indexes: number[] = [];
  const buckets: number[] = [];
  const lost: number[] | undefined = side.lost && [];
  const total = new KahanSum();
  indexesOf(side.spans).forEach((index, i) => {
    const place = targetIndex(index, schema, target);
    const last = buckets.length - 1;
    if (last < 0 || indexes[last] !== place) {
      indexes.push(place);
      buckets.push(side.buckets[i]);
      lost?.push(side.lost?.[i] ?? 0);
    } else if (lost === undefined) {
      buckets[last] += side.buckets[i];
    } else {
      total
        .restart(buckets[last], lost[last])
        .add(side.buckets[i])
        .add(side.lost?.[i] ?? 0);
      buckets[last] = total.sum;
      lost[last] = total.lost;
    }
  });
  return { spans: spansOf(indexes), buckets, lost };
}

/**
 * `a` plus `sign` times `b`, both in `schema`. Buckets of `b` at or below `threshold` are left out, for they are counted
 * in the zero bucket. Compensated where `a.lost` is there.
 */
export function mergeSides(a: Side, b: Side, sign: 1 | -1, schema: number, threshold: number): Side {
  if (b.buckets.length === 0) return a;
  const inZeroBucket = (index: number): boolean => !isCustom(schema) && exponentialBound(index, schema) <= threshold;
  const allBehind = threshold === 0 || !inZeroBucket(b.spans[0].offset);
  if (allBehind && sameSpans(a.spans, b.spans)) return addAligned(a, b, sign);
  const added = indexesOf(b.spans);
  const first = allBehind ? 0 : added.filter(inZeroBucket).length;
  return addScattered(a, b, sign, added, first);
}

/** The loop that sums of many histograms spend their time in. */
function addAligned(a: Side, b: Side, sign: 1 | -1): Side {
  // Copies, so that the arrays have their length and kind at once.
  const buckets = a.buckets.slice();
  const added = b.buckets;
  if (a.lost === undefined) {
    for (let i = 0; i < buckets.length; i++) buckets[i] += sign * added[i];
    return { spans: a.spans, buckets };
  }
  const lost = a.lost.slice();
  const total = new KahanSum();
  for (let i = 0; i < buckets.length; i++) {
    total.restart(buckets[i], lost[i]).add(sign * added[i]);
    const rest = b.lost === undefined ? 0 : sign * b.lost[i];
    if (rest !== 0) total.add(rest);
    buckets[i] = total.sum;
    lost[i] = total.lost;
  }
  return { spans: a.spans, buckets, lost };
}

function addScattered(a: Side, b: Side, sign: 1 | -1, added: readonly number[], first: number): Side {
  const own = indexesOf(a.spans);
  const indexes: number[] = [];
  const buckets: number[] = [];
  const lost: number[] | undefined = a.lost && [];
  const total = new KahanSum();
  let i = 0;
  let j = first;
  while (i < own.length || j < added.length) {
    const fromA = j === added.length || (i < own.length && own[i] <= added[j]);
    const fromB = i === own.length || (j < added.length && added[j] <= own[i]);
    indexes.push(fromA ? own[i] : added[j]);
    if (fromA && fromB && lost !== undefined) {
      total.restart(a.buckets[i], a.lost?.[i] ?? 0).add(sign * b.buckets[j]);
      if (b.lost !== undefined) total.add(sign * b.lost[j]);
      buckets.push(total.sum);
      lost.push(total.lost);
    } else {
      buckets.push(fromA ? (fromB ? a.buckets[i] + sign * b.buckets[j] : a.buckets[i]) : sign * b.buckets[j]);
      lost?.push(fromA ? (a.lost?.[i] ?? 0) : sign * (b.lost?.[j] ?? 0));
    }
    if (fromA) i++;
    if (fromB) j++;
  }
  return { spans: spansOf(indexes), buckets, lost };
}

/** Without empty buckets, but for gaps of at most `maxEmpty` between two that are not. */
export function compactSide(side: Side, maxEmpty = 0): Side {
  const { spans, buckets, lost } = side;
  if (isCompact(side, maxEmpty)) return side;
  const places = indexesOf(spans);
  const indexes: number[] = [];
  const kept: number[] = [];
  const keptLost: number[] | undefined = lost && [];
  for (let i = 0; i < buckets.length; i++) {
    if (buckets[i] === 0 && (lost === undefined || lost[i] === 0)) continue;
    const last = indexes.at(-1);
    if (last !== undefined && places[i] - last - 1 <= maxEmpty) {
      for (let gap = last + 1; gap < places[i]; gap++) {
        indexes.push(gap);
        kept.push(0);
        keptLost?.push(0);
      }
    }
    indexes.push(places[i]);
    kept.push(buckets[i]);
    keptLost?.push(lost?.[i] ?? 0);
  }
  return { spans: spansOf(indexes), buckets: kept, lost: keptLost };
}

function isCompact(side: Side, maxEmpty: number): boolean {
  for (const count of side.buckets) if (count === 0) return false;
  for (let i = 0; i < side.spans.length; i++) {
    if (side.spans[i].length === 0 || (i > 0 && side.spans[i].offset <= maxEmpty)) return false;
  }
  return true;
}
