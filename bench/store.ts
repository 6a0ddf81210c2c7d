import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { type Bench, type Table, megabytes, ratio } from './bench.ts';
import { Rounds, type Taker, clusterSeries, taker } from './ingest.ts';
import { serverFlags, startPrometheus } from './peers.ts';
import { json, removeFolder, request, runCrowsnest, startCrowsnest, temporaryFolder } from './program.ts';

const STEP = 15;

export const store: Bench = {
  name: 'store',
  about:
    'ingest of 110 k series by remote write into `crowsnest server` and Prometheus, bytes on disk, start after kill -9',
  options: '--millions 30',
  async run({ quick, millions = quick ? 0.5 : 30 }) {
    const folder = temporaryFolder();
    const config = join(folder, 'crowsnest.yaml');
    writeFileSync(config, JSON.stringify({ data_dir: join(folder, 'data'), log_level: 'warn' }));
    const startOurs = () => startCrowsnest(['server', '--config', config]);
    const theirFolder = join(folder, 'prometheus');
    const startTheirs = () => startPrometheus(theirFolder, undefined, serverFlags(theirFolder));
    const rounds = new Rounds(clusterSeries(quick ? 1 : 10, 83));
    const count = Math.ceil((millions * 1e6) / rounds.series);
    const samples = count * rounds.series;
    let ours = taker(await startOurs());
    let theirs = taker(await startTheirs());
    try {
      await ingest(rounds, count, [ours, theirs]);
      const tables = [ingestTable(rounds, samples, ours, theirs)];
      const expected = rounds.series;
      await ours.program.stop('SIGKILL');
      const ourStart = await startAgain(startOurs, expected);
      ours = taker(ourStart.peer);
      await theirs.program.stop('SIGKILL');
      const theirStart = await startAgain(startTheirs, expected);
      theirs = taker(theirStart.peer);
      tables.push(startTable(samples, ourStart, theirStart));
      const snapshot = await json<{ data: { name: string } }>(`${theirs.url}/api/v1/admin/tsdb/snapshot`, 'POST');
      await ours.program.stop();
      runCrowsnest(['store', 'export', join(folder, 'export'), '--config', config]);
      const ourBytes = diskUse(join(folder, 'export'));
      const theirBytes = diskUse(join(theirFolder, 'data', 'snapshots', snapshot.data.name));
      tables.push(diskTable(samples, ourBytes, theirBytes));
      return tables;
    } finally {
      await ours.program.stop();
      await theirs.program.stop();
      removeFolder(folder);
    }
  },
};

/** Rounds as if they came every 15 s until now, as fast as they are taken. */
async function ingest(rounds: Rounds, count: number, takers: readonly Taker[]): Promise<void> {
  const end = Math.floor(Date.now() / 1000 / STEP) * STEP;
  for (let k = count - 1; k >= 0; k--) await rounds.write((end - k * STEP) * 1000, takers);
  for (const { program } of takers) await program.idle();
}

function ingestTable({ series }: Rounds, samples: number, ours: Taker, theirs: Taker): Table {
  const row = (name: string, { program, waited }: Taker) => {
    const perMillion = (program.cpu() * 1e6) / samples;
    const steady = ((series / STEP) * perMillion) / 1e6;
    return [
      name,
      perMillion.toFixed(2),
      `${(steady * 100).toFixed(1)} %`,
      `${(samples / 1000 / waited).toFixed(2)} M`,
      megabytes(program.rss()),
      megabytes(program.peak()),
    ];
  };
  return {
    title: `Ingest by remote write: ${(samples / 1e6).toFixed(1)} M samples of ${series} series`,
    columns: [
      'program',
      'CPU-s per M samples',
      `CPU for all series every ${STEP} s`,
      'samples a second',
      'RSS',
      'peak RSS',
    ],
    rows: [
      row('crowsnest server', ours),
      row('Prometheus', theirs),
      [
        'ratio',
        ratio(ours.program.cpu(), theirs.program.cpu()),
        '',
        '',
        ratio(ours.program.rss(), theirs.program.rss()),
        '',
      ],
    ],
  };
}

interface Restart {
  readonly peer: Omit<Taker, 'waited'>;
  readonly ready: number;
  readonly whole: number;
}

/** Seconds until it is ready, and until a query finds every series. */
async function startAgain(start: () => Promise<Omit<Taker, 'waited'>>, series: number): Promise<Restart> {
  const started = performance.now();
  const peer = await start();
  const ready = (performance.now() - started) / 1000;
  for (;;) {
    const { body } = await request(`${peer.url}/api/v1/query?query=${encodeURIComponent('count({job="cadvisor"})')}`);
    const { data } = JSON.parse(body.toString()) as { data: { result: { value: [number, string] }[] } };
    const found = Number(data.result[0]?.value[1] ?? 0);
    const seconds = (performance.now() - started) / 1000;
    if (found === series) return { peer, ready, whole: seconds };
    if (seconds > 120) throw new Error(`${found} of ${series} series after the restart`);
  }
}

function startTable(samples: number, ours: Restart, theirs: Restart): Table {
  const row = (name: string, { ready, whole }: Restart) => [name, `${ready.toFixed(2)} s`, `${whole.toFixed(2)} s`];
  return {
    title: `Start after kill -9 with ${(samples / 1e6).toFixed(1)} M samples, none of them in a block yet`,
    columns: ['program', 'ready', 'a query has found every series'],
    rows: [row('crowsnest server', ours), row('Prometheus', theirs)],
  };
}

function diskTable(samples: number, ours: number, theirs: number): Table {
  const row = (name: string, bytes: number) => [name, megabytes(bytes), (bytes / samples).toFixed(2)];
  return {
    title: 'The same samples as blocks on disk, index included',
    columns: ['program', 'size', 'bytes per sample'],
    rows: [
      row('crowsnest, `store export`', ours),
      row('Prometheus, snapshot', theirs),
      ['ratio', '', ratio(ours, theirs)],
    ],
  };
}

function diskUse(folder: string): number {
  return Number(spawnSync('du', ['-s', '-B1', '--apparent-size', folder], { encoding: 'utf8' }).stdout.split('\t')[0]);
}
