import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSeries } from '../promql/write-series.ts';
import { type RunningServer, describeWith, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { END, SERIES, START } from './known-series.ts';
import { type OwnServer, startOwnServer } from './own-server.ts';

const AT = { time: String(END / 1000) };
const OVER = { start: String(START / 1000 + 120), end: String(END / 1000), step: '120' };

/** Asked both at one time and over a range, but for what gives no vector. */
const QUERIES = [
  '1', 'time()', '1 + 1', 'vector(1)', 'nosuch', 'up', '-up', 'up + 1', 'up == 0', 'gone', 'odd', 'latency', '-latency', '{job="shop"}',
  'up offset 2m', `up @ ${END / 1000}`, 'up @ start()', 'sum(up)', 'sum by (job) (http_requests_total)', 'topk(1, http_requests_total)', 'count_values("v", up)', 'quantile(0.5, http_requests_total)',
  'rate(http_requests_total[2m])', 'rate(latency[2m])', 'increase(up[1m] offset 1m)', 'count_over_time(gone[10m])', 'sum_over_time(latency[3m])', 'last_over_time({job="shop"}[1m])', 'max_over_time(up[2m:30s])',
  'rate(latency[2m:30s])', 'sum_over_time(sum(up)[2m:30s])', 'sum_over_time(rate(up[1m])[2m:30s])', `rate(up[1m] @ ${END / 1000})`, `max_over_time(up[2m:30s] @ ${END / 1000})`, 'absent(up)', 'absent(nosuch)', 'absent_over_time(up[1m])',
  'histogram_quantile(0.9, latency)', 'histogram_quantile(0.9, rate(latency[2m]))', 'histogram_count(latency)', 'histogram_sum(rate(latency[2m]))', 'sum(latency)', 'latency + latency', 'latency * 2',
  'timestamp(up)', 'timestamp(latency)', 'timestamp(sum(up))', 'label_replace(up, "a", "$1", "job", "(.*)")', 'abs(up)', 'scalar(sum(up))', 'vector(scalar(sum(up)))', 'sort(up)', 'clamp(up, 0, 1)', 'round(http_requests_total, 5)',
  'http_requests_total * on(job) group_left up', 'up and on(job) http_requests_total', 'up or gone', 'up unless on(job) http_requests_total', 'up > bool 0', 'predict_linear(up[1m], 60)', 'quantile_over_time(0.5, up[1m])', 'quantile_over_time(scalar(up{job="shop"}), up[1m])', 'rate(http_requests_total[1m]) / rate(http_requests_total[2m])', 'up + up', 'changes(up[2m] anchored)', 'rate(http_requests_total[2m] smoothed)', 'up smoothed', 'info(up)', 'limitk(1, up)', 'year()', 'hour(up)', 'rate(latency[1m]) + on() group_left() sum(up)', 'sum_over_time((up * 2)[2m:1m])', 'sum_over_time(up[30s:15s])', 'sum_over_time(sum_over_time(up[10s:5s])[2m:30s])', 'sum_over_time(up[30s:15s] offset 20s)', 'max_over_time(rate(latency[1m])[45s:15s])','sum_over_time(sum_over_time(up[30s:15s])[50s:25s])', 'up + on(job) sum_over_time(up[20s:10s])', 'sum_over_time(up[5m:1m] offset 30s)', 'sum_over_time(sum_over_time(up[1m:15s])[5m:2m])', `sum_over_time(sum_over_time(up[1m:15s] @ ${END / 1000})[5m:2m])`, 'sum_over_time(up[1s])','sum_over_time(latency[5m])', `predict_linear(up[1m] @ ${END / 1000}, 60)`, `scalar(sum(up @ ${END / 1000}))`, `up @ ${END / 1000} + up`, 'sum(rate(http_requests_total[1m])) by (job) > 0', 'deriv(up[1m])', 'delta(latency[1m])', 'irate(latency[1m])', 'count(latency) by (job)', 'avg(latency)', 'avg_over_time(latency[1m])', 'min_over_time({__name__=~"latency|up"}[1m])', 'ts_of_max_over_time(up[1m])', 'mad_over_time(up[1m])', 'first_over_time(up[1m])', 'group(up)', '(up)', 'up ^ 2', '2 ^ up',
]; // prettier-ignore
/** Asked at one time only. */
const RANGES = [
  'up[1m:30s] offset 20s', 'rate(up[20s:10s])[5m:1m]', 'sum_over_time(up[30s:15s])[50s:25s]', 'sum(up)[2m:30s]', 'rate(up[1m])[2m:30s]', 'sum_over_time(up[1m:15s])[5m:2m]', 'up[1m:30s] @ 100', 'up[1m]', 'latency[1m]', 'up[2m:30s]', 'latency[2m:30s]', '{job="shop"}[1m]', 'gone[5m]', 'gone[10m]', `latency[2m] @ ${START / 1000 + 300}`, '"text"', 'up[1m] anchored', 'up[1m] smoothed'
]; // prettier-ignore

const CASES = [
  ...QUERIES.flatMap((query) => [
    ['query', query],
    ['query_range', query],
  ]),
  ...RANGES.map((query) => ['query', query]),
];

describeWith(['prometheus'], 'statistics of queries, ours and those of a real Prometheus', () => {
  let ours: OwnServer;
  let real: RunningServer;

  beforeAll(async () => {
    ours = await startOwnServer({ requests_per_minute: 0 });
    real = await startPrometheus();
    for (const url of [ours.url, real.url]) await writeSeries(url, SERIES);
    const everything = { query: '{__name__!=""}[1h]', ...AT, stats: 'true' };
    const committed = (await samplesOf(real.url, 'query', everything)).samplesRead;
    expect(
      await waitFor(async () => (await samplesOf(ours.url, 'query', everything)).samplesRead === committed, 10_000),
    ).toBe(true);
  });

  afterAll(async () => {
    await real?.stop();
    await ours?.stop();
  });

  test.each(CASES)('%s of %s', async (path, query) => {
    for (const stats of ['all', 'true']) {
      const parameters = { query, stats, ...(path === 'query' ? AT : OVER) };
      const [mine, theirs] = await Promise.all([ours.url, real.url].map((url) => samplesOf(url, path, parameters)));
      expect(theirs.totalQueryableSamples).toBeGreaterThanOrEqual(0);
      expect(mine).toEqual(theirs);
    }
  });
});

/** Without the peak, which depends on how the engine goes about its work. */
async function samplesOf(
  url: string,
  path: string,
  parameters: Record<string, string>,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
  const { data } = (await response.json()) as { data: { stats: { samples: Record<string, unknown> } } };
  const { peakSamples, ...samples } = data.stats.samples;
  expect(peakSamples).toEqual(expect.any(Number));
  return samples;
}
