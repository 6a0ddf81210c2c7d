import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { readBlockMeta, tablesOf, writeBlock } from './block.ts';
import { batchOf, layoutOf, openTestStore, temporaryFolder } from './testing.ts';

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
