import { isCustom, isExponential } from '../../model/histogram-schema.ts';
import { RESET_HINTS } from '../../model/sample.ts';
import type { FloatHistogram, Span } from '../../model/sample.ts';

const FIXED = 11;

/**
 * A histogram as little-endian doubles, so that any reader of the Parquet file can take it apart:
 * schema, reset hint (0 unknown, 1 reset, 2 not reset, 3 gauge), zero threshold, zero count, count, sum,
 * then five lengths and behind them the five lists: positive spans (offset, length), positive buckets, negative spans,
 * negative buckets, custom bounds.
 */
export function encodeHistogram(histogram: FloatHistogram): Uint8Array {
  const spans = (list: readonly Span[]) => list.flatMap((span) => [span.offset, span.length]);
  const lists = [
    spans(histogram.positiveSpans),
    histogram.positiveBuckets,
    spans(histogram.negativeSpans),
    histogram.negativeBuckets,
    histogram.customValues,
  ];
  const { schema, counterReset, zeroThreshold, zeroCount, count, sum } = histogram;
  const head = [schema, RESET_HINTS.indexOf(counterReset), zeroThreshold, zeroCount, count, sum];
  const doubles = Float64Array.from([...head, ...lists.map((list) => list.length), ...lists.flat()]);
  return new Uint8Array(doubles.buffer);
}

/** Undefined for bytes that are no histogram, or one that no query could work with ({@link isReadable}). */
export function decodeHistogram(bytes: Uint8Array): FloatHistogram | undefined {
  if (bytes.length % 8 !== 0 || bytes.length < 8 * FIXED) return undefined;
  const doubles = new Float64Array(Uint8Array.from(bytes).buffer);
  const lengths = [...doubles.subarray(6, FIXED)];
  if (doubles.length !== lengths.reduce((sum, length) => sum + length, FIXED)) return undefined;
  let at = FIXED;
  const lists = lengths.map((length) => [...doubles.subarray(at, (at += length))]);
  const histogram: FloatHistogram = {
    schema: doubles[0],
    counterReset: RESET_HINTS[doubles[1]] ?? 'unknown',
    zeroThreshold: doubles[2],
    zeroCount: doubles[3],
    count: doubles[4],
    sum: doubles[5],
    positiveSpans: spansOf(lists[0]),
    positiveBuckets: lists[1],
    negativeSpans: spansOf(lists[2]),
    negativeBuckets: lists[3],
    customValues: lists[4],
  };
  return isReadable(histogram) ? histogram : undefined;
}

/** Buckets lie at indices up to here: past it every bound is 0 or infinite. */
const MAX_INDEX = 2 ** 31 - 1;

/**
 * Whether the parts of a histogram belong together: a known schema, spans within the range of indices, and as many buckets
 * as the spans say. Work on one that is not could take for ever. Counts are not looked at.
 */
export function isReadable(histogram: FloatHistogram): boolean {
  const { schema, customValues } = histogram;
  const custom = isCustom(schema);
  if (!custom && !(Number.isInteger(schema) && isExponential(schema))) return false;
  if (!custom) return fits(histogram.positiveSpans, histogram.positiveBuckets) && fits(histogram.negativeSpans, histogram.negativeBuckets); // prettier-ignore
  if (histogram.negativeSpans.length > 0 || histogram.negativeBuckets.length > 0) return false;
  for (let i = 1; i < customValues.length; i++) if (!(customValues[i] > customValues[i - 1])) return false;
  return fits(histogram.positiveSpans, histogram.positiveBuckets, 0, customValues.length);
}

function fits(spans: readonly Span[], buckets: readonly number[], lowest = -MAX_INDEX, highest = MAX_INDEX): boolean {
  let index = 0;
  let count = 0;
  for (const [i, { offset, length }] of spans.entries()) {
    if (!Number.isInteger(offset) || !Number.isInteger(length) || length < 0 || (i > 0 && offset < 0)) return false;
    index += offset;
    if (index < lowest || index + length - 1 > highest) return false;
    index += length;
    count += length;
  }
  return count === buckets.length;
}

function spansOf(flat: readonly number[]): Span[] {
  const spans: Span[] = [];
  for (let i = 0; i < flat.length; i += 2) spans.push({ offset: flat[i], length: flat[i + 1] });
  return spans;
}
