import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sleep } from '../lib/time/sleep.ts';
import { FakeSink, createWorkbench, until } from './testing.ts';

let bench: ReturnType<typeof createWorkbench>;
let sink: FakeSink;

beforeEach(() => {
  bench = createWorkbench();
  sink = new FakeSink();
});
afterEach(() => bench.close());

function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `line ${String(from + i).padStart(6, '0')}`);
}
function text(from: number, to: number): string {
  return numbered(from, to)
    .map((line) => `${line}\n`)
    .join('');
}
async function expectLines(count: number): Promise<void> {
  await until(`${count} records, have ${sink.records.length}`, () => sink.records.length >= count);
  expect(sink.messages().sort()).toEqual(numbered(0, count));
}
/** As `gzip` packs a file: a new file, the old one removed. */
function pack(path: string): void {
  const { mtime, atime } = statSync(path);
  writeFileSync(`${path}.gz`, gzipSync(execFileSync('cat', [path])));
  utimesSync(`${path}.gz`, atime, mtime);
  rmSync(path);
}

describe('truncation', () => {
  test('a file that is written anew with as many bytes each time', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, text(0, 1));
    await bench.follow(sink.ship);
    for (let round = 1; round <= 6; round++) {
      await expectLines(round);
      writeFileSync(path, text(round, round + 1));
    }
    await expectLines(7);
  });

  test('a banner that begins each content, and a longer rest than before', async () => {
    const path = bench.path('app.log');
    const banner = `${'#'.repeat(400)}\n`;
    writeFileSync(path, banner + text(0, 10));
    await bench.follow(sink.ship);
    await until('the first content', () => sink.messages().includes('line 000009'));
    writeFileSync(path, banner + text(10, 40));
    await until('the second content', () => sink.messages().includes('line 000039'));
    expect(
      sink
        .messages()
        .filter((message) => message.startsWith('line'))
        .sort(),
    ).toEqual(numbered(0, 40));
  });

  test('a file that is only touched is not read again', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, text(0, 10));
    const logs = await bench.follow(sink.ship);
    await expectLines(10);
    utimesSync(path, new Date(), new Date());
    appendFileSync(path, text(10, 11));
    await expectLines(11);
    expect(logs.files()).toHaveLength(1);
    expect(sink.duplicates).toBe(0);
  });

  test('a writer that goes on at its old place leaves NULs, which cost no line', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, text(0, 50));
    await bench.follow(sink.ship);
    await expectLines(50);
    copyFileSync(path, `${path}.1`);
    writeFileSync(path, Buffer.concat([Buffer.alloc(600), Buffer.from(text(50, 100))]));
    await expectLines(100);
  });

  test('what was not read before a copy and a truncation is read from the copy', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, text(0, 50));
    const logs = await bench.follow(sink.ship);
    await expectLines(50);
    await bench.stop(logs);
    appendFileSync(path, text(50, 80));
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, text(80, 90));
    await bench.follow(sink.ship);
    await expectLines(90);
  });

  test('bytes that were seen and never read are counted where no copy has them', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, text(0, 10));
    const logs = await bench.follow(sink.ship);
    await expectLines(10);
    sink.mood = 'hang';
    appendFileSync(path, text(10, 20));
    await until('an offer', () => sink.offered === 2);
    appendFileSync(path, text(20, 30));
    await until('the growth is seen', () => logs.files()[0].size === 30 * 12);
    sink.mood = 'accept';
    truncateSync(path);
    await until('the truncation is seen', () => logs.files().some(({ size }) => size === 0));
    expect(await lostBytes('truncated')).toBeGreaterThan(0);
  });
});

async function lostBytes(reason: string): Promise<number> {
  const { registry } = await import('../lib/metrics.ts');
  const page = await registry.getSingleMetricAsString('crowsnest_log_bytes_lost_total');
  return Number(new RegExp(`reason="${reason}"\\} (\\d+)`).exec(page)?.[1] ?? 0);
}

