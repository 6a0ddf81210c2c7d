import { execFile } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Crowsnest, lay } from '../e2e/crowsnest.ts';
import { findProgram } from '../servers/cache.ts';
import { type RunningServer, describeWith, temporaryFolder, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { startVmalert } from '../servers/victoria-metrics.ts';

const execute = promisify(execFile);

type Result = { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[];

async function query(url: string, expr: string, at: number): Promise<Result> {
  const parameters = new URLSearchParams({ query: expr, time: String(at) });
  const answer = await fetch(`${url}/api/v1/query?${parameters.toString()}`);
  const { data } = (await answer.json()) as { data: { result: Result } };
  return data.result.sort((a, b) => (JSON.stringify(a.metric) < JSON.stringify(b.metric) ? -1 : 1));
}

/** Scrapes `target` every second as `job` and writes all of it to `write` in the given protocol. */
function writer(job: string, target: string, write: string, protocol: string): string {
  return `
global: {scrape_interval: 1s}
scrape_configs: [{job_name: ${job}, static_configs: [{targets: ['${new URL(target).host}']}]}]
remote_write: [{url: '${write}/api/v1/write', protobuf_message: ${protocol}, queue_config: {batch_send_deadline: 200ms}}]
`;
}

const PROTOCOLS = [
  ['one', 'prometheus.WriteRequest'],
  ['two', 'io.prometheus.write.v2.Request'],
] as const;

const ASKED: readonly string[][] = [
  ['instant', '--time=AT', 'URL', '{job="one", __name__=~"up|scrape_.+|crowsnest_store_.+"}'],
  ['instant', '--time=AT', 'URL', 'sum by (handler) (rate(crowsnest_http_requests_total{job="one"}[5s]))'],
  ['instant', '--time=AT', 'URL', '1 + 1'],
  ['instant', '--time=AT', 'URL', 'sum('],
  ['range', '--start=FROM', '--end=AT', '--step=1s', 'URL', 'up{job="one"}'],
  ['series', '--match=up', '--match={__name__="crowsnest_store_series"}', '--start=FROM', '--end=AT', 'URL'],
  ['labels', '--start=FROM', '--end=AT', 'URL', 'job'],
  ['labels', '--start=FROM', '--end=AT', '--match=up', 'URL', '__name__'],
];

describeWith(['prometheus', 'promtool'], 'crowsnest server as programs of others use it', () => {
  const folder = temporaryFolder();
  const writers = new Map<string, RunningServer>();
  const others: RunningServer[] = [];
  let crowsnest: Crowsnest;
  /** Has nothing of its own: the first writer answers behind it. */
  let front: Crowsnest;
  /** Seconds, whole: what is later has not been written everywhere yet. */
  let at = 0;

  beforeAll(async () => {
    lay(folder, { 'crowsnest.yaml': `server: {listen: '127.0.0.1:0'}\n` });
    crowsnest = await Crowsnest.start(folder, ['server', '--config', 'crowsnest.yaml']);
    for (const [job, protocol] of PROTOCOLS)
      writers.set(job, await startPrometheus({ config: writer(job, crowsnest.url, crowsnest.url, protocol) }));
    await waitFor(async () => {
      const counts = await Promise.all(
        PROTOCOLS.map(([job]) => query(crowsnest.url, `count_over_time(up{job="${job}"}[1h])`, Date.now() / 1000)),
      );
      return counts.every(([series]) => Number(series?.value?.[1] ?? 0) >= 5);
    }, 30_000);
    const upstream = (writers.get('one') as RunningServer).url;
    lay(folder, { 'front/crowsnest.yaml': `server: {listen: '127.0.0.1:0', upstream: {url: '${upstream}'}}\n` });
    front = await Crowsnest.start(join(folder, 'front'), ['server', '--config', 'crowsnest.yaml']);
    at = Math.floor(Date.now() / 1000) - 2;
  });

  afterAll(async () => {
    for (const server of [...others, ...writers.values()]) await server.stop();
    await front?.stop();
    await crowsnest?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(PROTOCOLS)('a Prometheus that writes to us as %s by %s has every sample here', async (job) => {
    const { url } = writers.get(job) as RunningServer;
    const theirs = await query(url, `{job="${job}"}[1h]`, at);
    expect(theirs.length).toBeGreaterThan(50);
    expect(theirs.flatMap(({ values = [] }) => values).length).toBeGreaterThan(100);
    await waitFor(async () => {
      const mine = await query(crowsnest.url, `{job="${job}"}[1h]`, at);
      return JSON.stringify(mine) === JSON.stringify(theirs);
    }, 20_000);
    expect(await query(crowsnest.url, `{job="${job}"}[1h]`, at)).toEqual(theirs);
  });

  const promtool = async (url: string, args: readonly string[]): Promise<string[]> => {
    const values: Record<string, string> = { AT: String(at), FROM: String(at - 3), URL: url };
    const words = args.map((arg) => arg.replace(/AT$|FROM$|^URL$/, (name) => values[name]));
    try {
      const { stdout } = await execute(findProgram('promtool') ?? 'promtool', ['query', ...words]);
      return stdout.split('\n').sort();
    } catch (error) {
      return (error as { stderr: string }).stderr.replaceAll(url, 'URL').split('\n').sort();
    }
  };

  test.each(ASKED)('promtool query %j', async (...args) => {
    const [mine, theirs, behind] = await Promise.all(
      [crowsnest.url, (writers.get('one') as RunningServer).url, front.url].map((url) => promtool(url, args)),
    );
    expect(theirs.join('').length).toBeGreaterThan(0);
    // The second writer's series are not in the first's store.
    expect(mine.filter((line) => !/job="?two|^two$/.test(line))).toEqual(theirs);
    expect(behind).toEqual(theirs);
  });

  test('in front of a Prometheus nothing is taken in or stored, and its rules are shown', async () => {
    expect(await front.data('/api/v1/rules')).toEqual({ groups: [] });
    const write = await fetch(`${front.url}/api/v1/import/prometheus`, { method: 'POST', body: 'a 1\n' });
    expect([write.status, ((await write.json()) as { error: string }).error]).toEqual([
      501,
      'this crowsnest does not take /api/v1/import/prometheus',
    ]);
    expect(readdirSync(join(folder, 'front', '.crowsnest'))).not.toContain('store');
  });

  test('a Prometheus that federates us has our samples at our times', async () => {
    const job = `{job_name: us, honor_labels: true, scrape_interval: 1s, metrics_path: /federate, params: {"match[]": ['{job="one"}']}, static_configs: [{targets: ["${new URL(crowsnest.url).host}"]}]}`;
    const scraper = await startPrometheus({ config: `scrape_configs: [${job}]\n` });
    others.push(scraper);
    const count = async (url: string): Promise<string | undefined> =>
      (await query(url, 'count({job="one", instance!=""})', Date.now() / 1000))[0]?.value?.[1];
    await waitFor(async () => (await count(scraper.url)) !== undefined, 20_000);
    const [federated] = await query(scraper.url, 'up{job="one"}[1h]', Date.now() / 1000);
    const [stored] = await query(crowsnest.url, 'up{job="one"}[1h]', Date.now() / 1000);
    expect(federated.values?.length).toBeGreaterThan(0);
    for (const sample of federated.values ?? []) expect(stored.values).toContainEqual(sample);
    expect(await count(scraper.url)).toBe(await count(crowsnest.url));
  });

  test('a Prometheus that reads from us has what it does not hold', async () => {
    const reader = await startPrometheus({
      config: `remote_read: [{url: '${crowsnest.url}/api/v1/read', read_recent: true}]\n`,
    });
    others.push(reader);
    const theirs = await query(reader.url, '{job="two"}[1h]', at);
    expect(theirs.length).toBeGreaterThan(50);
    expect(theirs).toEqual(await query(crowsnest.url, '{job="two"}[1h]', at));

    // It asks for chunks first: numbers of every kind, at steps of every size, in several chunks a series.
    const odd = [0, 1, 1, -1, 'NaN', '+Inf', '-Inf', 5e-324, 1.7976931348623157e308, 0.1, 1e21];
    const steps = [1, 15_000, 15_001, 8192, 90_000, 600_000, 3_600_000];
    let time = (at - 7 * 86_400) * 1000;
    const lines = Array.from({ length: 500 }, (_, i) => `odd ${odd[(i * i) % odd.length]} ${(time += steps[i % 7])}\n`);
    const imported = await fetch(`${crowsnest.url}/api/v1/import/prometheus`, { method: 'POST', body: lines.join('') });
    expect(imported.status).toBe(204);
    const [read] = await query(reader.url, 'odd[7d]', at);
    expect(read.values).toHaveLength(500);
    expect([read]).toEqual(await query(crowsnest.url, 'odd[7d]', at));
  });

  test('a history that is imported as text can be asked for like any other', async () => {
    const from = at - 3 * 86_400;
    const line = (i: number): string => `imported_total{shop="a b",n="${i % 2}"} ${i} ${(from + i * 15) * 1000}\n`;
    const lines = Array.from({ length: 12_000 }, (_, i) => line(i));
    const send = (body: string): Promise<Response> =>
      fetch(`${crowsnest.url}/api/v1/import/prometheus`, { method: 'POST', body });
    expect((await send(lines.slice(0, 6000).join(''))).status).toBe(204);
    const second = await send(`${lines.slice(6000).join('')}imported_total{n="0" 1\nimported_total 1 1000\n`);
    expect([second.status, await second.text()]).toEqual([
      400,
      [
        'accepted 6000 samples',
        'refused 1 of 6001 samples: 1 too old',
        'refused 1 lines',
        'line 6001: not a sample: imported_total{n="0" 1',
        '',
      ].join('\n'),
    ]);
    const end = from + 12_000 * 15;
    const counts = await query(crowsnest.url, 'count_over_time(imported_total[3d])', end);
    expect(counts.map(({ value }) => value?.[1])).toEqual(['6000', '6000']);
    const [sum] = await query(crowsnest.url, 'sum(sum_over_time(imported_total[3d]))', end);
    expect(sum.value?.[1]).toBe(String((12_000 * 11_999) / 2));
  });

  describeWith(['vmalert'], 'with vmalert', () => {
    test('its rules are evaluated here and what they give is written here', async () => {
      const rules = `
groups:
  - name: here
    interval: 1s
    rules:
      - {record: 'jobs:up', expr: 'count by (job) (up)'}
      - {alert: Always, expr: 'sum(up) > 0', labels: {severity: page}}
`;
      const vmalert = await startVmalert(rules, crowsnest.url, crowsnest.url);
      others.push(vmalert);
      const found = await waitFor(
        async () => (await query(crowsnest.url, '{__name__=~"jobs:up|ALERTS"}', Date.now() / 1000)).length === 3,
        20_000,
      );
      expect(found, vmalert.output()).toBe(true);
      const [alert] = await query(crowsnest.url, 'ALERTS', Date.now() / 1000);
      expect(alert.metric).toMatchObject({ alertname: 'Always', alertstate: 'firing', severity: 'page' });
      expect(await query(crowsnest.url, 'sum(jobs:up)', Date.now() / 1000)).toMatchObject([
        { value: [expect.any(Number), '2'] },
      ]);
    });
  });
});
