import { appendFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HttpClient } from '../../src/lib/http/client.ts';
import { temporaryFolder, waitFor } from '../servers/process.ts';
import { Crowsnest, lay, run } from './crowsnest.ts';

/** Takes bulk requests as Elasticsearch does, and keeps the messages in the order in which they came. */
class Bulk {
  readonly messages: string[] = [];
  url = '';
  readonly #server = http.createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await buffer(request);
    const lines = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString().split('\n');
    const documents = lines.filter((_, i) => i % 2 === 1).filter((line) => line !== '');
    for (const document of documents) this.messages.push((JSON.parse(document) as { message: string }).message);
    const items = documents.map(() => ({ create: { status: 201 } }));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ took: 1, errors: false, items }));
  }
}

/** Answers every query with one series of this job. */
function prometheusOf(job: string): http.Server {
  return http.createServer((request, response) => {
    request.resume();
    const result = [{ metric: { job }, value: [Date.now() / 1000, '0'] }];
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  });
}

const client = new HttpClient();
const folder = temporaryFolder();
afterAll(() => {
  client.close();
  rmSync(folder, { recursive: true, force: true });
});

const COMMON = ['--listen', '127.0.0.1:0'];
const reload = async (crowsnest: Crowsnest) =>
  (await client.request({ url: `${crowsnest.url}/-/reload`, method: 'POST', timeout: 30_000 })).status;
const metric = async (crowsnest: Crowsnest, name: string) =>
  Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await crowsnest.text('/metrics'))?.[1]);

describe('ship.logs of a running agent', () => {
  const [before, after] = [new Bulk(), new Bulk()];
  let agent: Crowsnest;
  let written = 0;

  const config = (...urls: string[]) =>
    `collect: {node: {enabled: false}, scrape_interval: 1s, scrape_timeout: 1s}
logs: {files: ['${folder}/app.log'], poll_interval: 50ms}
ship: {metrics: [{url: 'http://127.0.0.1:1/w'}], logs: [${urls.map((url) => `{elasticsearch: ['${url}'], linger: 20ms}`).join(', ')}]}
`;

  beforeAll(async () => {
    await Promise.all([before.start(), after.start()]);
    lay(folder, { 'agent.yaml': config(before.url), 'app.log': '' });
    agent = await Crowsnest.start(folder, ['agent', '--config', 'agent.yaml', '--data', 'agent', ...COMMON]);
  });
  afterAll(async () => {
    await agent?.kill();
    before.stop();
    after.stop();
  });

  function write(count: number): void {
    appendFileSync(`${folder}/app.log`, Array.from({ length: count }, () => `app line ${written++}\n`).join(''));
  }
  /** Sorted: several requests may be under way at once. */
  const appLines = ({ messages }: Bulk) =>
    messages.filter((message) => message.startsWith('app line')).toSorted((a, b) => numberOf(a) - numberOf(b));
  const numberOf = (line: string) => Number(line.split(' ')[2]);
  const all = () => Array.from({ length: written }, (_, i) => `app line ${i}`);
  const loadedAt = () => metric(agent, 'crowsnest_config_last_reload_success_timestamp_seconds');

  test('gains a destination and loses one while lines come: the one that stays misses none and repeats none', async () => {
    write(100);
    expect(await waitFor(() => appLines(before).length === 100, 60_000)).toBe(true);
    let loaded = await loadedAt();
    lay(folder, { 'agent.yaml': config(before.url, after.url) });
    agent.child.kill('SIGHUP');
    write(100);
    expect(await waitFor(async () => (await loadedAt()) > loaded, 60_000)).toBe(true);
    write(100);
    expect(await waitFor(() => appLines(after).length === 300, 60_000)).toBe(true);
    expect(await waitFor(() => appLines(before).length === 300, 60_000)).toBe(true);

    loaded = await loadedAt();
    lay(folder, { 'agent.yaml': config(after.url) });
    agent.child.kill('SIGHUP');
    write(100);
    expect(await waitFor(async () => (await loadedAt()) > loaded, 60_000)).toBe(true);
    write(100);
    expect(await waitFor(() => appLines(after).length === 500, 60_000)).toBe(true);
    expect(appLines(after)).toEqual(all());
    expect(appLines(before)).toEqual(all().slice(0, appLines(before).length));
    expect(await agent.stop()).toBe(0);
  });
});

