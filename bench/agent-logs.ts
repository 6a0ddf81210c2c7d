import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../src/lib/time/sleep.ts';
import { type Bench, median, megabytes } from './bench.ts';
import { type WrittenLogs, writeContainerLogs } from './container-logs.ts';
import {
  Program,
  json,
  removeFolder,
  request,
  startCrowsnest,
  startHelper,
  temporaryFolder,
  until,
} from './program.ts';

const GIB = 1024 ** 3;
/** The prototype has it built in. */
const RECEIVER_PORT = 19_300;
const RECEIVER = `http://127.0.0.1:${RECEIVER_PORT}`;
const shared = process.env.CROWSNEST_SHARED ?? join(import.meta.dirname, '..', '..', 'shared');
const prototype = join(shared, 'prototypes', 'logs-buf.mjs');

interface Run {
  readonly cpu: number;
  readonly seconds: number;
  readonly peak: number;
}

export const agentLogs: Bench = {
  name: 'agent-logs',
  about: 'a backlog of container logs into a bulk sink that answers at once',
  options: '--mib 1024 --rounds 3',
  async run({ quick, mib = quick ? 64 : 1024, rounds = quick ? 1 : 3 }) {
    const folder = temporaryFolder();
    const written = writeContainerLogs(folder, mib);
    const receiver = await startHelper('receiver.ts', [String(RECEIVER_PORT)], `${RECEIVER}/received`);
    const ours: Run[] = [];
    const bare: Run[] = [];
    try {
      for (let round = 0; round < rounds; round++) {
        ours.push(await runAgent(folder, written));
        if (existsSync(prototype)) bare.push(await runPrototype(folder));
      }
    } finally {
      await receiver.stop();
      removeFolder(folder);
    }
    const rows = [row('crowsnest agent', ours, written.bytes)];
    if (bare.length > 0) rows.push(row('prototype: hot path alone', bare, written.bytes));
    return [
      {
        title: `Agent: ${mib} MiB of container logs in ten files, ${written.records} records, median of ${rounds}`,
        columns: ['program', 'CPU-s per GiB', 'MB/s', 'peak RSS'],
        rows,
      },
    ];
  },
};

function row(name: string, runs: readonly Run[], bytes: number): string[] {
  return [
    name,
    ((median(runs.map(({ cpu }) => cpu)) * GIB) / bytes).toFixed(2),
    (bytes / 1e6 / median(runs.map(({ seconds }) => seconds))).toFixed(0),
    megabytes(median(runs.map(({ peak }) => peak))),
  ];
}

/** From the start of the process, which the CPU counts too, to the last bulk. */
async function runAgent(folder: string, { records }: WrittenLogs): Promise<Run> {
  const dataDir = temporaryFolder();
  const config = join(dataDir, 'crowsnest.yaml');
  const settings = {
    data_dir: join(dataDir, 'data'),
    log_level: 'warn',
    logs: { containers: true, containers_path: join(folder, 'pods'), files: [] },
    ship: { logs: [{ elasticsearch: RECEIVER }] },
  };
  writeFileSync(config, JSON.stringify(settings));
  const started = Date.now();
  const { program, url } = await startCrowsnest(['agent', '--config', config]);
  try {
    const run = await untilQuiet(program, started);
    const page = (await request(`${url}/metrics`)).body.toString();
    const stored = Number(/^crowsnest_log_records_stored_total (\S+)/m.exec(page)?.[1]);
    if (stored !== records) throw new Error(`${stored} records were shipped of ${records}`);
    return run;
  } finally {
    await program.stop();
    removeFolder(dataDir);
  }
}

async function runPrototype(folder: string): Promise<Run> {
  const started = Date.now();
  const args = [prototype, join(folder, 'flat'), 'id', 'k8s'];
  const program = await Program.start({ command: process.execPath, args });
  try {
    return await untilQuiet(program, started);
  } finally {
    await program.stop('SIGKILL');
  }
}

/** Done when no bulk came for a second and a half. */
async function untilQuiet(program: Program, started: number): Promise<Run> {
  const last = async () => (await json<{ lastBulk: number }>(`${RECEIVER}/received`)).lastBulk;
  let lastBulk = 0;
  await until(async () => {
    lastBulk = await last();
    return lastBulk > started && Date.now() - lastBulk > 1500;
  }, 300);
  await sleep(100);
  return { cpu: program.cpu(), seconds: (lastBulk - started) / 1000, peak: program.peak() };
}
