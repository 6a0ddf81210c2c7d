import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../lib/time/clock.ts';
import type { BlockMeta } from './blocks/block.ts';
import type { StoreConfig } from './config.ts';
import type { StoreError } from './errors.ts';
import { windowBytes } from './metrics.ts';
import { batchOf, contents, layoutOf, openClockedStore, temporaryFolder } from './testing.ts';
import type { Store } from './types.ts';

// Each block is written by a child process at low priority: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const NOW = Date.UTC(2026, 0, 10);
const HOUR = 3_600_000;
const ALL = { matcherSets: [], start: 0, end: 1e15, limit: 0 };

let folder: { path: string; remove: () => void };
let store: Store;
let clock: ManualClock;

beforeEach(async () => {
  folder = temporaryFolder();
  clock = new ManualClock(NOW);
  store = await open();
});

afterEach(async () => {
  await store.close();
  folder.remove();
});

function open(config: Partial<StoreConfig> = {}): Promise<Store> {
  return openClockedStore(folder.path, () => clock, config);
}

async function reopen(config: Partial<StoreConfig> = {}): Promise<void> {
  await store.close();
  store = await open(config);
}

const layout = layoutOf({ __name__: 'm', i: '0' }, { __name__: 'm', i: '1' });

it('samples that are older than all there is are found, though retention was applied before their commit', async () => {
  await store.write(batchOf(layout, NOW, [1, 2]));
  await store.compact();
  await reopen({ commit_interval: HOUR });
  const old = store.backfill(batchOf(layout, NOW - HOUR, [3, 4]));
  await store.compact();
  const rows = await contents(store, 'm', 0, NOW - HOUR);
  expect(rows).toEqual([`m{i="0"} 3@${NOW - HOUR}`, `m{i="1"} 4@${NOW - HOUR}`]);
  await reopen();
  expect(await old).toMatchObject({ accepted: 2 });
});

it('series that are on their way in are listed', async () => {
  const many = layoutOf(...Array.from({ length: 5000 }, (_, i) => ({ __name__: 'many', i: String(i) })));
  const values = Array.from(many.series, () => 1);
  const written = store.write(batchOf(many, NOW, values));
  expect(await store.series(ALL)).toHaveLength(5000);
  const more = store.write(
    batchOf(layoutOf(...many.series.map((_, j) => ({ j: String(j), __name__: 'more' }))), NOW, values),
  );
  expect(await store.labelNames(ALL)).toEqual(['__name__', 'i', 'j']);
  await Promise.all([written, more]);
});

describe('where no block can be written', () => {
  beforeEach(async () => {
    await store.write(batchOf(layout, NOW, [1, 2]));
    renameSync(join(folder.path, 'blocks'), join(folder.path, 'away'));
    writeFileSync(join(folder.path, 'blocks'), 'no folder');
  });

  it.each([
    ['compact', () => store.compact()],
    ['export', () => store.exportTo(join(folder.path, 'export'))],
    ['delete', () => store.deleteSeries(ALL)],
  ])('who asks to %s is told, and nothing is lost', async (_, ask) => {
    await expect(ask()).rejects.toMatchObject({ reason: 'unavailable' });
    const rows = [`m{i="0"} 1@${NOW}`, `m{i="1"} 2@${NOW}`];
    expect(await contents(store, 'm')).toEqual(rows);
    rmSync(join(folder.path, 'blocks'));
    renameSync(join(folder.path, 'away'), join(folder.path, 'blocks'));
    await store.compact();
    expect(await contents(store, 'm')).toEqual(rows);
  });
});

it('of an import that fails half way, what came in before is seen', async () => {
  const other = temporaryFolder();
  const own = await openClockedStore(other.path, () => clock);
  for (const ago of [20, 10]) {
    await own.write(batchOf(layout, NOW + 1000 - ago, [ago, ago]));
    await own.compact();
  }
  const copy = await own.snapshot();
  await own.close();
  damageAsIfWhole(join(copy, readdirSync(copy).sort()[1]));
  await store.write(batchOf(layout, NOW, [1, 2]));
  await expect(store.importFrom(copy)).rejects.toMatchObject({ reason: 'unavailable' });
  expect(await contents(store, 'm')).toEqual([
    `m{i="0"} 1@${NOW} 20@${NOW + 980}`,
    `m{i="1"} 2@${NOW} 20@${NOW + 980}`,
  ]);
  other.remove();
});

/** The bytes of the block's samples are no Parquet, but those its checksums tell. */
function damageAsIfWhole(block: string): void {
  const meta = JSON.parse(readFileSync(join(block, 'meta.json'), 'utf8')) as BlockMeta;
  const bytes = Buffer.alloc(100);
  writeFileSync(join(block, 'samples.parquet'), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const files = meta.files.map((file) => (file.name === 'samples.parquet' ? { ...file, bytes: 100, sha256 } : file));
  writeFileSync(join(block, 'meta.json'), JSON.stringify({ ...meta, files }));
}

it('memory is given back while other work on the files takes long', async () => {
  await reopen({ window: 60_000 });
  const bytes = async () => (await windowBytes.get()).values[0].value;
  for (let k = 0; k < 100; k++) await store.write(batchOf(layout, NOW + k, [k, k]));
  await clock.advance(30_000);
  const held = await bytes();
  const long = store.compact();
  await clock.advance(120_000);
  expect(await bytes()).toBeLessThan(held);
  await long;
});

it('who reads while the store is closed has an answer or is told so', async () => {
  await store.write(batchOf(layout, NOW, [1, 2]));
  await store.compact();
  await reopen({ window: 0, commit_interval: HOUR });
  const many = layoutOf(...Array.from({ length: 5000 }, (_, i) => ({ __name__: 'm', i: `n${i}` })));
  const written = store.write(
    batchOf(
      many,
      NOW - 1000,
      Array.from(many.series, () => 1),
    ),
  );
  const reading = contents(store, 'm').then(
    (rows) => rows.length,
    (error: StoreError) => error.reason,
  );
  await store.close();
  expect(await written).toMatchObject({ accepted: 5000 });
  expect([5002, 'closed']).toContain(await reading);
  await reopen();
  expect(await contents(store, 'm')).toHaveLength(5002);
});
