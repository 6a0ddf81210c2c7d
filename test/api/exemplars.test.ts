import protobuf from 'protobufjs';
import snappy from 'snappy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningServer, describeWith, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { END, START } from './known-series.ts';
import { type OwnServer, startOwnServer } from './own-server.ts';

const WriteRequest = protobuf
  .parse(
    `syntax = "proto3";
    message WriteRequest { repeated TimeSeries timeseries = 1; }
    message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Exemplar exemplars = 3; }
    message Label { string name = 1; string value = 2; }
    message Sample { double value = 1; int64 timestamp = 2; }
    message Exemplar { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }`,
  )
  .root.lookupType('WriteRequest');

const STEP = 30_000;

describeWith(['prometheus'], 'exemplars, from us and from a real Prometheus', () => {
  let ours: OwnServer;
  let real: RunningServer;

  beforeAll(async () => {
    ours = await startOwnServer();
    real = await startPrometheus();
    for (const url of [ours.url, real.url]) await write(url);
    const path = `query_exemplars?query=c_total&start=${START / 1000}&end=${END / 1000}`;
    expect(await waitFor(async () => (await ask(ours.url, path)).length > 0, 10_000)).toBe(true);
  });

  afterAll(async () => {
    await real?.stop();
    await ours?.stop();
  });

  const QUERIES = ['h_bucket', 'histogram_quantile(0.9, sum by (le) (rate(h_bucket[5m])))', '{job="b"}', 'h_bucket{le="1"} + c_total', 'plain', 'nosuch', '{__name__=~".+"}', 'h_bucket + h_bucket', 'h_bucket offset 5m', '{le=~".*",job="a"}']; // prettier-ignore
  const RANGES = [[START, END], [START + 4 * STEP, START + 6 * STEP], [START + 7, START + 7], [START + 8, END], [END, END + 10]] as const; // prettier-ignore

  test.each(QUERIES)('of %s', async (query) => {
    for (const [start, end] of RANGES) {
      const path = `query_exemplars?query=${encodeURIComponent(query)}&start=${start / 1000}&end=${end / 1000}`;
      expect(await ask(ours.url, path)).toEqual(await ask(real.url, path));
    }
  });
});

interface Exemplars {
  readonly seriesLabels: Readonly<Record<string, string>>;
}

async function ask(url: string, path: string): Promise<Exemplars[]> {
  const { data } = (await (await fetch(`${url}/api/v1/${path}`)).json()) as { data: Exemplars[] };
  const key = ({ seriesLabels }: Exemplars) => JSON.stringify(pairs(seriesLabels));
  return data.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

async function write(url: string): Promise<void> {
  const timeseries = [
    series({ __name__: 'h_bucket', job: 'a', le: '1' }, 8),
    series({ __name__: 'h_bucket', job: 'a', le: '+Inf' }, 3),
    series({ __name__: 'c_total', job: 'b' }, 2),
    series({ __name__: 'plain' }, 0),
  ];
  const bytes = Buffer.from(WriteRequest.encode(WriteRequest.create({ timeseries })).finish());
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  const response = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers,
    body: new Uint8Array(await snappy.compress(bytes)),
  });
  expect(response.ok, await response.text()).toBe(true);
}

function series(labels: Readonly<Record<string, string>>, exemplars: number) {
  const values = [1.5, 1e9, 1e-9, 1e21, Number.NaN, Infinity, -0, 3];
  return {
    labels: pairs(labels),
    samples: Array.from({ length: 10 }, (_, i) => ({ value: i, timestamp: START + i * STEP })),
    exemplars: Array.from({ length: exemplars }, (_, i) => ({
      labels: pairs({ trace_id: `t${i}`, ...(i % 2 === 1 ? { span: 'é"' } : {}) }),
      value: values[i],
      timestamp: START + i * STEP + 7,
    })),
  };
}

/** In the order that remote write wants. */
function pairs(labels: Readonly<Record<string, string>>) {
  const byName = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return byName.map(([name, value]) => ({ name, value }));
}
