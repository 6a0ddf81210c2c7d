import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import snappy from 'snappy';
import protobuf from 'protobufjs/minimal.js';
import type { Server } from '../../src/api/server.ts';
import { configSchema } from '../../src/app/config.ts';
import { createServing } from '../../src/app/serving.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { Labels } from '../../src/model/labels.ts';
import { createEngine } from '../../src/promql/index.ts';
import { type Store, openStore } from '../../src/store/index.ts';
import { logBatch } from '../../src/store/testing.ts';
import { writeSeries } from '../promql/write-series.ts';
import { type RunningServer, describeWith, temporaryFolder, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { startVictoriaMetrics } from '../servers/victoria-metrics.ts';

const AT = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;

/** The shop may see its own; the bank's are known by their words, each of which holds `secret`. */
const LABELS: readonly Record<string, string>[] = [
  { __name__: 'requests_total', namespace: 'shop', pod: 'shop-1' },
  { __name__: 'requests_total', namespace: 'bank', pod: 'secret-1' },
  { __name__: 'secret_total', namespace: 'bank', pod: 'secret-1' },
  { __name__: 'target_info', namespace: 'bank', pod: 'shop-1', secret: 'secret' },
  { __name__: 'global_secret', pod: 'none' },
  { __name__: 'cheat', namespace: 'shopsecret' },
];
const SERIES = LABELS.map((labels) => ({
  labels: Labels.of(labels),
  samples: [{ time: AT - 15_000, value: 6 }, { time: AT, value: labels.namespace === 'shop' ? 7 : 1313 }],
})); // prettier-ignore

const q = encodeURIComponent;

const LOG_LINES = [
  ['shop-id', 'shop', 'order from the shop'],
  ['secret-id', 'bank', 'secret of the bank, namespace shop'],
  ['secret-none', '', 'secret of nobody'],
  ['secret-like', 'shopsecret', 'secret of another'],
] as const;

/** What the shop asks of the logs to see the bank's, whose lines, paths and ids all hold `secret`. */
const LOG_ATTEMPTS = [
  ...[
    '*',
    'secret',
    'message: *secret*',
    'kubernetes.namespace: bank',
    'kubernetes.namespace: *',
    'kubernetes.*: bank',
    '*: bank',
    'not kubernetes.namespace: shop',
    'not (kubernetes.namespace: shop)',
    'shop or kubernetes.namespace: bank',
    'kubernetes.namespace: (shop or bank)',
    'log.file.path: *secret*',
    'source: secret-id',
    'log.level >= trace or not log.level >= trace',
    'not message: nothing',
    'x) or (message: *',
    'x") or true --',
    "x') or true --",
    '"x\\" or message: *',
    '',
  ].flatMap((query) => [
    `/api/crowsnest/v1/logs?query=${q(query)}`,
    `/api/crowsnest/v1/logs?query=${q(query)}&after=0&order=oldest&limit=5000`,
    `/api/crowsnest/v1/logs?query=shop&query=${q(query)}&start=0`,
  ]),
  `/api/crowsnest/v1/logs?sources=[]`,
  `/api/crowsnest/v1/logs?sources=`,
  `/api/crowsnest/v1/logs?after=-1&order=oldest`,
  `/api/crowsnest/v1/logs?after=0%20or%20true`,
  `/api/crowsnest/v1/logs/files`,
];

const time = `time=${AT / 1000}`;
const span = `start=${(AT - 60_000) / 1000}&end=${AT / 1000}&step=15`;

/** What the shop asks for to see what is not its own. */
const ATTEMPTS = [
  ...[
    '{__name__=~".+"}',
    'requests_total{namespace="bank"}',
    'requests_total{namespace=~".*"}',
    'requests_total{namespace!="shop"}',
    'requests_total{namespace=""}',
    '{namespace="bank"}',
    '{"secret_total"}',
    'sum by (namespace, pod) ({__name__!=""})',
    'count({__name__!=""}) > 1',
    'max_over_time({__name__!=""}[5m:15s])',
    'last_over_time({namespace="bank"}[5m] offset -1m)',
    '{namespace="bank"} @ end()',
    'requests_total or {namespace="bank"}',
    'topk(scalar(max(secret_total)), requests_total)',
    'requests_total + on () group_left (secret) max by (secret) (target_info)',
    'info(requests_total)',
    'info(requests_total, {secret=~".+"})',
    'info(requests_total, {__name__=~".+"})',
    'requests_total{namespace="shop"} or secret_total # {namespace="shop"}',
    'label_replace(secret_total, "namespace", "shop", "", "")',
    '{namespace="shop"} or {__name__="secret_total", namespace=~"shop|bank"}',
    '(secret_total)',
    '-secret_total',
    'sort_by_label({namespace=~"b.+"}, "pod")',
    'requests_total{namespace="shop"}}) or secret_total{',
  ].flatMap((query) => [
    `GET /api/v1/query?query=${q(query)}&${time}`,
    `POST /api/v1/query?query=${q(query)}&${time}`,
    `GET /api/v1/query_range?query=${q(query)}&${span}`,
    `GET /api/v1/query_exemplars?query=${q(query)}&${span}`,
    `GET /api/v1/query?query=requests_total&query=${q(query)}&${time}`,
    `GET /federate?match[]=${q(query)}`,
    `GET /api/v1/series?match[]=${q(query)}`,
    `POST /api/v1/series?match[]=requests_total&match[]=${q(query)}`,
    `GET /api/v1/labels?match[]=${q(query)}`,
    `GET /api/v1/label/pod/values?match[]=${q(query)}`,
  ]),
  'GET /api/v1/labels',
  'POST /api/v1/labels',
  'GET /api/v1/label/__name__/values',
  'GET /api/v1/label/pod/values',
  'GET /api/v1/label/secret/values',
  'GET /api/v1/label/U__secret/values',
  'GET /api/v1/label/..%2F..%2Fstatus%2Ftsdb%3F/values',
  'GET /api/v1/label/../status/tsdb',
  'GET /api/v1/label/%2e%2e/values',
  'GET /api/v1/series?match[]=',
  'GET /api/v1/series?match[]={}',
  'GET /federate?match[]={}',
  'GET /federate',
  'GET /api/v1/metadata',
  'GET /api/v1/metadata?metric=secret_total',
  'GET /api/v1/rules',
  'GET /api/v1/alerts',
  'GET /api/v1/targets',
  'GET /api/v1/targets/metadata',
  'GET /api/v1/alertmanagers',
  'GET /api/v1/status/tsdb',
  'GET /api/v1/status/config',
  'GET /api/v1/status/flags',
  'GET /api/v1/status/runtimeinfo',
  'POST /api/v1/admin/tsdb/snapshot',
  `POST /api/v1/admin/tsdb/delete_series?match[]=${q('{namespace="bank"}')}`,
  'POST /api/v1/write',
  'POST /api/v1/import/prometheus',
  'POST /api/v1/otlp/v1/metrics',
  'GET /metrics',
  'GET /api/crowsnest/v1/logs',
  'GET /api/crowsnest/v1/logs/tail',
  'GET /api/crowsnest/v1/logs/files',
  'GET /api/crowsnest/v1/store',
  'GET /api/crowsnest/v1/alerts',
  'GET /api/crowsnest/v1/alerts/events',
  'GET /api/crowsnest/v1/notifications',
  'GET /api/crowsnest/v1/deliveries',
  'GET /api/crowsnest/v1/status',
  'GET //api/v1/status/tsdb',
  'GET /API/v1/status/tsdb',
];

function suite(startUpstream?: () => Promise<RunningServer>): void {
  const folder = temporaryFolder();
  let store: Store;
  let server: Server;
  let real: RunningServer | undefined;

  beforeAll(async () => {
    for (const name of ['admin', 'shop', 'basic', 'reader']) writeFileSync(join(folder, name), `${name}-word\n`);
    real = await startUpstream?.();
    if (real !== undefined) await writeSeries(real.url, SERIES);
    const logger = createLogger({ quiet: true });
    const config = configSchema.parse({
      data_dir: folder,
      store: { path: join(folder, 'store') },
      server: {
        listen: '127.0.0.1:0',
        admin_api: true,
        requests_per_minute: 0,
        auth: { tokens: [{ file: join(folder, 'admin'), access: ['read', 'write'] }] },
        tenants: [
          { name: 'shop', token_file: join(folder, 'shop'), matchers: ['namespace="shop"'] },
          {
            name: 'most',
            username: 'most',
            password_file: join(folder, 'basic'),
            matchers: ['namespace=~"shop|bank"', 'pod!~"secret.*"'],
          },
          {
            name: 'reader',
            token_file: join(folder, 'reader'),
            matchers: ['namespace="shop"'],
            log_matchers: ['kubernetes.namespace="shop"'],
          },
        ],
        ...(real === undefined ? {} : { upstream: { url: real.url } }),
      },
    });
    store = await openStore({ config: config.store, logger });
    const engine = createEngine({ select: store.select });
    server = await createServing({
      config: () => config,
      startedAt: Date.now(),
      pipelines: ['metrics'],
      embedded: { store, engine },
      logger,
    });
    await server.start();
    if (real === undefined) {
      for (const { labels, samples } of SERIES) {
        const timestamps = Float64Array.from(samples, ({ time }) => time);
        const values = Float64Array.from(samples, ({ value }) => value);
        await store.write({ layout: { series: samples.map(() => ({ labels })) }, values, timestamps });
      }
      store.writeMetadata([
        { metric: 'requests', type: 'counter', unit: '', help: 'Requests.' },
        { metric: 'secret', type: 'counter', unit: '', help: 'A secret.' },
      ]);
      for (const [id, namespace, message] of LOG_LINES) {
        const fields: Record<string, string> = namespace === '' ? {} : { 'kubernetes.namespace': namespace };
        const source = { id, path: `/var/log/${id}.log`, fields };
        await store.writeLogs(logBatch(source, [[1, message]], Date.now() - 1000));
      }
    }
    await waitFor(async () => (await names(ADMIN, '{__name__=~".+"}')).length === SERIES.length, 10_000);
  });

  afterAll(async () => {
    await server?.stop();
    await store?.close();
    await real?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const ADMIN = 'Bearer admin-word';
  const SHOP = 'Bearer shop-word';
  const READER = 'Bearer reader-word';
  const MOST = `Basic ${Buffer.from('most:basic-word').toString('base64')}`;

  async function ask(authorization: string, request: string): Promise<{ status: number; body: string }> {
    const [method, path] = request.split(' ');
    const [url, form] = path.split('?');
    const answer = await fetch(server.url + (method === 'GET' ? path : url), {
      method,
      headers: { authorization },
      body: method === 'GET' ? undefined : new URLSearchParams(form ?? ''),
      signal: AbortSignal.timeout(5000),
    });
    return { status: answer.status, body: await answer.text() };
  }

  async function names(authorization: string, query: string): Promise<string[]> {
    const { body } = await ask(authorization, `GET /api/v1/query?query=${q(query)}&${time}`);
    const { data } = JSON.parse(body) as { data: { result: { metric: Record<string, string> }[] } };
    return data.result.map(({ metric }) => `${metric.__name__} ${metric.namespace ?? ''} ${metric.pod ?? ''}`).sort();
  }

  test('a tenant reads what is its own, everybody else all', async () => {
    expect(await names(ADMIN, '{__name__=~".+"}')).toHaveLength(SERIES.length);
    expect(await names(SHOP, '{__name__=~".+"}')).toEqual(['requests_total shop shop-1']);
    expect(await names(MOST, '{__name__=~".+"}')).toEqual(['requests_total shop shop-1', 'target_info bank shop-1']);
    const range = await ask(SHOP, `GET /api/v1/query_range?query=sum(requests_total)&${span}`);
    expect(range.body).toContain(`[${AT / 1000},"7"]`);
    expect((await ask(SHOP, 'GET /api/v1/label/namespace/values')).body).toBe('{"status":"success","data":["shop"]}');
    expect((await ask(SHOP, 'GET /api/v1/series?match[]=requests_total')).body).toContain('"pod":"shop-1"');
    expect((await ask(SHOP, 'GET /federate?match[]=requests_total')).body).toContain('requests_total{');
    expect((await ask(SHOP, 'GET /api/v1/status/buildinfo')).status).toBe(200);
  });

  test.each(ATTEMPTS)('the shop does not get out by %s', async (request) => {
    const { body } = await ask(SHOP, request);
    // An error may repeat what was asked for, but no value and no name that only the store knows.
    const told = decodeURIComponent(request).replaceAll('+', ' ');
    const words = body.match(/\w*(?:secret|1313)\w*/g) ?? [];
    expect(words.filter((word) => !told.includes(word))).toEqual([]);
    if (body.includes('"status":"success"') || request.startsWith('GET /federate'))
      expect(body).not.toMatch(/"bank"|1313|secret/);
  });

  test.each([
    'vector(1) and on () secret_total',
    'vector(1) unless on () absent(secret_total)',
    'vector(scalar(secret_total)) == vector(1313)',
    'requests_total and on (pod) target_info',
    'requests_total * on (pod) group_left () target_info',
  ])('nor does it learn of others by %s', async (query) => {
    const { body } = await ask(SHOP, `GET /api/v1/query?query=${q(query)}&${time}`);
    expect(JSON.parse(body)).toMatchObject({ status: 'success', data: { result: [] } });
  });

  test('remote read gives a tenant no more than its own', async () => {
    const matcher = protobuf.Writer.create().uint32(8).int32(2).uint32(18).string('__name__').uint32(26).string('.+');
    const query = protobuf.Writer.create()
      .uint32(8)
      .int64(AT - 60_000)
      .uint32(16)
      .int64(AT)
      .uint32(26)
      .bytes(matcher.finish());
    const message = protobuf.Writer.create().uint32(10).bytes(query.finish()).finish();
    const answer = await fetch(`${server.url}/api/v1/read`, {
      method: 'POST',
      headers: { authorization: SHOP, 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(await snappy.compress(Buffer.from(message))),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (real !== undefined) return expect(answer.status).toBe(501);
    expect(answer.status).toBe(200);
    const text = String(await snappy.uncompress(bytes, { asBuffer: true }));
    expect(text).toContain('shop-1');
    expect(text).not.toContain('secret');
  });

  test('a tenant with log_matchers searches the logs of its own sources, as far as there are any', async () => {
    const answer = await ask(READER, 'GET /api/crowsnest/v1/logs');
    if (real !== undefined) return expect(answer.status).toBe(200);
    const { data } = JSON.parse(answer.body) as { data: { records: { message: string }[]; more: boolean } };
    expect([data.records.map(({ message }) => message), data.more]).toEqual([['order from the shop'], false]);
    expect((await ask(ADMIN, 'GET /api/crowsnest/v1/logs')).body.match(/"message"/g)).toHaveLength(LOG_LINES.length);
  });

  test.each(LOG_ATTEMPTS)('it does not get out by %s', async (path) => {
    const { status, body } = await ask(READER, `GET ${path}`);
    expect([200, 400, 403]).toContain(status);
    const told = decodeURIComponent(path).replaceAll('+', ' ');
    if (status !== 200) expect((body.match(/\w*secret\w*/g) ?? []).filter((word) => !told.includes(word))).toEqual([]);
    else expect(body).not.toMatch(/secret|bank/);
  });

  test('nor by a live tail', async () => {
    if (real !== undefined) return;
    const url = `${server.url}/api/crowsnest/v1/logs/tail?query=${q('* or kubernetes.namespace: bank')}`;
    const answer = await fetch(url, { headers: { authorization: READER } });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const first = Buffer.from((await reader.read()).value ?? []).toString();
    expect(first).toContain('order from the shop');
    expect(first).not.toMatch(/secret|bank/);
    await reader.cancel();
  });

  test.each(['', 'Bearer wrong', 'Bearer ', 'Basic bW9zdDp3cm9uZw=='])(
    '%j is let in nowhere',
    async (authorization) => {
      expect((await ask(authorization, 'GET /api/v1/labels')).status).toBe(401);
    },
  );

  test('what is closed to a tenant says so', async () => {
    const answer = await ask(SHOP, 'GET /api/crowsnest/v1/logs');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      403,
      { status: 'error', errorType: 'forbidden', error: 'tenant shop may not use /api/crowsnest/v1/logs' },
    ]);
  });
}

describe('tenants over the embedded store', () => suite());

describeWith(['prometheus'], 'tenants over a real Prometheus behind', () => suite(() => startPrometheus()));

describeWith(['victoria-metrics'], 'tenants over a real VictoriaMetrics behind', () => suite(startVictoriaMetrics));
