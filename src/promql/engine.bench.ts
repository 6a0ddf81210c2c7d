/**
 * Queries over series in memory: CPU a query, and the most CPU that one turn of the event loop took meanwhile. (CPU and
 * not time, so that a busy machine does not show.)
 *
 *     npx tsx src/promql/engine.bench.ts
 */
import { Labels } from '../model/labels.ts';
import type { SeriesColumns } from '../model/query.ts';
import { markStale, wordsOf } from '../model/sample.ts';
import { createEngine } from './engine.ts';

const NOW = 1_790_000_000_000;
const STEP = 15_000;
const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];

function columns(
  name: string,
  count: number,
  samples: number,
  labelsOf: (i: number) => Record<string, string>,
): SeriesColumns[] {
  return Array.from({ length: count }, (_, i) => {
    const jitter = (i * 977) % STEP;
    let value = i;
    return {
      labels: Labels.of({ __name__: name, cluster: 'c1', ...labelsOf(i) }),
      timestamps: Float64Array.from({ length: samples }, (_, k) => NOW - (samples - 1 - k) * STEP - jitter),
      values: Float64Array.from({ length: samples }, (_, k) => (value += (i * 31 + k * 17) % 13)),
    };
  });
}

const pod = (i: number) => ({
  job: `job${i % 10}`,
  namespace: `ns${i % 20}`,
  pod: `pod-${i}`,
  instance: `10.0.0.${i % 256}:9100`,
});

const STORE: Record<string, SeriesColumns[]> = {
  requests_total: columns('requests_total', 2600, 141, pod),
  memory_bytes: columns('memory_bytes', 10_000, 20, pod),
  latency_bucket: columns('latency_bucket', 5004, 141, (i) => ({
    job: `job${Math.floor(i / 12) % 10}`,
    instance: `i${Math.floor(i / 12)}`,
    le: BOUNDS[i % 12],
  })),
  many_total: columns('many_total', 60_000, 60, pod),
};

/** Thirty days at three samples a second, every thousandth of them a staleness marker. */
const LONG = 8_600_000;
STORE.dense = columns('dense', 1, LONG, pod);
const [dense] = STORE.dense;
dense.timestamps.forEach((_, i) => (dense.timestamps[i] = NOW - (LONG - 1 - i) * 300));
dense.values.forEach((_, i) => (dense.values[i] = (i * 7919) % 1_000_003));
for (let i = 0; i < LONG; i += 1000) markStale(wordsOf(dense.values), i);

const engine = createEngine({
  select: async ({ matchers }) => STORE[matchers.find(({ name }) => name === '__name__')?.value ?? ''] ?? [],
});

const instant = (expr: string) => ({ expr, run: () => engine.instant(expr, NOW) });
const range = (expr: string, steps = 121) => ({
  expr: `${expr} over ${steps} steps`,
  run: () => engine.range(expr, NOW - (steps - 1) * STEP, NOW, STEP),
});

const QUERIES = [
  range('sum by (job) (rate(requests_total[5m]))'),
  range('rate(requests_total[5m])'),
  range('requests_total'),
  range('avg_over_time(requests_total[5m])'),
  range('topk(5, rate(requests_total[5m]))'),
  range('histogram_quantile(0.99, sum by (le, job) (rate(latency_bucket[5m])))'),
  instant('sum by (namespace, job) (memory_bytes)'),
  instant('memory_bytes * on (pod) memory_bytes'),
  instant('memory_bytes and memory_bytes'),
  instant('histogram_quantile(0.99, rate(latency_bucket[5m]))'),
  range('rate(many_total[5m])', 60),
  range('many_total + many_total', 60),
  instant('sum_over_time(dense[30d])'),
  instant('quantile_over_time(0.5, dense[30d])'),
  instant('mad_over_time(dense[30d])'),
  instant('deriv(dense[30d])'),
];

const ROUNDS = 12;

function cpuMs(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** Runs `work` and tells the most CPU that passed between two turns of the event loop. */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = cpuMs();
  let running = true;
  const turn = () => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  running = false;
  return longest;
}

for (const { expr, run } of QUERIES) {
  await run();
  await run();
  const rounds: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const before = process.cpuUsage();
    await run();
    rounds.push(cpuMs(before));
  }
  rounds.sort((a, b) => a - b);
  const longest = await longestTurn(run);
  console.log(
    `${rounds[ROUNDS / 2].toFixed(1).padStart(8)} ms, longest turn ${longest.toFixed(0).padStart(3)} ms  ${expr}`,
  );
}
