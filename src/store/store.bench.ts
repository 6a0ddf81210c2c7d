import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../lib/clock.ts';
import { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { SeriesLayout } from '../model/sample.ts';
import { writeBlock } from './block.ts';
import { runSqlJob } from './child.ts';
import { selects } from './metrics.ts';
import type { BlockInput } from './compaction.ts';
import { logBatch, openTestStore, temporaryFolder } from './testing.ts';
import type { Store } from './types.ts';

/**
 * Figures of the store, printed. Run: `npx tsx src/store/store.bench.ts ingest [series] [rounds]`, `… start [millions]`,
 * `… soak [series] [hours]`, `… logs [lines]`, `… arrival [series]`, `… merge [millions] [MB]`. Half of the series are constant, 30 % counters, 20 % noisy gauges.
 */
const STEP = 15_000;
const TARGETS = 10;

interface Load {
  readonly layouts: readonly SeriesLayout[];
  readonly values: Float64Array;
}

function createLoad(series: number): Load {
  const layouts = Array.from({ length: TARGETS }, (_, target) => ({
    series: Array.from({ length: series / TARGETS }, (_value, i) => ({
      labels: Labels.of({
        __name__: `metric_${i % 500}`,
        instance: `10.0.0.${target}:9100`,
        job: 'node',
        pod: `pod-${Math.floor(i / 500)}`,
        zone: 'eu-1a',
        mode: `m${i % 7}`,
      }),
    })),
  }));
  return { layouts, values: new Float64Array(series) };
}

async function writeRound(store: Store, { layouts, values }: Load, time: number): Promise<void> {
  const each = values.length / TARGETS;
  const writes = layouts.map((layout, target) => {
    for (let s = target * each; s < (target + 1) * each; s++) {
      const kind = s % 10;
      if (kind >= 8) values[s] = Math.round(Math.random() * 1e6) / 1e3;
      else if (kind >= 5) values[s] += Math.floor(Math.random() * 40);
    }
    const own = values.slice(target * each, (target + 1) * each);
    return store.write({ layout, values: own, timestamps: new Float64Array(each).fill(time + target * 997) });
  });
  await Promise.all(writes);
}

async function ingest(series: number, rounds: number): Promise<void> {
  const folder = temporaryFolder();
  let store = await openTestStore(folder.path, { commit_interval: 100, block: 1e12 });
  const load = createLoad(series);
  say('opened, load prepared');
  const begin = Date.now() - rounds * STEP;
  const begun = process.cpuUsage();
  const times: number[] = [];
  for (let k = 0; k < rounds; k++) {
    const at = performance.now();
    await writeRound(store, load, begin + k * STEP);
    times.push(performance.now() - at);
  }
  const { user, system } = process.cpuUsage(begun);
  const millions = (series * rounds) / 1e6;
  say(`${millions} M samples: ${((user + system) / 1e6 / millions).toFixed(2)} CPU-s/M, round ${spread(times)}`);
  const end = begin + rounds * STEP;
  await queries(store, 'memory', begin, end);
  await sizes(store);
  await store.close();
  const opening = performance.now();
  store = await openTestStore(folder.path, { block: 1e12 });
  say(`opened again in ${Math.round(performance.now() - opening)} ms`);
  await queries(store, 'head', begin, end);
  const compacting = performance.now();
  await store.compact();
  say(`compacted in ${((performance.now() - compacting) / 1000).toFixed(1)} s`);
  await sizes(store);
  await queries(store, 'block', begin, end);
  await store.close();
  folder.remove();
}

async function queries(store: Store, where: string, begin: number, end: number): Promise<void> {
  const rows: [string, Matcher[], number][] = [
    ['one target (10 %), 5 min', [{ name: 'instance', op: '=', value: '10.0.0.3:9100' }], end - 300_000],
    ['one target (10 %), all', [{ name: 'instance', op: '=', value: '10.0.0.3:9100' }], begin],
    ['one metric, all', [{ name: '__name__', op: '=', value: 'metric_7' }], begin],
    ['all series, 5 min', [{ name: 'job', op: '=', value: 'node' }], end - 300_000],
  ];
  for (const [name, matchers, start] of rows) {
    const times: number[] = [];
    let series = 0;
    for (let i = 0; i < 7; i++) {
      const at = performance.now();
      series = (await store.select({ matchers, start, end })).length;
      times.push(performance.now() - at);
    }
    say(`${where}: ${name}, ${series} series: ${spread(times)}`);
  }
}

/** Fills a store in a child, kills it, opens what is left, and waits until recent samples are in memory again. */
async function start(millions: number): Promise<void> {
  const folder = temporaryFolder();
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(import.meta.url), 'fill', folder.path, String(millions)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  const at = performance.now();
  const begun = process.cpuUsage();
  const store = await openTestStore(folder.path, { block: 1e12 });
  const { user, system } = process.cpuUsage(begun);
  say(`opened after kill -9 in ${Math.round(performance.now() - at)} ms, ${((user + system) / 1e6).toFixed(1)} CPU-s`);
  await sizes(store);
  const stall = watchStalls();
  const gaps: number[] = [];
  const recent = { matchers: [{ name: '__name__', op: '=', value: 'metric_7' } as const], start: Date.now() - 300_000 };
  for (let before = await fromDisk(); ; before = await fromDisk()) {
    const asked = performance.now();
    await store.select({ ...recent, end: Date.now() });
    gaps.push(performance.now() - asked);
    if ((await fromDisk()) === before) break;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const used = process.cpuUsage(begun);
  say(
    `warm ${Math.round(performance.now() - at)} ms after the start, ${((used.user + used.system) / 1e6).toFixed(1)} CPU-s, ` +
      `longest stall ${stall().toFixed(0)} ms, a metric's 5 min from disk meanwhile ${spread(gaps)}`,
  );
  await queries(store, 'memory', Date.now() - 3_600_000, Date.now());
  await store.close();
  folder.remove();
}

async function fromDisk(): Promise<number> {
  return (await selects.get()).values.find(({ labels }) => labels.from === 'disk')?.value ?? 0;
}

/** Answers the longest time, in milliseconds, that nothing else had a turn. */
function watchStalls(): () => number {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 1);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

async function fill(path: string, millions: number): Promise<void> {
  const store = await openTestStore(path, { block: 1e12 });
  const load = createLoad(100_000);
  const rounds = millions * 10;
  const begin = Date.now() - rounds * STEP;
  for (let k = 0; k < rounds; k++) await writeRound(store, load, begin + k * STEP);
  process.stdout.write('full\n');
  await new Promise(() => setInterval(() => undefined, 1000));
}

/** A day (or some hours) of scrapes as fast as they go, blocks and all, on a clock of its own. */
async function soak(series: number, hours: number): Promise<void> {
  const folder = temporaryFolder();
  let now = Date.now() - hours * 3_600_000;
  const clock: Clock = {
    now: () => now,
    after(ms, callback) {
      const timer = setTimeout(callback, Math.min(ms, 500));
      return () => clearTimeout(timer);
    },
  };
  const store = await openTestStore(folder.path, { max_size: 50 * 1024 ** 3 }, clock);
  const load = createLoad(series);
  for (let k = 0; k < hours * 240; k++) {
    await writeRound(store, load, now);
    now += STEP;
    if (k % 60 === 0)
      await store.select({ matchers: [{ name: 'job', op: '=', value: 'node' }], start: now - 300_000, end: now });
    if (k % 120 === 0) await sizes(store);
  }
  await store.close();
  folder.remove();
}

async function logs(lines: number): Promise<void> {
  const folder = temporaryFolder();
  const store = await openTestStore(folder.path, { block: 1e12 });
  const source = { id: 'bench', path: '/var/log/bench.log', fields: { 'kubernetes.namespace': 'shop' } };
  const begun = process.cpuUsage();
  let bytes = 0;
  for (let k = 0; k < lines; k += 5000) {
    const batch: [number, string][] = Array.from({ length: 5000 }, (_, i) => [
      k + i,
      `2026-01-10T10:00:00Z level=${i % 50 === 0 ? 'error' : 'info'} msg="request done" trace=${(k + i) * 7919} path=/cart/${i % 97} took=${i % 311}ms`,
    ]);
    const prepared = logBatch(source, batch, Date.now());
    bytes += prepared.bytes.length;
    await store.writeLogs(prepared);
  }
  const { user, system } = process.cpuUsage(begun);
  say(
    `${lines} lines, ${Math.round(bytes / 1e6)} MB: ${((user + system) / 1e6 / (bytes / 2 ** 30)).toFixed(1)} CPU-s/GiB`,
  );
  for (const query of ['', 'level: error', 'trace=7919', '"nowhere to be found"']) {
    const at = performance.now();
    const answer = await store.searchLogs({ query, start: 0, end: 1e15, limit: 100, order: 'newest' });
    say(`search ${JSON.stringify(query)}: ${answer.records.length} in ${Math.round(performance.now() - at)} ms`);
  }
  await sizes(store);
  await store.compact();
  await sizes(store);
  await store.close();
  folder.remove();
}

/** The merge of a day: eight blocks of two hours become one. The child's memory is watched from outside. */
async function merge(millions: number, memory: number): Promise<void> {
  const folder = temporaryFolder();
  const series = 100_000;
  const each = Math.round((millions * 1e6) / 8 / series);
  const spill = join(folder.path, 'spill');
  const inputs: BlockInput[] = [];
  for (let i = 0; i < 8; i++) {
    const block = join(folder.path, `in-${i}`);
    mkdirSync(block);
    const from = `(select s::uinteger as series, (${i * each} + t) * ${STEP}::bigint as ts,
      case when s % 10 < 5 then 1.0 when s % 10 < 8 then t * 20.0 + s % 37 else round(random() * 1e6) / 1e3 end as value
      from range(${series}) as _(s), range(${each}) as _(t) order by series, ts)`;
    const labels = `map {'__name__': 'metric_' || lpad((s // 200)::varchar, 3, '0'), 'pod': lpad((s % 200)::varchar, 3, '0')}`;
    const numbers = `(select s::uinteger as series, s::uinteger as number, ${labels} as labels from range(${series}) as _(s))`;
    await runSqlJob({
      statements: [
        `copy ${numbers} to '${block}/series.parquet' (format parquet)`,
        `copy ${from} to '${block}/samples.parquet' (format parquet, compression zstd)`,
      ],
      memory: 4 * 2 ** 30,
      spill,
      questions: [],
      files: [],
    });
    inputs.push({
      kind: 'block',
      folder: block,
      weight: each * series,
      tables: ['series', 'samples'],
      withoutStarts: true,
    });
  }
  say(`${inputs.length} blocks prepared`);
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, childPeak())), 100);
  const at = performance.now();
  try {
    const target = join(folder.path, 'merged');
    const job = {
      inputs,
      from: [],
      store: 'bench',
      target,
      memory: memory * 2 ** 20,
      spill,
    };
    const meta = await writeBlock(job);
    const bytes = meta.files.reduce((sum, file) => sum + file.bytes, 0);
    say(`merged ${meta.samples} samples to ${Math.round(bytes / 1e6)} MB`);
  } finally {
    clearInterval(watch);
    say(`${((performance.now() - at) / 1000).toFixed(1)} s, limit ${memory} MB, the child's peak RSS ${peak} MB`);
    folder.remove();
  }
}

