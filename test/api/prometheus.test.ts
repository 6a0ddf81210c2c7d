import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSeries } from '../promql/write-series.ts';
import { findProgram } from '../servers/cache.ts';
import { type RunningServer, describeWith, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { END, SERIES, START } from './known-series.ts';
import { type OwnServer, startOwnServer } from './own-server.ts';

const execute = promisify(execFile);

describeWith(['prometheus', 'promtool'], 'our API and that of a real Prometheus, over the same samples', () => {
  let ours: OwnServer;
  let real: RunningServer;
  const others: RunningServer[] = [];

  beforeAll(async () => {
    ours = await startOwnServer({ admin_api: true });
    real = await startPrometheus();
    for (const url of [ours.url, real.url]) await writeSeries(url, SERIES);
    // A write is answered when it is safe; it can be queried when it is committed.
    await waitFor(
      async () =>
        ((await ask(ours.url, `query?query=count(up)&time=${END / 1000}`)).body as Answer).data.result.length > 0,
      10_000,
    );
  });

  afterAll(async () => {
    for (const server of others) await server.stop();
    await real?.stop();
    await ours?.stop();
  });

  test.each(REQUESTS)('%s', async (request) => {
    const [mine, theirs] = await Promise.all([ask(ours.url, request), ask(real.url, request)]);
    expect(mine).toEqual(theirs);
  });

  test('forms are read as URLs are', async () => {
    const form = { method: 'POST', body: new URLSearchParams({ query: 'sum(up)', time: String(END / 1000) }) };
    const [mine, theirs] = await Promise.all([ask(ours.url, 'query', form), ask(real.url, 'query', form)]);
    expect(mine).toEqual(theirs);
  });

  test('a federation page is the same but for the words of its head', async () => {
    const page = async (url: string) => {
      const response = await fetch(`${url}/federate?match[]=up&match[]=nosuch&match[]={job="shop"}`);
      return [response.status, (await response.text()).split('\n').sort()];
    };
    expect(await page(ours.url)).toEqual(await page(real.url));
  });

  test('a Prometheus that reads from us answers as the one that has the samples', async () => {
    const config = `remote_read: [{url: "${ours.url}/api/v1/read", read_recent: true}]\n`;
    const reader = await startPrometheus({ config });
    others.push(reader);
    for (const query of ['up', 'rate(http_requests_total[5m])', 'histogram_quantile(0.9, latency)']) {
      const request = `query_range?query=${encodeURIComponent(query)}&start=${START / 1000}&end=${END / 1000}&step=60`;
      const [read, stored] = await Promise.all([ask(reader.url, request), ask(real.url, request)]);
      expect((read.body as Answer).data.result.length).toBeGreaterThan(0);
      expect(read).toEqual(stored);
    }
  });

  test.each([
    ['query instant URL count(up)', /\{\} => 2 @/],
    [
      `query range URL up --start=${START / 1000} --end=${END / 1000} --step=60s`,
      /up\{instance="a:1", job="shop"\} =>/,
    ],
    ['query series URL --match=up', /instance="c:1", job="till"/],
    ['query labels URL job', /^shop\ntill$/m],
    ['check healthy --url=URL', /SUCCESS/],
    ['check ready --url=URL', /SUCCESS/],
  ])('promtool %s', async (command, words) => {
    const at = command.startsWith('query instant') ? [`--time=${END / 1000}`] : [];
    const promtool = findProgram('promtool') ?? 'promtool';
    const { stdout, stderr } = await execute(promtool, [...command.replace('URL', ours.url).split(' '), ...at]);
    expect(`${stdout}${stderr}`).toMatch(words);
  });

  test('a Prometheus that federates us scrapes the page without trouble', async () => {
    const job = `{job_name: us, honor_labels: true, scrape_interval: 1s, metrics_path: /federate, params: {"match[]": ["up"]}, static_configs: [{targets: ["${new URL(ours.url).host}"]}]}`;
    const scraper = await startPrometheus({ config: `scrape_configs: [${job}]\n` });
    others.push(scraper);
    const health = async () =>
      ((await ask(scraper.url, 'targets')).body as { data: { activeTargets: { health: string; lastError: string }[] } })
        .data.activeTargets[0];
    expect(await waitFor(async () => ['up', 'down'].includes((await health())?.health), 15_000)).toBe(true);
    expect(await health()).toMatchObject({ health: 'up', lastError: '' });
  });
});

interface Answer {
  readonly data: { readonly resultType: string; readonly result: { readonly metric: Record<string, string> }[] };
}

async function ask(
  url: string,
  request: string,
  init?: RequestInit,
): Promise<{ status: number; type: string; body: unknown }> {
  const response = await fetch(`${url}/api/v1/${request}`, init);
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    type,
    body: type === 'application/json' ? settled(JSON.parse(text) as Answer) : text,
  };
}

/** Without what differs from run to run: the order of a vector, times of work. */
function settled(body: Answer & { data: { stats?: { timings: unknown; samples: Record<string, unknown> } } }): unknown {
  const { data } = body;
  if (data?.stats !== undefined) data.stats.timings = Object.keys(data.stats.timings as object).sort();
  if (data?.resultType === 'vector')
    data.result.sort((a, b) => (JSON.stringify(a.metric) < JSON.stringify(b.metric) ? -1 : 1));
  return body;
}

const AT = `time=${END / 1000}`;
const RANGE = `start=${START / 1000}&end=${END / 1000}&step=30`;

const q = encodeURIComponent;

