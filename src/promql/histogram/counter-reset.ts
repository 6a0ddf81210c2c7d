import type { FloatHistogram } from '../../model/sample.ts';
import type { Side } from './side.ts';
import { fellBelowCommonBound } from './custom-bounds.ts';
import { sameNumbers } from './histogram.ts';
import { indexesOf, negativeSide, positiveSide, reduceSide, sameSpans } from './side.ts';
import { exponentialBound, isCustom } from './schema.ts';
import { zeroCountAt } from './zero-bucket.ts';

/**
 * Whether the counter behind two histograms started anew between them. The hint of `current` decides where it says so;
 * else any count that fell, or a layout that could only have come with a restart: a finer schema, a narrower zero bucket.
 */
export function detectReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (current.counterReset === 'reset') return true;
  if (current.counterReset === 'not_reset') return false;
  if (current.count < previous.count) return true;
  if (isCustom(current.schema)) {
    if (!isCustom(previous.schema)) return true;
    if (!sameNumbers(current.customValues, previous.customValues)) return fellBelowCommonBound(current, previous);
  }
  if (current.schema > previous.schema) return true;
  if (current.zeroThreshold < previous.zeroThreshold) return true;
  const zero = zeroCountAt(previous, current.zeroThreshold);
  // A bucket of the previous histogram lies across the new zero bucket: it cannot have grown out of it.
  if (zero.threshold !== current.zeroThreshold) return true;
  if (current.zeroCount < zero.count) return true;
  return (
    fell(positiveSide(current), positiveSide(previous), current, previous.schema) ||
    fell(negativeSide(current), negativeSide(previous), current, previous.schema)
  );
}

function fell(own: Side, before: Side, { schema, zeroThreshold }: FloatHistogram, previousSchema: number): boolean {
  const previous = reduceSide(before, previousSchema, schema);
  if (zeroThreshold === 0 && sameSpans(own.spans, previous.spans)) {
    return own.buckets.some((count, i) => count < previous.buckets[i]);
  }
  const inZeroBucket = (index: number): boolean =>
    !isCustom(schema) && exponentialBound(index, schema) <= zeroThreshold;
  const indexes = indexesOf(own.spans);
  let i = 0;
  return indexesOf(previous.spans).some((index, j) => {
    if (inZeroBucket(index)) return false;
    while (i < indexes.length && indexes[i] < index) i++;
    const count = indexes[i] === index ? own.buckets[i] : 0;
    return indexes[i] === index ? count < previous.buckets[j] : previous.buckets[j] !== 0;
  });
}
