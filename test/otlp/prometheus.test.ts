import { rmSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { groupsOf } from '../../src/api/testing.ts';
import { createApi } from '../../src/api/app.ts';
import { serverSchema } from '../../src/api/config.ts';
import { type Server, createServer } from '../../src/api/server.ts';
import { createIngest } from '../../src/ingest/index.ts';
import { queryLanguage } from '../../src/app/query-language.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createEngine, histogramToJson } from '../../src/promql/index.ts';
import { otlpSchema } from '../../src/ingest/otlp/config.ts';
import { type Store, openStore, storeSchema } from '../../src/store/index.ts';
import { type RunningServer, describeWith, temporaryFolder } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { CUMULATIVE, DELTA, attributes, exportJson, exportRequest, nanos, partialSuccess } from './encode.ts';

const AT = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;

const RESOURCE = {
  'service.name': 'checkout',
  'service.namespace': 'shop',
  'service.instance.id': 'pod-1',
  'k8s.pod.name': 'checkout-1',
  'k8s.namespace.name': 'shop',
  region: 'eu',
};

const point = (values: object, own: Record<string, unknown> = {}, at = AT): object => ({
  time_unix_nano: nanos(at),
  start_time_unix_nano: nanos(at - 60_000),
  attributes: attributes(own),
  ...values,
});

const gauge = (name: string, unit = '', own: Record<string, unknown> = {}): object => ({
  name,
  unit,
  description: `What ${name} is.`,
  gauge: { data_points: [point({ as_double: 1.5 }, own)] },
});

const sum = (name: string, unit: string, monotonic: boolean): object => ({
  name,
  unit,
  sum: {
    data_points: [point({ as_int: '12345678901' })],
    aggregation_temporality: CUMULATIVE,
    is_monotonic: monotonic,
  },
});

const exponential = (name: string, values: object): object => ({
  name,
  unit: 's',
  exponential_histogram: { data_points: [point(values)], aggregation_temporality: CUMULATIVE },
});

/** Each stands alone in a request: in Prometheus one that fails takes the others with it. */
const METRICS: readonly object[] = [
  gauge('process.memory.usage', 'By'),
  gauge('ratio.of.things', '1'),
  gauge('a_ratio', '1'),
  gauge('cpu.usage', '%'),
  gauge('speed', 'm/s'),
  gauge('rate', '{requests}/s'),
  gauge('weird', 'foo-bar/baz'),
  gauge('weird.two', 'foo-/s'),
  gauge('unit_seconds_in', 's'),
  gauge('1starts.with.digit'),
  gauge('double__under..score'),
  gauge('ünïcode.näme', 'Cel'),
  gauge('a:colon', '1/s'),
  gauge('empty_unit', '{things}'),
  gauge('attributes', '', {
    'a.b': 'one',
    a_b: 'two',
    'a-b': 'three',
    '1digit': 'd',
    _one: 'u',
    __two: 'uu',
    'with space': true,
    int: 9007199254740993n,
    double: 1e21,
    small: 1e-7,
    list: ['x', 1n, false, null, 2.5],
    map: { z: 1n, a: { b: '<&>' } },
    bytes: new Uint8Array([1, 2, 255]),
    empty: '',
    none: null,
    ünï: 'é🐦',
    job: 'own job',
    instance: 'own instance',
    __name__: 'own name',
  }),
  sum('http.server.requests', '{request}', true),
  sum('http_requests_total', '', true),
  sum('total.bytes', 'By', true),
  sum('queue.length', '1', false),
  sum('up_down', 's', false),
  {
    name: 'with.exemplars',
    sum: {
      data_points: [
        point({
          as_double: 3,
          exemplars: [
            {
              time_unix_nano: nanos(AT - 1000),
              as_double: 0.5,
              trace_id: Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex'),
              span_id: Buffer.from('0102030405060708', 'hex'),
              filtered_attributes: attributes({ user: 'me' }),
            },
          ],
        }),
      ],
      aggregation_temporality: CUMULATIVE,
      is_monotonic: true,
    },
  },
  {
    name: 'latency',
    unit: 'ms',
    histogram: {
      data_points: [
        point(
          {
            count: 10,
            sum: 123.5,
            bucket_counts: [1, 2, 3, 4],
            explicit_bounds: [0.000_000_5, 1, 2.5e21],
            exemplars: [
              { time_unix_nano: nanos(AT - 900), as_double: 0.7, trace_id: Buffer.alloc(16, 1) },
              { time_unix_nano: nanos(AT - 800), as_int: '7', trace_id: Buffer.alloc(16, 2) },
            ],
          },
          { route: '/' },
        ),
        point({ count: 2, bucket_counts: [2], explicit_bounds: [] }, { route: '/none' }),
      ],
      aggregation_temporality: CUMULATIVE,
    },
  },
  exponential('native', {
    count: 21,
    sum: 99.5,
    scale: 3,
    zero_count: 2,
    positive: { offset: -5, bucket_counts: [1, 0, 3, 0, 0, 0, 0, 5, 4] },
    negative: { offset: 2, bucket_counts: [6] },
  }),
  exponential('native.fine', {
    count: 10,
    sum: 5,
    scale: 10,
    positive: { offset: 3, bucket_counts: [1, 2, 3, 4] },
  }),
  exponential('native.empty', { count: 0, scale: 0 }),
  {
    name: 'quantiles',
    unit: 's',
    summary: {
      data_points: [
        point({
          count: 5,
          sum: 2.5,
          quantile_values: [
            { quantile: 0.5, value: 0.25 },
            { quantile: 0.99, value: 1 },
            { quantile: 1, value: 2 },
          ],
        }),
      ],
    },
  },
  { name: 'ended', gauge: { data_points: [point({ as_double: 1 }, {}, AT - 30_000), point({ flags: 1 })] } },
  {
    name: 'over.time',
    gauge: { data_points: [0, 1, 2, 3].map((i) => point({ as_double: i }, {}, AT - (3 - i) * 100_000)) },
  },
];

const FEATURES = {
  'promql-experimental-functions': true,
  'promql-delayed-name-removal': true,
  'use-start-timestamps': true,
};

const JSON_TYPE = { 'content-type': 'application/json' };

function metricJson(metric: object): string {
  return JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] });
}

