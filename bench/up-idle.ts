import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { sleep } from '../src/lib/time/sleep.ts';
import { type Bench, megabytes } from './bench.ts';
import { json, removeFolder, startCrowsnest, temporaryFolder } from './program.ts';

/** Seconds that belong to the start. */
const WARM_UP = 30;

export const upIdle: Bench = {
  name: 'up-idle',
  about: '`crowsnest up` on this machine with nothing to do but its own node, logs and rules',
  options: '--minutes 10',
  async run({ quick, minutes = quick ? 0.5 : 10 }) {
    const folder = temporaryFolder();
    const { program, url } = await startCrowsnest(['up', '--data', join(folder, 'data')]);
    try {
      await sleep(WARM_UP * 1000);
      const before = { cpu: program.cpu(), disk: diskUse(folder) };
      await sleep(minutes * 60_000);
      const after = { cpu: program.cpu(), disk: diskUse(folder) };
      const { data } = await json<{ data: { headStats: { numSeries: number } } }>(`${url}/api/v1/status/tsdb`);
      const growth = ((after.disk - before.disk) * 60) / minutes;
      return [
        {
          title: `\`crowsnest up\`, idle for ${minutes} min`,
          columns: ['series', 'CPU of one core', 'RSS', 'peak RSS', 'on disk', 'disk growth per hour'],
          rows: [
            [
              String(data.headStats.numSeries),
              `${(((after.cpu - before.cpu) / (minutes * 60)) * 100).toFixed(2)} %`,
              megabytes(program.rss()),
              megabytes(program.peak()),
              `${(after.disk / 1e6).toFixed(1)} MB`,
              `${(growth / 1e6).toFixed(1)} MB`,
            ],
          ],
        },
      ];
    } finally {
      await program.stop();
      removeFolder(folder);
    }
  },
};

function diskUse(folder: string): number {
  return Number(spawnSync('du', ['-s', '-B1', folder], { encoding: 'utf8' }).stdout.split('\t')[0]);
}
