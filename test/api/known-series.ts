import { Labels } from '../../src/model/labels.ts';
import type { FloatHistogram } from '../../src/model/sample.ts';
import type { RandomSeries } from '../promql/random-series.ts';

/** Whole minutes, so that both sides see the same. */
export const END = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
export const START = END - 10 * 60_000;

const latency: FloatHistogram = {
  schema: 1, counterReset: 'unknown', zeroThreshold: 0.001, zeroCount: 1, count: 12, sum: 31.5,
  positiveSpans: [{ offset: -1, length: 2 }, { offset: 1, length: 2 }], positiveBuckets: [2, 3, 4, 1],
  negativeSpans: [{ offset: 0, length: 1 }], negativeBuckets: [1], customValues: [],
}; // prettier-ignore

const TIMES = Array.from({ length: 41 }, (_, i) => START + i * 15_000);

function counter(labels: Record<string, string>, slope: number): RandomSeries {
  return { labels: Labels.of(labels), samples: TIMES.map((time, i) => ({ time, value: (i % 25) * slope })) };
}

/** Counters, gauges, odd floats, an end and a native histogram, a sample every 15 s. */
export const SERIES: readonly RandomSeries[] = [
  counter({ __name__: 'http_requests_total', job: 'shop', instance: 'a:1', code: '200' }, 7.25),
  counter({ __name__: 'http_requests_total', job: 'shop', instance: 'b:1', code: '500' }, 0.1),
  counter({ __name__: 'http_requests_total', job: 'till', instance: 'c:1', code: '200' }, 1e9),
  { labels: Labels.of({ __name__: 'up', job: 'shop', instance: 'a:1' }), samples: TIMES.map((time) => ({ time, value: 1 })) },
  { labels: Labels.of({ __name__: 'up', job: 'till', instance: 'c:1', 'a.b': 'with "quotes" and \\' }), samples: TIMES.map((time, i) => ({ time, value: i > 30 ? 0 : 1 })) },
  { labels: Labels.of({ __name__: 'odd', kind: 'inf' }), samples: TIMES.map((time, i) => ({ time, value: [Infinity, -Infinity, NaN, -0, 1e-9, 1e25, 5e-324][i % 7] })) },
  { labels: Labels.of({ __name__: 'gone' }), samples: TIMES.slice(0, 20).map((time, i) => ({ time, value: i === 19 ? 'stale' : i })) },
  { labels: Labels.of({ __name__: 'latency', job: 'shop' }), samples: TIMES.map((time, i) => ({ time, value: { ...latency, count: 12 + i, zeroCount: 1 + i } })) },
]; // prettier-ignore