interface Answer {
  readonly data: { readonly result: readonly { readonly metric: Record<string, string> }[] };
}

describeWith(['prometheus'], 'OTLP metrics as a real Prometheus takes them', () => {
  const folders: string[] = [];
  const ours: { store: Store; server: Server }[] = [];
  const real: RunningServer[] = [];
  /** The same options on both sides. */
  const rows = [
    ['as it comes', {}, ''],
    ['in JSON', {}, ''],
    [
      'with promoted attributes',
      { promote_resource_attributes: ['k8s.pod.name', 'region'], promote_scope_metadata: true },
      'otlp: {promote_resource_attributes: [k8s.pod.name, region], promote_scope_metadata: true}\n',
    ],
    [
      'with all attributes',
      {
        promote_all_resource_attributes: true,
        ignore_resource_attributes: ['region'],
        keep_identifying_resource_attributes: true,
      },
      'otlp: {promote_all_resource_attributes: true, ignore_resource_attributes: [region], keep_identifying_resource_attributes: true}\n',
    ],
  ] as const;

  beforeAll(async () => {
    for (const [, otlp, config] of rows) {
      const folder = temporaryFolder();
      folders.push(folder);
      const store = await openStore({
        config: storeSchema.parse({ path: folder }),
        logger: createLogger({ quiet: true }),
      });
      const engine = createEngine({ select: store.select, features: FEATURES });
      const server = serverSchema.parse({ listen: '127.0.0.1:0' });
      const app = await createApi({
        config: server,
        language: queryLanguage,
        ...groupsOf({
          engine: { ...engine, histogramJson: histogramToJson },
          exemplars: (request, signal) => store.exemplars(request, signal),
        }),
        ingest: createIngest(store, () => otlpSchema.parse(otlp)),
      });
      const listening = createServer(app, server);
      await listening.start();
      ours.push({ store, server: listening });
      real.push(
        await startPrometheus({
          config: `storage: {tsdb: {out_of_order_time_window: 30m}}\n${config}`,
          flags: ['--web.enable-otlp-receiver', '--enable-feature=st-storage,use-start-timestamps'],
        }),
      );
    }
  });

  afterAll(async () => {
    for (const { store, server } of ours) {
      await server.stop();
      await store.close();
    }
    for (const server of real) await server.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  const send = (url: string, body: Buffer, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/api/v1/otlp/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', ...headers },
      body: new Uint8Array(body),
    });

  test.each(rows.map(([title], i) => [title, i] as const))('%s: the same series', async (title, i) => {
    const urls = [ours[i].server.url, real[i].url];
    for (const url of urls) {
      for (const metric of METRICS) {
        const answer =
          title === 'in JSON'
            ? await send(url, exportJson(RESOURCE, [metric]), JSON_TYPE)
            : await send(url, exportRequest(RESOURCE, [metric]));
        expect([answer.status, (await answer.text()).replace('{}', '')], JSON.stringify(metric)).toEqual([200, '']);
      }
    }
    const ask = async (url: string, path: string): Promise<Answer> =>
      (await (await fetch(`${url}/api/v1/${path}`)).json()) as Answer;
    for (const query of ['{job=~".+"}', '{job=~".+"}[10m]']) {
      const path = `query?query=${encodeURIComponent(query)}&time=${AT / 1000 + 1}`;
      const [mine, theirs] = await Promise.all(urls.map((url) => ask(url, path)));
      expect(theirs.data.result.length).toBeGreaterThan(30);
      expect(sorted(mine)).toEqual(sorted(theirs));
    }
    const starts = `query?query=${encodeURIComponent('count_values("start", start_timestamp({job=~".+"}))')}&time=${AT / 1000 + 1}`;
    const [began, theirBeginnings] = await Promise.all(urls.map((url) => ask(url, starts)));
    expect(theirBeginnings.data.result.length).toBeGreaterThan(1);
    expect(sorted(began)).toEqual(sorted(theirBeginnings));
    const path = `query_exemplars?query=${encodeURIComponent('{job=~".+"}')}`;
    const [mine, theirs] = (await Promise.all(urls.map((url) => ask(url, path)))) as unknown[] as { data: object[] }[];
    const byText = (answer: { data: object[] }) => answer.data.map((one) => JSON.stringify(one)).sort();
    expect(theirs.data.length).toBe(3);
    expect(byText(mine)).toEqual(byText(theirs));
  });

  test('what cannot be taken is left out alone, and told', async () => {
    const delta = {
      name: 'calls',
      sum: { data_points: [point({ as_int: '1' }), point({ as_int: '2' })], aggregation_temporality: DELTA },
    };
    const coarse = exponential('coarse', { count: 1, scale: -9, positive: { offset: 0, bucket_counts: [1] } });
    const good = gauge('still.there');
    const answer = await send(ours[0].server.url, exportRequest(RESOURCE, [delta, coarse, good, { name: 'nothing' }]));
    expect(answer.status).toBe(200);
    expect(partialSuccess(new Uint8Array(await answer.arrayBuffer()))).toEqual({
      rejected: 3,
      message: [
        'metric "calls": delta temporality is not taken; set the exporter to cumulative (temporality preference)',
        'metric "coarse": scale -9 is below -4, the coarsest there is',
        'metric "nothing": it has no data of a known type',
      ].join('; '),
    });
    const query = `${ours[0].server.url}/api/v1/query?query=still_there&time=${AT / 1000}`;
    expect(((await (await fetch(query)).json()) as Answer).data.result).toHaveLength(1);
  });

  test('what the store refuses is told', async () => {
    const old = { name: 'old', gauge: { data_points: [point({ as_double: 1 }, {}, AT - 90 * 86_400_000)] } };
    const answer = await send(ours[0].server.url, exportRequest({ 'service.name': 'x' }, [old]));
    expect(partialSuccess(new Uint8Array(await answer.arrayBuffer()))).toEqual({
      rejected: 1,
      message: 'refused 1 of 1 samples: 1 too old',
    });
  });

  test('JSON is answered in JSON, and read in snake case, with numbers, names of enums and what is not known', async () => {
    const { url } = ours[0].server;
    const good = {
      name: 'lenient',
      unknownField: [1],
      sum: {
        is_monotonic: true,
        aggregation_temporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
        data_points: [
          { time_unix_nano: AT * 1e6, asInt: 7, attributes: null },
          { timeUnixNano: nanos(AT - 1000), asDouble: '7.5' },
        ],
      },
    };
    const delta = { name: 'calls', sum: { dataPoints: [{ asInt: '1' }], aggregationTemporality: DELTA } };
    const request = { resource_metrics: [{ scopeMetrics: [{ metrics: [good, delta] }] }] };
    const answer = await send(url, Buffer.from(JSON.stringify(request)), JSON_TYPE);
    expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([
      200,
      'application/json',
      {
        partialSuccess: {
          rejectedDataPoints: '1',
          errorMessage:
            'metric "calls": delta temporality is not taken; set the exporter to cumulative (temporality preference)',
        },
      },
    ]);
    const query = `${url}/api/v1/query?query=${encodeURIComponent('lenient_total[1m]')}&time=${AT / 1000}`;
    expect(((await (await fetch(query)).json()) as { data: object }).data).toMatchObject({
      result: [
        {
          values: [
            [AT / 1000 - 1, '7.5'],
            [AT / 1000, '7'],
          ],
        },
      ],
    });
  });

  test.each([
    ['{', 'the body is not JSON: '],
    ['[]', 'the body: expected an object, not a list'],
    ['{"resourceMetrics":{}}', 'resourceMetrics: expected a list, not an object'],
    [metricJson({ name: 7 }), 'name: expected a string, not 7'],
    [metricJson({ gauge: { dataPoints: [{ asDouble: 'seven' }] } }), 'asDouble: expected a number, not "seven"'],
    [
      metricJson({ gauge: { dataPoints: [{ timeUnixNano: '1e9' }] } }),
      'timeUnixNano: expected a whole number, not "1e9"',
    ],
    [
      metricJson({ sum: { dataPoints: [{ exemplars: [{ traceId: 'AAECAw==' }] }] } }),
      'traceId: expected hex, not "AAECAw=="',
    ],
    [
      metricJson({ sum: { aggregationTemporality: 'often' } }),
      'aggregationTemporality: expected a temporality, not "often"',
    ],
    [
      metricJson({ gauge: { dataPoints: [{ attributes: [{ key: 'k', value: 'v' }] }] } }),
      'value: expected an object, not "v"',
    ],
    [' '.repeat(4 * 1024 * 1024 + 1), 'the body has more than 4194304 bytes'],
  ])('JSON that is none, or none of OTLP, is refused in words: %.60s', async (body, words) => {
    const answer = await send(ours[0].server.url, Buffer.from(body), JSON_TYPE);
    expect([answer.status, await answer.text()]).toEqual([
      body.length > 1000 ? 413 : 400,
      expect.stringContaining(words),
    ]);
  });

  test('gzip is read; garbage and other types are refused in words', async () => {
    const { url } = ours[0].server;
    const body = exportRequest(RESOURCE, [gauge('zipped')]);
    expect((await send(url, gzipSync(body), { 'content-encoding': 'gzip' })).status).toBe(200);
    const json = exportJson(RESOURCE, [gauge('zipped')]);
    expect((await send(url, gzipSync(json), { ...JSON_TYPE, 'content-encoding': 'gzip' })).status).toBe(200);
    const text = await send(url, body, { 'content-type': 'text/plain' });
    expect([text.status, await text.text()]).toEqual([
      415,
      'content type "text/plain" is not supported; expected application/x-protobuf or application/json\n',
    ]);
    const garbage = await send(url, Buffer.from('\n\x7fgarbage'));
    expect(garbage.status).toBe(400);
    expect(await garbage.text()).toContain('the body');
  });
});

function sorted({ data }: Answer): unknown[] {
  return data.result.map((one) => JSON.stringify(one, sortKeys)).sort();
}

/** Both write labels in order, but not the same one. */
function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
