import type { FloatHistogram, Span } from '../../model/sample.ts';
import { validateHistogram } from '../../model/validate-histogram.ts';
import type { DataPoint, ExponentialBuckets } from './request.ts';

const MIN_SCHEMA = -4;
const MAX_SCHEMA = 8;

/** OTLP's own field for it is not used, as in Prometheus. */
const ZERO_THRESHOLD = 1e-128;

/** More empty buckets in a row than this are left out. */
const MAX_GAP = 2;

/** A native histogram of an exponential one; what is wrong with it where it cannot be one. */
export function nativeHistogram(point: DataPoint): FloatHistogram | { readonly refused: string } {
  if (point.scale < MIN_SCHEMA)
    return { refused: `scale ${point.scale} is below ${MIN_SCHEMA}, the coarsest there is` };
  // Past 2^32 all of a side falls into one bucket, whatever the scale.
  const halvings = Math.min(40, Math.max(0, point.scale - MAX_SCHEMA));
  const positive = sideOf(point.positive, halvings);
  const negative = sideOf(point.negative, halvings);
  const histogram: FloatHistogram = {
    schema: Math.min(point.scale, MAX_SCHEMA),
    counterReset: 'unknown',
    zeroThreshold: ZERO_THRESHOLD,
    zeroCount: point.zeroCount,
    count: point.count,
    sum: point.sum ?? 0,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
    customValues: [],
  };
  const refused = validateHistogram(histogram, 'integer');
  return refused === undefined ? histogram : { refused };
}

/**
 * Each halving of the resolution joins two neighbours. OTLP's bucket `i` begins where bound `i` of the scale ends;
 * Prometheus counts by upper bounds, so it is bucket `i + 1`.
 */
function sideOf({ offset, counts }: ExponentialBuckets, halvings: number): { spans: Span[]; buckets: number[] } {
  const joined = new Map<number, number>();
  for (const [i, count] of counts.entries()) {
    const index = Math.floor((offset + i) / 2 ** halvings) + 1;
    if (count > 0) joined.set(index, (joined.get(index) ?? 0) + count);
  }
  const spans: { offset: number; length: number }[] = [];
  const buckets: number[] = [];
  let end = 0;
  for (const [index, count] of joined) {
    const gap = index - end;
    const last = spans.at(-1);
    if (last === undefined || gap > MAX_GAP) {
      spans.push({ offset: gap, length: 1 });
    } else {
      for (let empty = 0; empty < gap; empty++) buckets.push(0);
      last.length += gap + 1;
    }
    buckets.push(count);
    end = index + 1;
  }
  return { spans, buckets };
}
