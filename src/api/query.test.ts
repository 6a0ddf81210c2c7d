import { expect, test, vi } from 'vitest';
import { Labels } from '../model/labels.ts';
import { NOW, engineOf, language, testApi, vector } from './testing.ts';
import type { QueryEngine } from './types.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const up = engineOf(() => vector([{ __name__: 'up', job: 'a' }, 1], [{ __name__: 'up', job: 'b' }, Number.NaN]));

test('an instant query answers a vector in the envelope', async () => {
  const app = await testApi({ engine: up });
  const answer = await app.inject('/api/v1/query?query=up');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.json()).toEqual({
    status: 'success',
    data: {
      resultType: 'vector',
      result: [
        { metric: { __name__: 'up', job: 'a' }, value: [NOW / 1000, '1'] },
        { metric: { __name__: 'up', job: 'b' }, value: [NOW / 1000, 'NaN'] },
      ],
    },
  });
});

test("Grafana's health check, 1+1, is a scalar", async () => {
  const engine = engineOf(() => ({ type: 'scalar', timestamp: 1500, value: 2, warnings: [], infos: [] }));
  const app = await testApi({ engine });
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/query',
    headers: FORM,
    payload: 'query=1%2B1&time=1.5',
  });
  expect(answer.json().data).toEqual({ resultType: 'scalar', result: [1.5, '2'] });
});

test('a matrix holds floats and histograms of a series apart', async () => {
  const histogram = {
    schema: 0, counterReset: 'gauge', zeroThreshold: 0, zeroCount: 0, count: 1, sum: 1,
    positiveSpans: [{ offset: 0, length: 1 }], positiveBuckets: [1], negativeSpans: [], negativeBuckets: [], customValues: [],
  } as const; // prettier-ignore
  const engine = engineOf(() => ({
    type: 'matrix',
    series: [
      { labels: Labels.of({ a: 'x' }), timestamps: Float64Array.of(1000, 1500), values: Float64Array.of(1, Infinity) },
      {
        labels: Labels.of({ a: 'y' }),
        timestamps: Float64Array.of(1000, 2000),
        values: Float64Array.of(7, Number.NaN),
        histograms: [undefined, histogram],
      },
    ],
    warnings: ['careful'],
    infos: ['by the way'],
  }));
  const app = await testApi({ engine });
  const answer = await app.inject('/api/v1/query_range?query=x&start=1&end=2&step=0.5');
  expect(answer.json()).toEqual({
    status: 'success',
    data: {
      resultType: 'matrix',
      result: [
        { metric: { a: 'x' }, values: [[1, '1'], [1.5, '+Inf']] },
        {
          metric: { a: 'y' },
          values: [[1, '7']],
          histograms: [[2, { count: '1', sum: '1' }]],
        },
      ],
    },
    warnings: ['careful'],
    infos: ['by the way'],
  }); // prettier-ignore
});

test.each([
  ['query?query=up&time=abc', `invalid parameter "time": invalid time value for 'time': cannot parse "abc" to a valid timestamp`],
  ['query?query=up&timeout=abc', 'invalid parameter "timeout": cannot parse "abc" to a valid duration'],
  ['query?query=up&lookback_delta=abc', 'error parsing lookback delta duration: cannot parse "abc" to a valid duration'],
  ['query?query=up&limit=abc', 'invalid parameter "limit": strconv.Atoi: parsing "abc": invalid syntax'],
  ['query?query=up&limit=-1', 'invalid parameter "limit": limit must be non-negative'],
  ['query_range?query=up&end=10&step=1', 'invalid parameter "start": cannot parse "" to a valid timestamp'],
  ['query_range?query=up&start=0&step=1', 'invalid parameter "end": cannot parse "" to a valid timestamp'],
  ['query_range?query=up&start=0&end=10', 'invalid parameter "step": cannot parse "" to a valid duration'],
  ['query_range?query=up&start=0&end=10&step=0', 'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer'],
  ['query_range?query=up&start=10&end=0&step=1', 'invalid parameter "end": end timestamp must not be before start time'],
  ['query_range?query=up&start=0&end=1&step=Inf', 'invalid parameter "step": cannot parse "Inf" to a valid duration. It overflows int64'],
  ['query_range?query=up&start=0&end=100000&step=1', 'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)'],
  ['query_exemplars?query=up&start=5&end=0', 'end timestamp must not be before start timestamp'],
])('%s is refused in the words of Prometheus', async (url, error) => {
  const app = await testApi({ engine: up, language });
  const answer = await app.inject(`/api/v1/${url}`);
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toEqual({ status: 'error', errorType: 'bad_data', error });
}); // prettier-ignore

