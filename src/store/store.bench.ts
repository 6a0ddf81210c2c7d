import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Matcher } from '../model/matcher.ts';
import { STEP, createLoad, say, sizes, spread, watchStalls, writeRound } from './bench-load.ts';
import { selects } from './metrics.ts';
import { logBatch, openTestStore, temporaryFolder } from './testing.ts';
import type { Store } from './types.ts';

/**
 * Figures of the store, printed. Run: `npx tsx src/store/store.bench.ts ingest [series] [rounds]`, `… start [millions]`,
 * `… logs [lines]`, `… arrival [series]`.
 */
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

async function fill(path: string, millions: number): Promise<void> {
  const store = await openTestStore(path, { block: 1e12 });
  const load = createLoad(100_000);
  const rounds = millions * 10;
  const begin = Date.now() - rounds * STEP;
  for (let k = 0; k < rounds; k++) await writeRound(store, load, begin + k * STEP);
  process.stdout.write('full\n');
  await new Promise(() => setInterval(() => undefined, 1000));
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

const [mode, ...rest] = process.argv.slice(2);
const [first, second] = rest.map(Number);
if (mode === 'ingest') await ingest(first || 110_000, second || 60);
else if (mode === 'start') await start(first || 30);
else if (mode === 'fill') await fill(rest[0], second);
else if (mode === 'logs') await logs(first || 500_000);
else if (mode === 'arrival') await arrival(first || 100_000);
else console.log('ingest | start | logs | arrival');