const REQUESTS = [
  `query?query=up&${AT}`,
  `query?query=${q('1+1')}&time=0`,
  `query?query=${q('sum by (job) (rate(http_requests_total[5m]))')}&${AT}`,
  `query?query=odd&${AT}`,
  `query?query=${q('odd[3m]')}&${AT}`,
  `query?query=latency&${AT}`,
  `query?query=${q('latency[2m]')}&${AT}`,
  `query?query=${q('-latency')}&${AT}`,
  `query?query=${q('{"a.b"!=""}')}&${AT}`,
  `query?query=${q('"text"')}&time=5`,
  `query?query=NaN&time=1.5`,
  `query?query=1e30&time=1`,
  `query?query=1e-10&time=1`,
  `query?query=${q('vector(1e-7)')}&time=1`,
  `query?query=${q('up offset 5m')}&${AT}&lookback_delta=30s`,
  `query?query=${q('rate(up[1m])')}&${AT}`,
  `query?query=${q('histogram_quantile(0.9, up)')}&${AT}`,
  `query?query=${q('up / 0')}&time=${q(new Date(END).toISOString())}`,
  `query?query=${q('count(up)')}&${AT}&stats=`,
  `query?query=gone&${AT}`,
  `query?query=up&${AT}&limit=5`,
  'query', 'query?query=', 'query?query=up&time=abc', 'query?query=up&timeout=abc',
  'query?query=up&lookback_delta=abc', 'query?query=up&limit=abc', 'query?query=up&limit=-1', `query?query=${q('up{')}`,
  `query?query=${q('sum(')}`, `query?query=${q('foo bar')}`, `query?query=${q('rate(up)')}`, `query?query=${q('up + on(job) http_requests_total')}&${AT}`,
  `query?query=${q('label_replace(up, "a", "b", "c", "(")')}&${AT}`, `query?query=${q('nofunc(up)')}`,
  'query?query=1&time=2020-01-01', 'query?query=1&time=1e400', 'query?query=1&time=0x10', 'query?query=1&time=1_000', 'query?query=1&time=-1', 'query?query=1&time=1.0005', 'query?query=1&time=1.0015',
  `query_range?query=up&${RANGE}`,
  `query_range?query=${q('rate(http_requests_total[1m])')}&${RANGE}`,
  `query_range?query=odd&${RANGE}`, `query_range?query=gone&${RANGE}`, `query_range?query=latency&${RANGE}`,
  'query_range?query=1.5&start=0&end=2&step=1', 'query_range?query=time()&start=0&end=0.05&step=5ms',
  `query_range?query=up&${RANGE}&limit=5`,
  'query_range?query=up&start=0&end=10&step=0', 'query_range?query=up&start=10&end=0&step=1', 'query_range?query=up&start=0&end=100000&step=1',
  'query_range?query=up&end=10&step=1', 'query_range?query=up&start=0&step=1', 'query_range?query=up&start=0&end=10', 'query_range?query=up&start=0&end=10&step=abc',
  'query_range?query=up&start=0&end=10&step=-1', 'query_range?query=&start=0&end=10&step=1', `query_range?query=${q('up[1m]')}&start=0&end=10&step=1`,
  `query_range?query=${q('"a"')}&start=0&end=2&step=1`, 'query_range?query=1&start=0&end=1&step=Inf', 'query_range?query=1&start=0&end=1&step=NaN', 'query_range?query=1&start=0&end=1&step=1e3', 'query_range?query=1&start=0&end=1&step=30m1h',
  'series', 'series?match[]={}', `series?match[]=${q('up{')}`, 'series?match[]=up&start=abc', `series?match[]=${q('rate(up[1m])')}`, 'series?match[]=up&limit=abc',
  `series?match[]=${q('up{job="till"}')}`, `series?match[]=${q('http_requests_total{code="500"}')}&match[]=gone`, 'series?match[]=up&start=10&end=5', `series?match[]=${q('{job=~".*"}')}`,
  `series?match[]=up&start=${START / 1000}&end=${END / 1000}`, `series?match[]=${q('{job="shop"}')}&match[]=gone&limit=1`,
  'labels', 'labels?match[]=up', 'labels?match[]={}', 'labels?limit=2', 'labels?start=abc',
  'label/job/values', 'label/job/values?limit=1', 'label/nosuch/values', 'label/a.b/values', 'label/U__a_2e_b/values', 'label/U__/values', `label/job/values?match[]=${q('up{')}`,
  'label/job/values?match[]={}', `label/code/values?match[]=${q('{code!="200"}')}`,
  'metadata?limit=abc', 'metadata?limit_per_metric=abc', 'metadata',
  'targets?state=foo', 'targets/metadata?limit=abc', `targets/metadata?match_target=${q('{')}`,
  'rules', 'rules?type=foo', 'rules?exclude_alerts=foo', 'rules?group_limit=abc', 'rules?group_limit=0', 'rules?group_limit=-1', 'rules?group_next_token=abc', `rules?match[]=${q('{')}`,
  'alerts', 'alertmanagers',
  `format_query?query=${q('sum(up)by(job)')}`, `format_query?query=${q('sum(')}`, 'format_query', `parse_query?query=${q('sum(rate(up{a="b"}[5m]offset 1m))by(job)')}`, `parse_query?query=${q('a + on(b) group_left(c) d')}`, 'parse_query',
  'status/tsdb?limit=abc', 'status/tsdb?limit=0', 'status/walreplay', 'notifications',
  'query_exemplars?query=up&start=0&end=5', `query_exemplars?query=${q('up{')}&start=0&end=5`, 'query_exemplars?query=up&start=5&end=0', 'query_exemplars?query=', 'query_exemplars?query=up', 'query_exemplars?query=1',
]; // prettier-ignore
