/**
 * The page of a node's cAdvisor, some 13 k series, read again and again: time per sample once the page is known, time of
 * the first reading and its longest hold on the event loop, beside a parser that splits lines and strings.
 *
 *     npx tsx src/collector/scrape-cache.bench.ts
 */
import { Labels } from '../model/labels.ts';
import { Relabeler } from '../relabel/relabel.ts';
import { ScrapeCache } from './scrape-cache.ts';
import { NO_LIMITS } from './testing.ts';

const SERIES = 13_400;
const PODS = 67;
const METRICS = SERIES / PODS;

const target = Labels.of({ job: 'kubelet', instance: '10.0.3.7:10250', metrics_path: '/metrics/cadvisor' });

function createCache(): ScrapeCache {
  return new ScrapeCache({
    rules: {
      targetLabels: target,
      honorLabels: true,
      metricRelabel: new Relabeler([]),
      identity: Labels.of({ cluster: 'prod-eu-1', region: 'eu-west-1' }),
      ...NO_LIMITS,
    },
    honorTimestamps: false,
    trackTimestampsStaleness: false,
    sampleLimit: 0,
    report: [{ labels: target.with('__name__', 'up') }],
  });
}

/** Values change from page to page; their kinds are as cAdvisor has them. */
function createPage(round: number): Buffer {
  const lines: string[] = [];
  for (let metric = 0; metric < METRICS; metric++) {
    lines.push(`# HELP container_thing_${metric}_total Cumulative count of things that happened in the container.`);
    lines.push(`# TYPE container_thing_${metric}_total counter`);
    for (let pod = 0; pod < PODS; pod++) {
      const hash = (pod * 2654435761).toString(16).padStart(12, '0').repeat(4);
      const id = `/kubepods/burstable/pod39c694d2-a04a-4962-81a6-fb5d18345a6b/${hash}`;
      const labels = `container="main",id="${id}",image="registry.example.org/shop/app-${pod}:1.${pod}",name="${hash}",namespace="shop-${pod % 7}",pod="app-${pod}-${hash.slice(0, 5)}"`;
      const value = [metric * pod, (round * 1000 + pod) / 7, round * 4096, pod === 3 ? 'NaN' : pod][metric % 4];
      lines.push(`container_thing_${metric}_total{${labels}} ${value} 1795263273000`);
    }
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

function parseBySplitting(page: Buffer): number {
  const values = new Map<string, number>();
  for (const line of page.toString().split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const close = line.lastIndexOf('}') + 1;
    const labels = Object.fromEntries(
      [...line.slice(line.indexOf('{') + 1, close - 1).matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((match) => [
        match[1],
        match[2],
      ]),
    );
    values.set(line.slice(0, close), Number(line.slice(close).trim().split(' ')[0]) + (labels.pod === '' ? 1 : 0));
  }
  return values.size;
}

const pages = Array.from({ length: 10 }, (_, round) => createPage(round));
const shuffled = pages.map((page) => Buffer.from(`${page.toString().trimEnd().split('\n').reverse().join('\n')}\n`));

const known = createCache();
await known.read(pages[0], 'text', 0);
let round = 0;
const reversed = createCache();
await reversed.read(pages[0], 'text', 0);

/** CPU time, not time on the wall: others may be at work on the same machine. */
async function measure(name: string, seconds: number, run: () => unknown): Promise<void> {
  for (let i = 0; i < 5; i++) await run();
  const before = process.cpuUsage();
  const end = performance.now() + seconds * 1000;
  let runs = 0;
  for (; performance.now() < end; runs++) await run();
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1000 / runs;
  const perSample = ((ms * 1e6) / SERIES).toFixed(0);
  console.log(`${name.padEnd(46)} ${ms.toFixed(2).padStart(8)} CPU-ms ${perSample.padStart(7)} ns/sample`);
}

await measure('known page', 3, () => known.read(pages[++round % pages.length], 'text', round));
await measure('known page, lines in another order each time', 3, () =>
  reversed.read((round % 2 === 0 ? pages : shuffled)[++round % pages.length], 'text', round),
);
await measure('new page', 3, () => createCache().read(pages[0], 'text', 0));
await measure('split lines and strings', 3, () => parseBySplitting(pages[++round % pages.length]));
console.log(`longest hold of the loop by a new page ${(await longestHold()).toFixed(1)} CPU-ms`);
console.log(`page ${(pages[0].length / 1e6).toFixed(1)} MB, RSS ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`);

/** CPU-ms between two turns of the loop; the collector of garbage has threads of its own, which count as well. */
async function longestHold(): Promise<number> {
  let longest = 0;
  let last = process.cpuUsage();
  let running = true;
  const turn = () => {
    const { user, system } = process.cpuUsage(last);
    last = process.cpuUsage();
    longest = Math.max(longest, (user + system) / 1000);
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await createCache().read(pages[0], 'text', 0);
  running = false;
  return longest;
}