describe('alerting.query of a running alert manager', () => {
  const [before, after] = [prometheusOf('before'), prometheusOf('after')];
  const urlOf = (server: http.Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let alerts: Crowsnest;

  beforeAll(async () => {
    for (const server of [before, after]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    lay(folder, {
      'alerts.yaml': `alerting: {query: {url: '${urlOf(before)}'}, rule_files: [r.yaml]}\n`,
      'r.yaml': `groups:
- {name: g, interval: 1s, rules: [{alert: Gone, expr: up == 0}, {alert: Held, expr: 'vector(0) == 0', for: 1h}]}
`,
    });
    alerts = await Crowsnest.start(folder, ['alerts', '--config', 'alerts.yaml', '--data', 'alerts', ...COMMON]);
  });
  afterAll(async () => {
    await alerts?.kill();
    before.close();
    after.close();
  });

  const firing = async (job: string) =>
    (await alerts.alerts()).some(({ labels }) => labels.alertname === 'Gone' && labels.job === job);

  test('moves to another server, and what is wrong with it is refused', async () => {
    expect(await waitFor(() => firing('before'), 60_000)).toBe(true);
    lay(folder, { 'alerts.yaml': `alerting: {query: {url: '${urlOf(after)}'}, rule_files: [r.yaml]}\n` });
    expect(await reload(alerts)).toBe(200);
    expect(await waitFor(() => firing('after'), 60_000)).toBe(true);
    expect(await waitFor(async () => !(await firing('before')), 60_000)).toBe(true);
    lay(folder, { 'alerts.yaml': 'alerting: {rule_files: [r.yaml]}\n' });
    expect(await reload(alerts)).toBe(500);
    expect(alerts.output).toMatch(/alerts\.yaml.* alerting\.query: alerts needs a Prometheus API/);
    expect(await firing('after')).toBe(true);
  });
});

describe('a running server', () => {
  let server: Crowsnest;

  beforeAll(async () => {
    lay(folder, { 'server.yaml': '' });
    server = await Crowsnest.start(folder, ['server', '--config', 'server.yaml', '--data', 'server', ...COMMON]);
  });
  afterAll(() => server?.kill());

  async function push(value: number): Promise<void> {
    const time = String(BigInt(Date.now()) * 1_000_000n);
    const attribute = (key: string, text: string) => ({ key, value: { stringValue: text } });
    const point = { asDouble: value, timeUnixNano: time };
    const body = JSON.stringify({
      resourceMetrics: [
        {
          resource: { attributes: [attribute('service.name', 'shop'), attribute('team', 'cart')] },
          scopeMetrics: [{ metrics: [{ name: 'orders', gauge: { dataPoints: [point] } }] }],
        },
      ],
    });
    const headers = { 'content-type': 'application/json' };
    const url = `${server.url}/api/v1/otlp/v1/metrics`;
    expect((await client.request({ url, method: 'POST', headers, body, timeout: 30_000 })).status).toBe(200);
  }

  test('reports what it receives, and no pipeline that it does not have', async () => {
    const pipelines = async () =>
      (await server.data<{ pipelines: { name: string; summary: string }[] }>('/api/crowsnest/v1/status')).pipelines;
    expect(await pipelines()).toMatchObject([
      { name: 'metrics', summary: expect.stringMatching(/^0 samples received/) },
    ]);
    await push(1);
    expect(await pipelines()).toMatchObject([
      { name: 'metrics', summary: expect.stringMatching(/^[1-9]\d* samples received/) },
    ]);
  });

  test('takes over otlp: the next request has the new labels', async () => {
    await push(2);
    expect(await waitFor(async () => (await server.value('orders{team=""}')) === 2, 60_000)).toBe(true);
    lay(folder, { 'server.yaml': 'otlp: {promote_resource_attributes: [team]}\n' });
    expect(await reload(server)).toBe(200);
    await push(3);
    expect(await waitFor(async () => (await server.value('orders{team="cart"}')) === 3, 60_000)).toBe(true);
  });

  test('is asked by every command: what it lacks is refused by a sentence', async () => {
    expect((await run(folder, ['query', 'orders{team="cart"}', '--url', server.url])).out).toMatch(/3$/m);
    for (const [command, words] of [
      [['targets'], 'no scraping'],
      [['rules'], 'no alerting'],
      [['alerts', 'list'], 'no alerting'],
    ] as const) {
      const { code, err } = await run(folder, [...command, '--url', server.url]);
      expect([code, err]).toEqual([1, expect.stringContaining(words)]);
    }
  });
});