test.each([
  ['bad_data', 400, 'bad_data', 'invalid parameter "query": boom'],
  ['execution', 422, 'execution', 'boom'],
  ['timeout', 503, 'timeout', 'boom'],
  ['canceled', 503, 'canceled', 'boom'],
  // What went wrong inside may name folders and is for the log.
  ['internal', 500, 'internal', expect.stringMatching(/^internal error; the log of this server has it as [\w-]+$/)],
  [undefined, 500, 'internal', expect.stringMatching(/^internal error;/)],
])('a failure of kind %s answers %d %s', async (kind, status, errorType, error) => {
  const engine = engineOf(() => Promise.reject(Object.assign(new Error('boom'), { kind })));
  const app = await testApi({ engine });
  const answer = await app.inject('/api/v1/query?query=up');
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toEqual({ status: 'error', errorType, error });
});

test('a timeout that is over before the start is a timeout', async () => {
  const app = await testApi({ engine: up });
  const answer = await app.inject('/api/v1/query?query=up&timeout=0');
  expect([answer.statusCode, answer.json().errorType]).toEqual([503, 'timeout']);
});

test('limit cuts the answer and says so', async () => {
  const app = await testApi({ engine: up });
  const answer = (await app.inject('/api/v1/query?query=up&limit=1')).json();
  expect(answer.data.result).toHaveLength(1);
  expect(answer.warnings).toEqual(['results truncated due to limit']);
});

test('the engine is told the times, the shorter timeout and the lookback', async () => {
  const calls: unknown[] = [];
  const engine: QueryEngine = {
    histogramJson: () => ({}),
    async instant(expr, at, { timeout, lookback, stats }) {
      calls.push([expr, at, { timeout, lookback, stats }]);
      return vector();
    },
    async range(expr, start, end, step, { timeout, lookback, stats }) {
      calls.push([expr, start, end, step, { timeout, lookback, stats }]);
      return vector();
    },
  };
  const app = await testApi({ engine }, { query_timeout: '10s' });
  await app.inject('/api/v1/query?query=a&time=2026-01-01T00:00:00.5Z&timeout=5s&lookback_delta=60&stats=all');
  await app.inject('/api/v1/query?query=b&timeout=1h');
  await app.inject({
    method: 'POST',
    url: '/api/v1/query_range?query=url',
    headers: FORM,
    payload: 'query=c&start=1&end=1m&end=61&step=1m',
  });
  await app.inject({
    method: 'POST',
    url: '/api/v1/query_range',
    headers: FORM,
    payload: 'query=c&start=1&end=61.5&step=1m',
  });
  expect(calls).toEqual([
    ['a', Date.UTC(2026, 0, 1) + 500, { timeout: 5000, lookback: 60_000, stats: 'all' }],
    ['b', NOW, { timeout: 10_000, lookback: undefined, stats: undefined }],
    ['c', 1000, 61_500, 60_000, { timeout: 10_000, lookback: undefined, stats: undefined }],
  ]);
});

test('statistics stand in the answer where they were asked for', async () => {
  const stats = { totalSamples: 7, samplesRead: 5, peakSamples: 3, evalTime: 12 };
  const app = await testApi({ engine: engineOf(() => ({ ...vector(), stats })) });
  expect((await app.inject('/api/v1/query?query=up&stats=all')).json().data.stats).toMatchObject({
    timings: { evalTotalTime: 0.012 },
    samples: { totalQueryableSamples: 7, samplesRead: 5, peakSamples: 3 },
  });
  expect((await app.inject('/api/v1/query?query=up')).json().data).not.toHaveProperty('stats');
});

test('a client that goes away cancels its query', async () => {
  const signals: AbortSignal[] = [];
  const engine: QueryEngine = {
    histogramJson: () => ({}),
    instant: (_expr, _at, { signal }) => {
      if (signal !== undefined) signals.push(signal);
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    },
    range: async () => vector(),
  };
  const app = await testApi({ engine });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = new AbortController();
  const request = fetch(`${address}/api/v1/query?query=slow`, { signal: client.signal }).catch(() => undefined);
  await vi.waitFor(() => expect(signals).toHaveLength(1));
  client.abort();
  await vi.waitFor(() => expect(signals[0].aborted).toBe(true));
  await request;
  await app.close();
});

test('a process without an engine says so', async () => {
  const app = await testApi();
  const answer = await app.inject('/api/v1/query?query=up');
  expect(answer.statusCode).toBe(501);
  expect(answer.json()).toEqual({
    status: 'error',
    errorType: 'unavailable',
    error: 'this crowsnest has no store of series',
  });
});

test('expressions are formatted, parsed and explained', async () => {
  const app = await testApi({ language });
  expect((await app.inject('/api/v1/format_query?query=up')).json().data).toBe('pretty up');
  expect((await app.inject('/api/v1/parse_query?query=up')).json().data).toEqual({
    type: 'vectorSelector',
    name: 'up',
  });
  expect((await app.inject('/api/v1/explain_query?query=up')).json().data).toEqual({ text: 'selects up' });
});
