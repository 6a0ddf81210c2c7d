import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Labels } from '../src/model/labels.ts';
import { type Bench, median, ms, ratio } from './bench.ts';
import type { GeneratedSeries } from './cadvisor.ts';
import { Rounds, type Taker, clusterSeries, taker, writeLine } from './ingest.ts';
import { serverFlags, startPrometheus } from './peers.ts';
import { removeFolder, request, startCrowsnest, temporaryFolder } from './program.ts';

const STEP = 15;
const HISTORY = 36 * 60;

interface Query {
  readonly title: string;
  readonly query: string;
  /** Seconds before the newest sample, and the step; absent: an instant query. */
  readonly range?: readonly [seconds: number, step: number];
}

const QUERIES: readonly Query[] = [
  {
    title: 'range, 2.6 k series × 121 steps: `sum by (namespace) (rate(…[5m]))`',
    query: 'sum by (namespace) (rate(container_cpu_usage_seconds_total[5m]))',
    range: [1800, 15],
  },
  {
    title: 'range, 2.6 k series × 121 steps, no aggregation: `rate(…[5m])`',
    query: 'rate(container_cpu_usage_seconds_total[5m])',
    range: [1800, 15],
  },
  {
    title: 'instant `sum by` over 10 k series',
    query: 'sum by (namespace, pod) (container_memory_failures_total)',
  },
  { title: '24 h of one series, a point a minute', query: 'probe_duration_seconds', range: [86_400, 60] },
  {
    title: '24 h of one series, `avg_over_time(…[5m])`, a point a minute',
    query: 'avg_over_time(probe_duration_seconds[5m])',
    range: [86_400, 60],
  },
  {
    title: '`histogram_quantile` over 5 k buckets, instant',
    query: 'histogram_quantile(0.99, sum by (le, handler) (rate(http_request_duration_seconds_bucket[5m])))',
  },
  {
    title: '`histogram_quantile` over 5 k buckets, 121 steps',
    query: 'histogram_quantile(0.99, sum by (le, handler) (rate(http_request_duration_seconds_bucket[5m])))',
    range: [1800, 15],
  },
  {
    title: 'regex match over 115 k series',
    query: 'count by (namespace) ({__name__=~"container_.+", pod=~"(checkout|cart)-.*[0-4]-.*"})',
  },
];

export const promql: Bench = {
  name: 'promql',
  about: 'queries over HTTP to `crowsnest server` and to Prometheus, both fed the same 120 k series by remote write',
  options: '--rounds 15',
  async run({ quick, rounds = quick ? 3 : 15 }) {
    const folder = temporaryFolder();
    const config = join(folder, 'crowsnest.yaml');
    writeFileSync(config, JSON.stringify({ data_dir: join(folder, 'data'), log_level: 'warn' }));
    const ours = taker(await startCrowsnest(['server', '--config', config]));
    try {
      const prometheusFolder = join(folder, 'prometheus');
      const theirs = taker(await startPrometheus(prometheusFolder, undefined, serverFlags(prometheusFolder)));
      try {
        const end = await fill([ours, theirs], quick);
        const rows: string[][] = [];
        for (const query of QUERIES) rows.push(await compare(query, end, ours, theirs, rounds));
        return [
          {
            title: `PromQL over HTTP, ${quick ? 'few' : '120 k'} series, median of ${rounds}, CPU per query in brackets`,
            columns: ['query', 'crowsnest', 'Prometheus', 'time', 'CPU', 'same answer'],
            rows,
          },
        ];
      } finally {
        await theirs.program.stop();
      }
    } finally {
      await ours.program.stop();
      removeFolder(folder);
    }
  },
};

/** Answers the time of the newest sample, seconds. */
async function fill(takers: readonly Taker[], quick: boolean): Promise<number> {
  const end = Math.floor(Date.now() / 1000 / STEP) * STEP;
  const day = Array.from({ length: 86_400 / STEP }, (_, i): [number, number] => [
    (end - 86_400 + (i + 1) * STEP) * 1000,
    0.2 + ((i * 7919) % 1000) / 1e4,
  ]);
  await writeLine(Labels.of({ __name__: 'probe_duration_seconds', job: 'probe', instance: 'shop' }), day, takers);
  const rounds = new Rounds([...clusterSeries(quick ? 1 : 10, 87), ...bucketSeries()]);
  for (let time = end - HISTORY; time <= end; time += STEP) await rounds.write(time * 1000, takers);
  for (const { program } of takers) await program.idle();
  return end;
}

/** 10 instances × 40 handlers × 13 buckets. */
function bucketSeries(): GeneratedSeries[] {
  const bounds = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '30', '+Inf'];
  return Array.from({ length: 10 * 40 }, (_, i) =>
    bounds.map((le) => ({
      name: 'http_request_duration_seconds_bucket',
      labels: { le, handler: `/api/v1/items/${i % 40}`, instance: `10.1.0.${Math.floor(i / 40)}:8080`, job: 'shop' },
      kind: 'counter' as const,
    })),
  ).flat();
}

interface Measured {
  readonly time: number;
  readonly cpu: number;
  readonly answer: string;
}

async function compare(query: Query, end: number, ours: Taker, theirs: Taker, rounds: number): Promise<string[]> {
  const a = await measure(query, end, ours, rounds);
  const b = await measure(query, end, theirs, rounds);
  const cell = ({ time, cpu }: Measured) => `${ms(time)} (${ms(cpu)})`;
  return [
    query.title,
    cell(a),
    cell(b),
    ratio(a.time, b.time),
    ratio(a.cpu, b.cpu),
    same(a.answer, b.answer) ? 'yes' : 'NO',
  ];
}

async function measure(
  { query, range }: Query,
  end: number,
  { url, program }: Taker,
  rounds: number,
): Promise<Measured> {
  const parameters = new URLSearchParams(
    range === undefined
      ? { query, time: String(end) }
      : { query, start: String(end - range[0]), end: String(end), step: String(range[1]) },
  );
  const address = `${url}/api/v1/query${range === undefined ? '' : '_range'}?${parameters.toString()}`;
  for (let i = 0; i < 3; i++) await request(address);
  const times: number[] = [];
  const cpu = program.cpu();
  let answer = '';
  for (let i = 0; i < rounds; i++) {
    const started = performance.now();
    const { status, body } = await request(address);
    times.push(performance.now() - started);
    if (status !== 200) throw new Error(`${query}: ${status} ${body.toString().slice(0, 300)}`);
    answer = body.toString();
  }
  return { time: median(times), cpu: ((program.cpu() - cpu) * 1000) / rounds, answer };
}

interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** The same series with the same times, and values to 1e-9. */
function same(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => {
    const { data } = JSON.parse(text) as { data: { result: Result[] } };
    return new Map(
      data.result.map(({ metric, value, values }) => [keyOf(metric), values ?? (value === undefined ? [] : [value])]),
    );
  });
  if (x.size !== y.size || x.size === 0) return false;
  return [...x].every(([key, points]) => {
    const others = y.get(key);
    return (
      others?.length === points.length &&
      points.every(([time, value], i) => time === others[i][0] && near(Number(value), Number(others[i][1])))
    );
  });
}

function keyOf(metric: Result['metric']): string {
  return JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function near(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}