/** Megabytes of the largest child of this process. */
function childPeak(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  return Math.max(
    0,
    ...children.map((pid) => {
      const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
      return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    }),
  );
}

/** All targets come for the first time, and a second, in one tick: how long nothing else gets a turn. */
async function arrival(series: number): Promise<void> {
  const folder = temporaryFolder();
  const store = await openTestStore(folder.path, { commit_interval: 100 });
  const load = createLoad(series);
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const which of ['new', 'known']) {
    const gaps: number[] = [];
    let last = performance.now();
    const timer = setInterval(() => {
      gaps.push(performance.now() - last);
      last = performance.now();
    }, 1);
    const at = last;
    await writeRound(store, load, Date.now());
    const took = Math.round(performance.now() - at);
    await new Promise((resolve) => setTimeout(resolve, 20));
    clearInterval(timer);
    const longest = gaps.sort((a, b) => b - a).slice(0, 5);
    say(`${series} ${which} series: ${took} ms, longest gaps ${longest.map((gap) => gap.toFixed(0)).join(', ')} ms`);
  }
  await store.close();
  folder.remove();
}

async function sizes(store: Store): Promise<void> {
  const { samples, logRecords, bytes, chunks } = await store.stat();
  const each = samples > 0 ? `, ${(bytes / samples).toFixed(2)} B/sample` : '';
  say(`${samples} samples, ${logRecords} lines in ${chunks} files, ${Math.round(bytes / 1e6)} MB${each}`);
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
  return `p50 ${at(0.5)} p99 ${at(0.99)} ms`;
}

function say(text: string): void {
  const status = readFileSync('/proc/self/status', 'utf8');
  const megabytes = (key: string) => Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const own = `heap ${Math.round(heapUsed / 2 ** 20)}, buffers ${Math.round(arrayBuffers / 2 ** 20)} MB`;
  console.log(`${text}  [RSS ${megabytes('VmRSS')}, peak ${megabytes('VmHWM')}, ${own}]`);
}

const [mode, ...rest] = process.argv.slice(2);
const [first, second] = rest.map(Number);
if (mode === 'ingest') await ingest(first || 110_000, second || 60);
else if (mode === 'start') await start(first || 30);
else if (mode === 'fill') await fill(rest[0], second);
else if (mode === 'soak') await soak(first || 100_000, second || 3);
else if (mode === 'logs') await logs(first || 500_000);
else if (mode === 'arrival') await arrival(first || 100_000);
else if (mode === 'merge') await merge(first || 60, second || 256);
else console.log('ingest | start | soak | logs | arrival | merge');
