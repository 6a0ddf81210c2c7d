/**
 * What Grafana's Prometheus data source sends (source: grafana/grafana, `pkg/promlib`), replayed against us and against a
 * real Prometheus over the same samples.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Labels } from '../../src/model/labels.ts';
import type { FloatHistogram } from '../../src/model/sample.ts';
import type { RandomSeries } from '../promql/random-series.ts';
import { writeSeries } from '../promql/write-series.ts';
import { type RunningServer, describeWith, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { type OwnServer, startOwnServer } from './own-server.ts';

/** A request as it goes over the wire; `{start}` and `{end}` stand for the bounds of the dashboard in seconds. */
interface Recorded {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const RECORDED = JSON.parse(
  readFileSync(new URL('testdata/grafana.json', import.meta.url), 'utf8'),
) as readonly Recorded[];

/** Whole minutes, so that both sides see the same. */
const END = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
const START = END - 10 * 60_000;

describeWith(['prometheus'], 'what Grafana asks, answered by us and by a real Prometheus', () => {
  let ours: OwnServer;
  let real: RunningServer;

  beforeAll(async () => {
    ours = await startOwnServer();
    real = await startPrometheus();
    for (const url of [ours.url, real.url]) await writeSeries(url, SERIES);
    // A write is answered when it is safe; it can be queried when it is committed.
    const count = { method: 'GET', path: `/api/v1/query?query=count(up)&time=${END / 1000}`, headers: {} };
    await waitFor(async () => JSON.stringify((await send(ours.url, count)).body).includes('"2"'), 10_000);
  });

  afterAll(async () => {
    await real?.stop();
    await ours?.stop();
  });

  test.each(RECORDED.map((request) => [request.name, request] as const))('%s', async (_, request) => {
    const [mine, theirs] = await Promise.all([sendAsGrafana(ours.url, request), sendAsGrafana(real.url, request)]);
    expect(mine.statuses).toEqual(theirs.statuses);
    expect(mine.isJson).toBe(theirs.isJson);
    expect(comparable(request, mine.body)).toEqual(comparable(request, theirs.body));
  });
});

interface Answer {
  readonly status: number;
  readonly isJson: boolean;
  readonly body: unknown;
}

/** As the data source does: what is refused as POST is asked again as GET, with the form in the URL. */
async function sendAsGrafana(url: string, request: Recorded): Promise<Answer & { readonly statuses: number[] }> {
  const first = await send(url, request);
  const isQuery = /query(_range|_exemplars)?$/.test(request.path);
  if (request.method !== 'POST' || isQuery || ![400, 405].includes(first.status)) {
    return { ...first, statuses: [first.status] };
  }
  const path = request.body ? `${request.path}?${request.body}` : request.path;
  const second = await send(url, { ...request, method: 'GET', path, body: undefined });
  return { ...second, statuses: [first.status, second.status] };
}

/** By node:http and not `fetch`, which adds headers of its own and unpacks what it gets. */
function send(url: string, request: Omit<Recorded, 'name'>): Promise<Answer> {
  const fill = (text: string) => text.replace('{start}', String(START / 1000)).replace('{end}', String(END / 1000));
  const { method, headers } = request;
  return new Promise((resolve, reject) => {
    const sent = http.request(`${url}${fill(request.path)}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const raw = Buffer.concat(chunks);
        const encoding = response.headers['content-encoding'];
        const text = (encoding === 'gzip' ? gunzipSync(raw) : raw).toString();
        const isJson = /^application\/json\b/.test(response.headers['content-type'] ?? '');
        const body: unknown = isJson ? JSON.parse(text) : text;
        resolve({ status: response.statusCode ?? 0, isJson, body });
      });
    });
    sent.on('error', reject);
    sent.end(request.body === undefined ? undefined : fill(request.body));
  });
}

function comparable(request: Recorded, body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  const { data } = body as { data?: { resultType?: string; result?: { metric: unknown }[] } };
  // What was built when is each server's own.
  if (request.path.endsWith('/buildinfo')) return { ...body, data: Object.keys(data ?? {}).sort() };
  if (data?.resultType !== 'vector') return body;
  // The order of a vector is not told, but for what sorts.
  const keyed = data.result?.map((sample) => [JSON.stringify(sample.metric), sample]);
  return { ...body, data: Object.fromEntries(keyed ?? []) };
}

const latency: FloatHistogram = {
  schema: 1, counterReset: 'unknown', zeroThreshold: 0.001, zeroCount: 1, count: 12, sum: 31.5,
  positiveSpans: [{ offset: -1, length: 2 }, { offset: 1, length: 2 }], positiveBuckets: [2, 3, 4, 1],
  negativeSpans: [{ offset: 0, length: 1 }], negativeBuckets: [1], customValues: [],
}; // prettier-ignore

const TIMES = Array.from({ length: 41 }, (_, i) => START + i * 15_000);

function series(labels: Record<string, string>, value: (i: number) => number | FloatHistogram): RandomSeries {
  return { labels: Labels.of(labels), samples: TIMES.map((time, i) => ({ time, value: value(i) })) };
}

const SERIES: readonly RandomSeries[] = [
  series({ __name__: 'http_requests_total', job: 'shop', instance: 'a:1' }, (i) => i * 7.25),
  series({ __name__: 'http_requests_total', job: 'till', instance: 'c:1' }, (i) => (i % 25) * 1e9),
  series({ __name__: 'up', job: 'shop', instance: 'a:1' }, () => 1),
  series({ __name__: 'up', job: 'till', instance: 'c:1' }, (i) => (i > 30 ? 0 : 1)),
  series({ __name__: 'latency', job: 'shop' }, (i) => ({ ...latency, count: 12 + i, zeroCount: 1 + i })),
];
