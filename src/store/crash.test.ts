import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { batchOf, contents, layoutOf, logBatch, openTestStore, temporaryFolder } from './testing.ts';

const START = Math.floor(Date.now() / 1000) * 1000;
const CHILD = fileURLToPath(new URL('testdata/crash-child.ts', import.meta.url));
const COMPACTING = fileURLToPath(new URL('testdata/compacting-child.ts', import.meta.url));
const source = { id: 'crash', path: '/crash.log', fields: {} };

let folder: { path: string; remove: () => void };

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => folder.remove());

/** Runs the child until it has had `acks` acknowledgements of each kind, kills it, and answers the last of each. */
async function runAndKill(from: number, acks: number): Promise<{ samples: number; lines: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, folder.path, String(START), String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const last = { samples: from - 1, lines: from - 1 };
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind, number] = line.split(' ') as ['samples' | 'lines', string];
    last[kind] = Number(number);
    if (Math.min(last.samples, last.lines) >= from + acks) child.kill('SIGKILL');
  }
  return last;
}

/** A dead process may stay listed as a zombie until its new parent looks. */
function isRunning(pid: string): boolean {
  return existsSync(`/proc/${pid}/stat`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}

it.runIf(existsSync('/proc/self/task'))(
  'kill -9 while a block is written ends the process that writes it, so that the store can be opened again',
  { timeout: 60_000 },
  async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', COMPACTING, folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      child.kill('SIGKILL');
      await vi.waitFor(() => expect(isRunning(line)).toBe(false), { timeout: 50_000 });
    }
  },
);

describe('kill -9 while samples and lines are written', () => {
  it('loses nothing that was acknowledged, and stores no line twice', { timeout: 120_000 }, async () => {
    const first = await runAndKill(0, 60);
    const second = await runAndKill(first.samples + 100, 60);
    const store = await openTestStore(folder.path);
    const [row] = await contents(store, 'crash');
    const values = new Set(row.split(' ').slice(1).map((sample) => Number(sample.split('@')[0]))); // prettier-ignore
    for (let k = 0; k <= first.samples; k++) expect(values).toContain(k);
    for (let k = first.samples + 100; k <= second.samples; k++) expect(values).toContain(k);

    // The reader starts again at its checkpoint, which is behind what is stored.
    const count = 2 * second.lines + 20;
    const batch = logBatch(source, Array.from({ length: count }, (_, k) => [k, `line ${k}`]), START); // prettier-ignore
    // The lines say no time, so that read again they have another.
    const again = await store.writeLogs({ ...batch, untimed: new Uint8Array(count).fill(1) });
    expect(again.stored).toBeLessThan(20);
    const found = await store.searchLogs({ query: '', start: 0, end: 1e15, limit: 100_000, order: 'oldest' });
    const offsets = found.records.map(({ offset }) => offset);
    expect(new Set(offsets).size).toBe(offsets.length);
    for (let k = 0; k <= 2 * first.lines + 1; k++) expect(offsets).toContain(k);
    await store.close();
  });

  it(
    'leaves a store that a second process cannot open meanwhile, and that says who has it',
    { timeout: 60_000 },
    async () => {
      const child = spawn(process.execPath, ['--import', 'tsx', CHILD, folder.path, String(START), '0'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = createInterface({ input: child.stdout });
      await lines[Symbol.asyncIterator]().next();
      await expect(openTestStore(folder.path)).rejects.toThrow(
        `${folder.path}: another crowsnest already runs on this store (process ${child.pid})`,
      );
      child.kill('SIGKILL');
      lines.close();
    },
  );
});

describe('a damaged head or catalog', () => {
  it.each(['heads/head-000001.duckdb', 'catalog.duckdb'])('is moved aside: %s', async (name) => {
    let store = await openTestStore(folder.path);
    await store.write(batchOf(layoutOf({ __name__: 'old' }), START, [1]));
    await store.close();
    writeFileSync(join(folder.path, name), 'not what it was');
    store = await openTestStore(folder.path);
    expect(readdirSync(join(folder.path, 'damaged'))).toContainEqual(
      expect.stringMatching(`^[0-9]+-${name.split('/').at(-1)}$`),
    );
    await store.write(batchOf(layoutOf({ __name__: 'new' }), START, [2]));
    expect(await contents(store, 'new')).toEqual([`new 2@${START}`]);
    await store.close();
  });
});

const mayMount = process.platform === 'linux' && process.getuid?.() === 0 && canMount();

function canMount(): boolean {
  const probe = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', probe.path], { stdio: 'ignore' });
    execFileSync('umount', [probe.path]);
    return true;
  } catch {
    return false;
  } finally {
    probe.remove();
  }
}

describe.skipIf(!mayMount)(
  `a full disk${mayMount ? '' : ' [skipped: a small disk can only be mounted by root]'}`,
  () => {
    let disk: string;

    beforeEach(() => {
      disk = join(folder.path, 'disk');
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'none', disk]);
    });

    afterEach(() => execFileSync('umount', ['-l', disk]));

    it('refuses writes, still answers, and takes writes again when there is space', async () => {
      const layout = layoutOf({ __name__: 'full' });
      const store = await openTestStore(join(disk, 'store'));
      await store.write(batchOf(layout, START, [1]));
      writeFileSync(join(disk, 'filler'), Buffer.alloc(120 * 1024 ** 2));
      await expect(store.write(batchOf(layout, START + 1, [2]))).rejects.toMatchObject({ reason: 'disk_full' });
      await expect(store.writeLogs(logBatch(source, [[1, 'lost?']], START))).rejects.toMatchObject({
        reason: 'disk_full',
      });
      expect(await contents(store, 'full')).toEqual([`full 1@${START}`]);
      rmSync(join(disk, 'filler'));
      expect(await store.write(batchOf(layout, START + 1, [2]))).toEqual({ accepted: 1, refused: {} });
      expect(await store.writeLogs(logBatch(source, [[1, 'lost?']], START))).toMatchObject({
        stored: 1,
        duplicates: 0,
      });
      expect(await contents(store, 'full')).toEqual([`full 1@${START} 2@${START + 1}`]);
      await store.close();
    });

    it('that fills up in the middle of a commit loses nothing that was acknowledged', { timeout: 60_000 }, async () => {
      const layout = layoutOf(...Array.from({ length: 20_000 }, (_, i) => ({ __name__: 'burst', i: String(i) })));
      const values = Array.from({ length: 20_000 }, () => 1);
      const store = await openTestStore(join(disk, 'store'));
      let acknowledged = -1;
      writeFileSync(join(disk, 'filler'), Buffer.alloc(90 * 1024 ** 2));
      const write = async (k: number) => {
        await Promise.all(
          Array.from({ length: 10 }, (_, i) =>
            store.write(batchOf(layout, START + 10 * k + i, values.map(Math.random))),
          ),
        );
        acknowledged = 10 * k + 9;
      };
      const fill = async () => {
        for (let k = 0; k < 100; k++) await write(k);
      };
      await expect(fill()).rejects.toMatchObject({ reason: 'disk_full' });
      rmSync(join(disk, 'filler'));
      await write(1000);
      const [series] = await store.select({ matchers: [{ name: 'i', op: '=', value: '7' }], start: 0, end: 1e15 });
      expect(acknowledged).toBe(10_009);
      const times = new Set(series.timestamps);
      for (let k = 10_000; k < 10_010; k++) expect(times).toContain(START + k);
      await store.close();
      const again = await openTestStore(join(disk, 'store'));
      expect(await again.verify()).toEqual([]);
      await again.close();
    });
  },
);