describe('rotation between two looks', () => {
  test('a chain of renamed files that the glob does not name', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, text(0, 10));
    await bench.follow(sink.ship, { scan_interval: '300ms' });
    await expectLines(10);
    for (let round = 1; round <= 6; round++) {
      renameSync(path, `${path}.${round}`);
      writeFileSync(path, text(round * 10, round * 10 + 10));
      await sleep(20);
    }
    await expectLines(70);
    expect(sink.duplicates).toBe(0);
  });

  test("a chain that shifts: docker's -json.log.1, .2 …", async () => {
    const path = bench.path('0123abc-json.log');
    const cri = (from: number, to: number) =>
      numbered(from, to)
        .map((line) => `{"log":"${line}\\n","stream":"stdout","time":"2026-11-30T20:00:00Z"}\n`)
        .join('');
    writeFileSync(path, cri(0, 100));
    await bench.follow(sink.ship, { scan_interval: '300ms' });
    await expectLines(100);
    for (let round = 1; round <= 10; round++) {
      for (let n = 4; n >= 1; n--) if (existsSync(`${path}.${n}`)) renameSync(`${path}.${n}`, `${path}.${n + 1}`);
      renameSync(path, `${path}.1`);
      writeFileSync(path, cri(round * 100, round * 100 + 100));
      await sleep(110);
    }
    await expectLines(1100);
    expect(sink.duplicates).toBe(0);
  });

  test('files that were rotated before the first look are left alone where only the end is read', async () => {
    const path = bench.path('app.log');
    writeFileSync(`${path}.2`, 'older\n');
    writeFileSync(`${path}.1`, 'old\n');
    writeFileSync(path, text(0, 10));
    await sleep(60);
    await bench.follow(sink.ship);
    await expectLines(10);
    renameSync(`${path}.2`, `${path}.3`);
    renameSync(`${path}.1`, `${path}.2`);
    renameSync(path, `${path}.1`);
    writeFileSync(path, text(10, 20));
    await expectLines(20);
  });
});

describe('rotation while nobody looked', () => {
  test.each([
    ['numbers', (path: string, n: number) => `${path}.${n}`],
    ['dates', (path: string, n: number) => `${path}-2026110${9 - n}`],
    ['dates before the ending', (path: string, n: number) => path.replace('.log', `-2026-11-0${9 - n}.log`)],
    ['a folder of old files', (path: string, n: number) => path.replace('app.log', `old/app.log.${n}`)],
  ])('%s: every file of the chain is read', async (_, rotated) => {
    mkdirSync(bench.path('old'));
    const path = bench.path('app.log');
    writeFileSync(path, text(0, 10));
    const logs = await bench.follow(sink.ship, { files: [path] });
    await expectLines(10);
    await bench.stop(logs);
    appendFileSync(path, text(10, 20));
    renameSync(path, rotated(path, 2));
    writeFileSync(rotated(path, 1), text(20, 30));
    writeFileSync(path, text(30, 40));
    await bench.follow(sink.ship, { files: [path] });
    await expectLines(40);
    expect(sink.messages()).toEqual(numbered(0, 40));
    expect(sink.duplicates).toBe(0);
  });

  test('packed files are unpacked, from the place reached', async () => {
    const path = bench.path('0.log');
    writeFileSync(path, text(0, 10));
    const logs = await bench.follow(sink.ship);
    await expectLines(10);
    await bench.stop(logs);
    appendFileSync(path, text(10, 20));
    renameSync(path, `${path}.20261130-200000`);
    pack(`${path}.20261130-200000`);
    writeFileSync(`${path}.20261130-201000`, text(20, 30));
    pack(`${path}.20261130-201000`);
    writeFileSync(`${path}.20261130-202000`, text(30, 40));
    writeFileSync(path, text(40, 50));
    await bench.follow(sink.ship);
    await expectLines(50);
    expect(sink.duplicates).toBe(0);
    expect(readdirSync(bench.path('data/logs')).filter((name) => name.startsWith('unpacking'))).toEqual([]);
  });

  test('a packed file is not read again after the restart, nor one that was packed after it was read', async () => {
    const path = bench.path('0.log');
    writeFileSync(path, text(0, 10));
    let logs = await bench.follow(sink.ship);
    await expectLines(10);
    renameSync(path, `${path}.20261130-200000`);
    writeFileSync(path, text(10, 20));
    await expectLines(20);
    await until('the rotated file is finished', () => logs.status()?.files === 1);
    await bench.stop(logs);
    pack(`${path}.20261130-200000`);
    utimesSync(`${path}.20261130-200000.gz`, new Date(), new Date());
    for (let round = 0; round < 2; round++) {
      logs = await bench.follow(sink.ship);
      appendFileSync(path, text(20 + round, 21 + round));
      await expectLines(21 + round);
      await bench.stop(logs);
    }
    expect(sink.duplicates).toBe(0);
  });

  test('an inode that was reused meanwhile costs no line of the file that it was', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, text(0, 10));
    const logs = await bench.follow(sink.ship);
    await expectLines(10);
    await bench.stop(logs);
    appendFileSync(path, text(10, 20));
    const { ino } = statSync(path);
    renameSync(path, `${path}.1`);
    // Packed, then its inode is free for the next file.
    pack(`${path}.1`);
    for (let tries = 0; tries < 50; tries++) {
      writeFileSync(path, text(20, 30));
      if (statSync(path).ino === ino) break;
      renameSync(path, bench.path(`other-${tries}`));
    }
    await bench.follow(sink.ship);
    await expectLines(30);
  });

  test('adopted files keep the rule of the path where they were written', async () => {
    const path = bench.path('app.log');
    const files = [{ path, format: 'plain', fields: { 'service.name': 'checkout' } }];
    writeFileSync(path, text(0, 10));
    const logs = await bench.follow(sink.ship, { files });
    await expectLines(10);
    await bench.stop(logs);
    appendFileSync(path, text(10, 12));
    renameSync(path, `${path}.1`);
    writeFileSync(path, text(12, 20));
    await bench.follow(sink.ship, { files });
    await expectLines(20);
    expect(new Set(sink.records.map(({ source }) => source.fields['service.name']))).toEqual(new Set(['checkout']));
  });

  test('bytes of a file that is gone are counted', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, text(0, 10));
    sink.mood = 'reject';
    const logs = await bench.follow(sink.ship);
    await until('an offer', () => sink.offered > 0);
    await bench.stop(logs);
    rmSync(path);
    const before = await lostBytes('gone');
    await bench.follow(sink.ship);
    expect((await lostBytes('gone')) - before).toBe(120);
  });
});

