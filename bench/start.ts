import { join } from 'node:path';
import { sleep } from '../src/lib/time/sleep.ts';
import { type Bench, median } from './bench.ts';
import { json, removeFolder, startCrowsnest, temporaryFolder, until } from './program.ts';

export const start: Bench = {
  name: 'start',
  about: 'from the start of `crowsnest up` to the first answer of /api/v1/query',
  options: '--rounds 5',
  async run({ quick, rounds = quick ? 1 : 5 }) {
    const times = { fresh: [] as Start[], stopped: [] as Start[], killed: [] as Start[] };
    for (let round = 0; round < rounds; round++) {
      const folder = temporaryFolder();
      times.fresh.push(await startOnce(folder, 'SIGTERM'));
      times.stopped.push(await startOnce(folder, 'SIGKILL'));
      times.killed.push(await startOnce(folder, 'SIGTERM'));
      removeFolder(folder);
    }
    const row = (name: string, starts: readonly Start[]) => [
      name,
      `${median(starts.map(({ first }) => first)).toFixed(2)} s`,
      `${median(starts.map(({ sample }) => sample)).toFixed(2)} s`,
    ];
    return [
      {
        title: `Start of \`crowsnest up\`, median of ${rounds}`,
        columns: ['data folder', 'first answer of /api/v1/query', 'answer that holds a sample of this node'],
        rows: [
          row('fresh', times.fresh),
          row('of a run that was stopped', times.stopped),
          row('of a run that was killed (kill -9)', times.killed),
        ],
      },
    ];
  },
};

interface Start {
  readonly first: number;
  readonly sample: number;
}

async function startOnce(folder: string, end: NodeJS.Signals): Promise<Start> {
  const started = performance.now();
  const { program, url } = await startCrowsnest(['up', '--data', join(folder, 'data')]);
  const ask = () => json<{ data: { result: unknown[] } }>(`${url}/api/v1/query?query=node_load1`);
  try {
    await ask();
    const first = (performance.now() - started) / 1000;
    await until(async () => (await ask()).data.result.length > 0, 30, 20);
    const sample = (performance.now() - started) / 1000;
    await sleep(10_000);
    return { first, sample };
  } finally {
    await program.stop(end);
  }
}
