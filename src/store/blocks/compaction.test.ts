import { DuckDBInstance } from '@duckdb/node-api';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { readBlockMeta, tablesOf, writeBlock } from './block.ts';
import { batchOf, layoutOf, logBatch, openTestStore, temporaryFolder } from '../testing.ts';

// Each block is written by a child process at low priority: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 180_000 });

it('writes the same block whether it is sorted at once or in parts', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(join(folder.path, 'store'));
  const layout = layoutOf(...Array.from({ length: 37 }, (_, i) => ({ __name__: `m${i % 5}`, i: String(i) })));
  for (let block = 0; block < 3; block++) {
    for (let k = 0; k < 4; k++) {
      const values = layout.series.map((_, i) => (i % 9 === k ? 'stale' : i * k));
      await store.write(batchOf(layout, Date.now() - 60_000 + block * 10_000 + k * 1000, values));
    }
    await store.compact();
  }
  await store.close();
  const blocks = join(folder.path, 'store', 'blocks');
  const folders = readdirSync(blocks).map((name) => join(blocks, name));
  const metas = await Promise.all(folders.map(readBlockMeta));
  const merged = (name: string, part: number) => {
    const inputs = metas.map((meta, i) => {
      return { kind: 'block' as const, folder: folders[i], weight: meta.samples, tables: tablesOf(meta) };
    });
    mkdirSync(join(folder.path, name));
    const target = join(folder.path, name, 'block');
    return writeBlock({
      inputs,
      from: [],
      store: 's',
      target,
      memory: 2 ** 27,
      spill: join(folder.path, 'spill'),
      part,
    });
  };
  const whole = await merged('whole', 1e6);
  const parted = await merged('parted', 100);
  expect(whole.samples).toBe(3 * 4 * 37);
  expect(parted).toEqual(whole);
  expect(readdirSync(join(folder.path, 'parted', 'block')).sort()).toEqual(
    readdirSync(join(folder.path, 'whole', 'block')).sort(),
  );
  folder.remove();
});

it('brings logs together in order of time, in parts where they are many', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(join(folder.path, 'store'));
  const source = { id: 's1', path: '/var/log/a.log', fields: {} };
  const now = Date.now() - 600_000;
  for (let block = 0; block < 2; block++) {
    const lines = Array.from({ length: 6000 }, (_, i): [number, string] => {
      return [block * 6000 + i, `${block} ${i} ${'x'.repeat(1000)}`];
    });
    const batch = logBatch(source, lines, now);
    const timestamps = Float64Array.from(lines, (_, i) => now + ((i * 7919) % 6000) * 10 + block);
    await store.writeLogs({ ...batch, timestamps });
    await store.compact();
  }
  await store.close();
  const blocks = join(folder.path, 'store', 'blocks');
  const folders = readdirSync(blocks).map((name) => join(blocks, name));
  const inputs = await Promise.all(
    folders.map(async (one) => ({
      kind: 'block' as const,
      folder: one,
      weight: 0,
      tables: ['log_sources', 'logs'] as const,
    })),
  );
  const target = join(folder.path, 'merged');
  const meta = await writeBlock({
    inputs,
    from: [],
    store: 's',
    target,
    memory: 2 ** 26,
    spill: join(folder.path, 'spill'),
  });
  expect(meta).toMatchObject({ logRecords: 12_000, minTime: now, maxTime: now + 59_991, maxSeq: 11_999 });
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const logs = `'${target}/logs.parquet'`;
  const answer = await connection.runAndReadAll(`
    select (select count(distinct message) from ${logs})::integer as records,
      (select count(*) from (select ts - lag(ts) over (order by file_row_number) as step
        from read_parquet(${logs}, file_row_number = true)) where step < 0)::integer as backwards`);
  expect(answer.getRowObjects()).toEqual([{ records: 12_000, backwards: 0 }]);
  connection.closeSync();
  folder.remove();
});
