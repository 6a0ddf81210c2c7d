import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setInterval } from 'node:timers';
import { sleep } from '../src/lib/time/sleep.ts';
import { freePort } from '../test/servers/free-port.ts';
import { type Bench, type Settings, megabytes } from './bench.ts';
import { criLines } from './container-logs.ts';
import { Absent, type Peer, startPrometheus, startVmagent } from './peers.ts';
import { type Program, json, removeFolder, startCrowsnest, startHelper, temporaryFolder } from './program.ts';

/** Seconds before measuring: caches are built, first pages are parsed in full. */
const WARM_UP = 15;
const INTERVAL = 5;
const LOG_BYTES_PER_SECOND = 1_000_000;

export const agentMetrics: Bench = {
  name: 'agent-metrics',
  about: 'scraping cAdvisor pages of 13.4 k series every 5 s into remote write, with and without a log of 1 MB/s',
  options: '--seconds 60 --targets 1',
  run: async (settings) => {
    const { seconds = settings.quick ? 15 : 60, targets = 1 } = settings;
    const rows: string[][] = [];
    const notes: string[] = [];
    for (const { name, start, logs } of contestants(settings)) {
      try {
        rows.push([name, ...(await measure(start, targets, seconds, logs ?? false))]);
      } catch (error) {
        if (!(error instanceof Absent)) throw error;
        notes.push(`${name} is left out. ${error.message}`);
      }
    }
    return [
      {
        title: `Agent: ${targets} page(s) of 13.4 k series every ${INTERVAL} s, ${seconds} s after ${WARM_UP} s of warm-up`,
        columns: ['agent', 'CPU-s per M samples', 'CPU', 'RSS', 'peak RSS', 'bytes per sample on the wire'],
        rows,
        notes,
      },
    ];
  },
};

interface Surroundings {
  readonly folder: string;
  readonly ports: readonly number[];
  readonly receiver: string;
}

interface Contestant {
  readonly name: string;
  readonly logs?: boolean;
  readonly start: (surroundings: Surroundings) => Promise<Peer>;
}

function contestants({ targets = 1 }: Settings): Contestant[] {
  const whole: Contestant = { name: 'crowsnest, + node metrics + log of 1 MB/s', start: startWhole, logs: true };
  return [
    { name: 'crowsnest', start: startPages },
    ...(targets === 1 ? [whole] : []),
    {
      name: 'vmagent',
      start: (place) => startVmagent(place.folder, scrapeConfig(place), `${place.receiver}/api/v1/write`),
    },
    { name: 'Prometheus agent', start: startPrometheusAgent },
  ];
}

function startPages(place: Surroundings): Promise<Peer> {
  return startAgent(place, { node: { enabled: false }, self: { enabled: false } }, {});
}

/** All that an agent does on a node: the page, /proc, its own metrics, container logs. */
function startWhole(place: Surroundings): Promise<Peer> {
  const logs = { containers: true, containers_path: join(place.folder, 'pods'), files: [] };
  return startAgent(place, {}, { logs, shipLogs: [{ elasticsearch: place.receiver }] });
}

function startAgent(place: Surroundings, collect: object, { logs, shipLogs }: { logs?: object; shipLogs?: object[] }) {
  const config = {
    data_dir: join(place.folder, 'data'),
    log_level: 'warn',
    collect: {
      ...collect,
      scrape_configs: [{ ...scrapeJob(place), scrape_interval: `${INTERVAL}s`, scrape_timeout: `${INTERVAL}s` }],
    },
    logs,
    ship: { metrics: [{ url: `${place.receiver}/api/v1/write` }], logs: shipLogs },
  };
  const file = join(place.folder, 'crowsnest.yaml');
  writeFileSync(file, JSON.stringify(config));
  return startCrowsnest(['agent', '--config', file]);
}

function startPrometheusAgent(place: Surroundings): Promise<Peer> {
  const config = `${scrapeConfig(place)}remote_write: [{url: "${place.receiver}/api/v1/write"}]\n`;
  return startPrometheus(place.folder, config, ['--agent', `--storage.agent.path=${join(place.folder, 'data')}`]);
}

function scrapeJob({ ports }: Surroundings) {
  return { job_name: 'cadvisor', static_configs: [{ targets: ports.map((port) => `127.0.0.1:${port}`) }] };
}

function scrapeConfig(place: Surroundings): string {
  return `global: {scrape_interval: ${INTERVAL}s, scrape_timeout: ${INTERVAL}s}\nscrape_configs: ${JSON.stringify([scrapeJob(place)])}\n`;
}

async function measure(start: Contestant['start'], targets: number, seconds: number, withLogs: boolean) {
  const folder = temporaryFolder();
  const ports: number[] = [];
  while (ports.length < targets) ports.push(await freePort());
  const receiverPort = await freePort();
  const receiver = `http://127.0.0.1:${receiverPort}`;
  const helpers: Program[] = [];
  let agent: Program | undefined;
  const stopLog = withLogs ? writeLog(folder) : undefined;
  try {
    helpers.push(await startHelper('target.ts', ports.map(String), `http://127.0.0.1:${ports[0]}/served`));
    helpers.push(await startHelper('receiver.ts', [String(receiverPort)], `${receiver}/received`));
    agent = (await start({ folder, ports, receiver })).program;
    const read = async () => ({
      at: Date.now(),
      cpu: agent?.cpu() ?? 0,
      ...(await json<{ pages: number; series: number }>(`http://127.0.0.1:${ports[0]}/served`)),
      ...(await json<{ writeBytes: number }>(`${receiver}/received`)),
    });
    await sleep(WARM_UP * 1000);
    const before = await read();
    await sleep(seconds * 1000);
    const after = await read();
    const samples = ((after.pages - before.pages) * after.series) / targets;
    const cpu = after.cpu - before.cpu;
    return [
      ((cpu * 1e6) / samples).toFixed(2),
      `${((cpu * 100_000) / (after.at - before.at)).toFixed(2)} %`,
      megabytes(agent.rss()),
      megabytes(agent.peak()),
      ((after.writeBytes - before.writeBytes) / samples).toFixed(1),
    ];
  } finally {
    stopLog?.();
    await agent?.stop();
    for (const helper of helpers) await helper.stop();
    removeFolder(folder);
  }
}

/** A container that logs 1 MB/s, ten times a second. */
function writeLog(folder: string): () => void {
  const container = join(folder, 'pods', 'shop_checkout-7d9f8b6c5d-x2x4z_8f2d4e5c-1b2a-4c3d-9e8f-0a1b2c3d4e5f', 'app');
  mkdirSync(container, { recursive: true });
  const file = openSync(join(container, '0.log'), 'a');
  let page = 0;
  let rest = Buffer.alloc(0);
  const timer = setInterval(() => {
    while (rest.length < LOG_BYTES_PER_SECOND / 10) rest = Buffer.concat([rest, Buffer.from(criLines(0, page++, 500))]);
    writeSync(file, rest, 0, LOG_BYTES_PER_SECOND / 10);
    rest = rest.subarray(LOG_BYTES_PER_SECOND / 10);
  }, 100);
  return () => {
    clearInterval(timer);
    closeSync(file);
  };
}
