import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../lib/time/clock.ts';
import { STEP, childPeak, createLoad, say, sizes, spread, watchStalls, writeRound } from './bench-load.ts';
import { openTestStore, temporaryFolder } from './testing.ts';

/**
 * Hours of scrapes every 15 s as fast as they go, on a clock of its own: heads, blocks, merges and all. It prints half-hourly
 * what the store takes, and fails where a write took too long or a sample is missing at the end.
 * Run: `npx tsx src/store/soak.bench.ts [series] [hours]`; a day of 100 k series takes about ten minutes.
 */
const series = Number(process.argv[2] ?? 100_000);
const hours = Number(process.argv[3] ?? 24);

/** Milliseconds that no round of writes may take, whatever else goes on. */
const LIMIT = 5000;

/** Heads that may wait to become blocks. On a real clock they would not: here a compaction has a hundredth of the time. */
const WAITING = 3;

let now = Date.now() - hours * 3_600_000;
const clock: Clock = {
  now: () => now,
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, 500));
    return () => clearTimeout(timer);
  },
};

const folder = temporaryFolder();
const heads = () => readdirSync(join(folder.path, 'heads')).filter((name) => name.endsWith('.duckdb')).length;
const store = await openTestStore(folder.path, { max_size: 50 * 1024 ** 3 }, clock);
const load = createLoad(series);
const rounds = Math.round((hours * 3_600_000) / STEP);
const begun = { at: performance.now(), cpu: process.cpuUsage() };
const worst = { alone: 0, besideCompaction: 0 };
let times: number[] = [];
let stall = watchStalls();
let child = 0;

for (let k = 1; k <= rounds; k++) {
  while (heads() > WAITING + 1) await new Promise((resolve) => setTimeout(resolve, 50));
  const at = performance.now();
  await writeRound(store, load, now);
  const took = performance.now() - at;
  const peak = childPeak();
  child = Math.max(child, peak);
  times.push(took);
  const where = peak > 0 ? 'besideCompaction' : 'alone';
  worst[where] = Math.max(worst[where], took);
  now += STEP;
  if (k % 120 !== 0 && k !== rounds) continue;
  const asked = performance.now();
  await store.select({ matchers: [{ name: 'job', op: '=', value: 'node' }], start: now - 300_000, end: now });
  const query = Math.round(performance.now() - asked);
  say(
    `${((k * STEP) / 3_600_000).toFixed(1)} h after ${Math.round((at - begun.at) / 1000)} s: writes ${spread(times)}, ` +
      `the longest ${Math.round(Math.max(...times))} ms; longest stall ${Math.round(stall())} ms; 5 min of all ${query} ms; child ${child} MB`,
  );
  await sizes(store);
  times = [];
  stall = watchStalls();
  child = 0;
}
stall();

const { user, system } = process.cpuUsage(begun.cpu);
const millions = (rounds * series) / 1e6;
say(`${((user + system) / 1e6 / millions).toFixed(2)} CPU-s per M samples, the children's left out`);
const { samples } = await store.stat();
await store.close();
folder.remove();
console.log(
  `slowest round of writes: ${Math.round(worst.alone)} ms alone, ${Math.round(worst.besideCompaction)} ms beside a compaction`,
);
if (Math.max(worst.alone, worst.besideCompaction) > LIMIT) fail(`a round of writes took more than ${LIMIT} ms`);
if (samples !== rounds * series) fail(`${samples} samples are stored, ${rounds * series} were written`);

function fail(text: string): void {
  console.error(`FAILED: ${text}`);
  process.exitCode = 1;
}
