import type { FloatHistogram } from '../../model/sample.ts';
import type { Bucket } from './buckets.ts';
import { allBuckets } from './buckets.ts';
import { KahanSum } from './kahan.ts';
import { isCustom } from './schema.ts';

export function histogramAvg(h: FloatHistogram): number {
  return h.sum / h.count;
}

/** The variance, each observation taken to lie in the middle of its bucket. */
export function histogramStdvar(h: FloatHistogram): number {
  const mean = h.sum / h.count;
  const variance = new KahanSum();
  for (const bucket of allBuckets(h)) {
    if (bucket.count === 0) continue;
    const delta = middleOf(bucket, isCustom(h.schema)) - mean;
    variance.add(bucket.count * delta * delta);
  }
  return (variance.sum + variance.lost) / h.count;
}

export function histogramStddev(h: FloatHistogram): number {
  return Math.sqrt(histogramStdvar(h));
}

/** The arithmetic middle of a custom bucket, the geometric one of an exponential bucket, 0 of the zero bucket. */
function middleOf({ lower, upper }: Bucket, custom: boolean): number {
  if (custom) return (upper + lower) / 2;
  if (lower <= 0 && upper >= 0) return 0;
  const middle = Math.sqrt(upper * lower);
  return upper < 0 ? -middle : middle;
}
