/**
 * What discovery costs where 10,000 targets change by 1 % each second, as a share of one core. Nothing is scraped; the loops of
 * targets are started and ended.
 *
 *     npx tsx src/collector/discovery/discovery.bench.ts [seconds]
 *
 * - by group: each target is a group of its own and only changes are emitted, as a watch on Kubernetes does
 * - http_sd:  an endpoint lists all of them again, in one group or in groups of ten
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../lib/time/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { sleep } from '../../lib/time/sleep.ts';
import { Labels } from '../../model/labels.ts';
import { scrapeConfigSchema } from '../config.ts';
import { ScrapePool } from '../scrape-pool.ts';
import type { DiscoveryContext, TargetGroup } from './kind.ts';
import type { Provider } from './kinds.ts';

const TARGETS = 10_000;
const CHANGES = TARGETS / 100;
const seconds = Number(process.argv[2] ?? 20);

/** Addresses in which, each second, the next 1 % are replaced. */
class Churn {
  readonly addresses = Array.from({ length: TARGETS }, (_, i) => `old-${i}:9100`);
  #next = 0;

  step(): number[] {
    const places = Array.from({ length: CHANGES }, (_, i) => (this.#next + i) % TARGETS);
    for (const place of places) this.addresses[place] = `new-${this.#next}-${place}:9100`;
    this.#next += CHANGES;
    return places;
  }
}

const RELABEL = [
  { source_labels: ['__meta_pod_annotation_scrape'], regex: 'true', action: 'keep' },
  { source_labels: ['__meta_pod_name'], target_label: 'pod' },
  { source_labels: ['__meta_namespace'], target_label: 'namespace' },
  { regex: '__meta_pod_label_(.+)', action: 'labelmap' },
];

const metaOf = (place: number) => ({
  __meta_pod_annotation_scrape: 'true',
  __meta_pod_name: `pod-${place}`,
  __meta_namespace: `team-${place % 50}`,
  __meta_pod_label_app: `app-${place % 200}`,
});

/** Share of one core, in per cent, and how many targets there are at the end. */
async function measure(
  name: string,
  settings: object,
  step: () => void,
  providers?: readonly Provider[],
): Promise<void> {
  const job = scrapeConfigSchema.parse({ job_name: 'bench', relabel_configs: RELABEL, ...settings });
  const pool = new ScrapePool(
    job,
    { interval: 3_600_000, timeout: 10_000 },
    {
      identity: Labels.EMPTY,
      hostname: 'bench',
      write: () => Promise.resolve({ accepted: 0, refused: {} }),
      clock: systemClock,
      logger: createLogger({ quiet: true }),
      ...(providers !== undefined && { providersOf: () => providers }),
    },
  );
  await pool.start();
  await sleep(3000);
  const before = process.cpuUsage();
  for (let second = 0; second < seconds; second++) {
    step();
    await sleep(1000);
  }
  const { user, system } = process.cpuUsage(before);
  const share = (user + system) / 1e4 / seconds;
  console.log(`${name.padEnd(28)} ${share.toFixed(2)} % of a core, ${pool.loops.length} targets`);
  await pool.stop(false);
}

async function byGroup(): Promise<void> {
  const churn = new Churn();
  let emit: DiscoveryContext['emit'] = () => {};
  const groupAt = (place: number): TargetGroup => ({
    source: `pod/${place}`,
    targets: [{ __address__: churn.addresses[place] }],
    labels: metaOf(place),
  });
  const provider: Provider = {
    id: 'bench',
    create: (context) => ({
      start() {
        emit = context.emit;
        emit(churn.addresses.map((_, place) => groupAt(place)));
        return Promise.resolve();
      },
      stop: () => Promise.resolve(),
    }),
  };
  await measure('changes by group', {}, () => emit(churn.step().map(groupAt)), [provider]);
}

async function byHttp(name: string, perGroup: number): Promise<void> {
  const churn = new Churn();
  const server = http.createServer((_, response) => {
    const groups = Array.from({ length: TARGETS / perGroup }, (_, i) => ({
      targets: churn.addresses.slice(i * perGroup, (i + 1) * perGroup),
      labels: metaOf(i),
    }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(groups));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const settings = { http_sd_configs: [{ url, refresh_interval: '1s' }] };
  await measure(name, settings, () => void churn.step());
  server.closeAllConnections();
  server.close();
}

await byGroup();
await byHttp('http_sd, one group', TARGETS);
await byHttp('http_sd, groups of ten', 10);
