import type { CounterResetHint, FloatHistogram, Span } from '../../model/sample.ts';

const HINTS: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];
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
  const head = [schema, HINTS.indexOf(counterReset), zeroThreshold, zeroCount, count, sum];
  const doubles = Float64Array.from([...head, ...lists.map((list) => list.length), ...lists.flat()]);
  return new Uint8Array(doubles.buffer);
}

/** @throws {Error} for bytes that are no histogram. */
export function decodeHistogram(bytes: Uint8Array): FloatHistogram {
  const doubles = new Float64Array(Uint8Array.from(bytes).buffer);
  const lengths = [...doubles.subarray(6, FIXED)];
  if (doubles.length !== lengths.reduce((sum, length) => sum + length, FIXED)) throw new Error('damaged histogram');
  let at = FIXED;
  const lists = lengths.map((length) => [...doubles.subarray(at, (at += length))]);
  return {
    schema: doubles[0],
    counterReset: HINTS[doubles[1]] ?? 'unknown',
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
}

function spansOf(flat: readonly number[]): Span[] {
  const spans: Span[] = [];
  for (let i = 0; i < flat.length; i += 2) spans.push({ offset: flat[i], length: flat[i + 1] });
  return spans;
}