describe('what waits for its end', () => {
  const quick = { partial_wait: '50ms' };

  test('a line without line end is taken after a while, and its late line end makes no empty one', async () => {
    const path = bench.path('app.log');
    writeFileSync(path, 'first\nno line end');
    await bench.follow(sink.ship, quick);
    await until('both', () => sink.records.length === 2);
    appendFileSync(path, '\nthird\n');
    await until('the third', () => sink.records.length >= 3);
    expect(sink.records.map(({ message, flags }) => [message, ...flags])).toEqual([
      ['first'],
      ['no line end', 'partial'],
      ['third'],
    ]);
  });

  test('the last words of a container that come as a part only', async () => {
    writeFileSync(bench.path('0.log'), '2026-11-30T20:00:00Z stderr P panic: cannot open db\n');
    await bench.follow(sink.ship, quick);
    await until('the part', () => sink.records.length === 1);
    expect(sink.records[0]).toMatchObject({ message: 'panic: cannot open db', flags: ['partial'], stream: 2 });
  });

  test('a first write that is shorter than a line costs nothing', async () => {
    const path = bench.path('0.log');
    writeFileSync(path, '2026-11-30T20:00');
    await bench.follow(sink.ship);
    await sleep(50);
    appendFileSync(path, ':00Z stdout F whole\n');
    await until('the line', () => sink.records.length === 1);
    expect(sink.records[0]).toMatchObject({ message: 'whole', stream: 1, flags: [] });
  });

  test('a byte order mark is no part of the first line', async () => {
    writeFileSync(bench.path('a.log'), '\ufefffirst\nsecond\n');
    await bench.follow(sink.ship);
    await until('both', () => sink.records.length === 2);
    expect(sink.messages()).toEqual(['first', 'second']);
  });
});

describe('a fault that passes', () => {
  test('a file that looked binary is followed once it holds text', async () => {
    const path = bench.path('a.log');
    writeFileSync(path, Buffer.alloc(100, 1));
    const logs = await bench.follow(sink.ship);
    await until('it is skipped', () => logs.status()?.skipped === 1);
    writeFileSync(path, text(0, 3));
    await expectLines(3);
  });
});

test('a pod that lives for less than the time between two scans', async () => {
  const pods = bench.path('pods');
  mkdirSync(pods);
  await bench.follow(sink.ship, { containers: true, containers_path: pods, files: [], scan_interval: '1h' });
  for (let pod = 0; pod < 5; pod++) {
    const folder = `${pods}/shop_job-${pod}_uid${pod}/main`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/0.log`, `2026-11-30T20:00:00Z stdout F ${numbered(pod, pod + 1)[0]}\n`);
    await until('it is open', () => sink.records.length > pod);
    rmSync(`${pods}/shop_job-${pod}_uid${pod}`, { recursive: true });
  }
  await expectLines(5);
});
