import { cpSync, existsSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../lib/time/clock.ts';
import type { StoreConfig } from './config.ts';
import { encodeHistogram } from './head/histogram-blob.ts';
import { lostRows, unreadableSamples } from './metrics.ts';
import {
  SMALL_HISTOGRAM,
  batchOf,
  contents,
  layoutOf,
  logBatch,
  openClockedStore,
  temporaryFolder,
} from './testing.ts';
import type { Store } from './types.ts';

// Each block is written by a child process at low priority: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const NOW = Date.UTC(2026, 0, 10);
const DAY = 86_400_000;
const source = { id: 's1', path: '/a.log', fields: { app: 'shop' } };

let folder: { path: string; remove: () => void };
let store: Store;
let clock: ManualClock;

beforeEach(async () => {
  folder = temporaryFolder();
  clock = new ManualClock(NOW);
  store = await open(join(folder.path, 'store'));
});

afterEach(async () => {
  await store.close();
  folder.remove();
});

function open(path: string, config: Partial<StoreConfig> = {}): Promise<Store> {
  return openClockedStore(path, () => clock, config);
}

async function fill(): Promise<void> {
  const latency = layoutOf({ __name__: 'latency' });
  const labels = layoutOf({ trace_id: 'x' }).series[0].labels;
  await store.write(batchOf(layoutOf({ __name__: 'm' }), NOW, [1]));
  await store.write({
    ...batchOf(latency, NOW, [0]),
    histograms: [SMALL_HISTOGRAM],
    exemplars: [{ series: latency.series[0], labels, value: 7, timestamp: NOW }],
  });
  await store.writeLogs(logBatch(source, [[1, 'hello']], NOW));
}

/** Which signals answer. */
async function signals(): Promise<string[]> {
  const latency = { matchers: [{ name: '__name__', op: '=' as const, value: 'latency' }], start: 0, end: 1e15 };
  const logs = await store.searchLogs({ query: '', start: 0, end: 1e15, limit: 10, order: 'oldest' });
  const found = {
    samples: (await contents(store, 'm')).length > 0,
    histograms: (await store.select(latency)).some(({ histograms }) => histograms?.[0] !== undefined),
    exemplars: (await store.exemplars({ matcherSets: [], start: 0, end: 1e15, limit: 0 })).length > 0,
    logs: logs.records.length > 0,
  };
  return Object.entries(found).flatMap(([name, there]) => (there ? [name] : []));
}

const ALL = ['samples', 'histograms', 'exemplars', 'logs'];

describe('a damaged file of a block', () => {
  const rows: [file: string, left: string[]][] = [
    ['samples', ['histograms', 'exemplars', 'logs']],
    ['histograms', ['samples', 'exemplars', 'logs']],
    ['exemplars', ['samples', 'histograms', 'logs']],
    ['logs', ['samples', 'histograms', 'exemplars']],
    ['log_sources', ALL],
    ['series', ['logs']],
  ];

  const damages: [string, (path: string) => void][] = [
    ['changed', (path) => writeFileSync(path, readFileSync(path).fill(0x5a, 4, statSync(path).size - 8))],
    ['removed', (path) => rmSync(path)],
    ['cut short', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
  ];

  it.each(rows.flatMap(([file, left]) => damages.map(([how, harm]) => [file, how, harm, left] as const)))(
    'takes only what is in it along: %s %s',
    async (file, _, harm, left) => {
      await fill();
      await store.compact();
      await store.close();
      harm(join(folder.path, 'store', 'blocks', 'block-000001', `${file}.parquet`));
      store = await open(join(folder.path, 'store'), { window: 0 });
      expect(await signals()).toEqual(left);
      // Again, from what was written anew.
      await store.close();
      store = await open(join(folder.path, 'store'), { window: 0 });
      expect(await signals()).toEqual(left);
      expect(await store.verify()).toEqual([]);
      if (file !== 'log_sources') expect((await store.stat()).damaged.join()).toContain('block-000001');
    },
  );

  it('is found while the store runs, and the block can still be rewritten', async () => {
    await fill();
    await store.compact();
    await store.close();
    store = await open(join(folder.path, 'store'), { window: 0 });
    const path = join(folder.path, 'store', 'blocks', 'block-000001', 'log_sources.parquet');
    writeFileSync(path, readFileSync(path).fill(0x5a, 4, 40));
    const selection = {
      matcherSets: [[{ name: '__name__', op: '=' as const, value: 'm' }]],
      start: 0,
      end: 1e15,
      limit: 0,
    };
    await store.deleteSeries(selection).catch(() => undefined);
    await store.deleteSeries(selection);
    expect(await signals()).toEqual(['histograms', 'exemplars', 'logs']);
  });
});

describe('a damaged head', () => {
  const wal = (path: string) => `${path}.wal`;
  const damages: [string, (path: string) => void][] = [
    ['log emptied', (path) => truncateSync(wal(path), 0)],
    ['log cut in half', (path) => truncateSync(wal(path), Math.floor(statSync(wal(path)).size / 2))],
    ['log overwritten', (path) => writeFileSync(wal(path), Buffer.alloc(statSync(wal(path)).size, 0x5a))],
    ['log removed', (path) => rmSync(wal(path))],
    ['file removed', (path) => [path, wal(path)].forEach((one) => rmSync(one))],
    ['file overwritten', (path) => writeFileSync(path, 'not what it was')],
  ];

  const lostSamples = async () =>
    (await lostRows.get()).values
      .filter(({ labels }) => labels.table === 'samples')
      .reduce((sum, { value }) => sum + value, 0);

  it.each(damages)('is noticed, named and counted: %s', async (_, harm) => {
    const layout = layoutOf({ __name__: 'm' });
    for (let k = 0; k < 20; k++) await store.write(batchOf(layout, NOW + k, [k]));
    // As a crash would leave it.
    const crashed = join(folder.path, 'crashed');
    cpSync(join(folder.path, 'store'), crashed, { recursive: true });
    await store.close();
    harm(join(crashed, 'heads', 'head-000001.duckdb'));
    const before = await lostSamples();
    store = await open(crashed);
    const rows = await contents(store, 'm');
    const left = rows.length === 0 ? 0 : rows[0].split(' ').length - 1;
    expect(left).toBeLessThan(20);
    expect((await lostSamples()) - before).toBe(20 - left);
    expect((await store.stat()).damaged.join()).toContain('head-000001.duckdb.lost.json');
    // Said once.
    await store.close();
    store = await open(crashed);
    expect((await lostSamples()) - before).toBe(20 - left);
    expect(await store.write(batchOf(layout, NOW + 1000, [1]))).toEqual({ accepted: 1, refused: {} });
  });

  it('is not claimed where nothing is damaged', async () => {
    await fill();
    cpSync(join(folder.path, 'store'), join(folder.path, 'crashed'), { recursive: true });
    await store.close();
    store = await open(join(folder.path, 'crashed'));
    expect(await signals()).toEqual(ALL);
    await store.compact();
    await store.close();
    store = await open(join(folder.path, 'crashed'));
    expect((await store.stat()).damaged).toEqual([]);
    expect(existsSync(join(folder.path, 'crashed', 'damaged'))).toBe(false);
  });
});

describe('retention', () => {
  const blocks = () => readdirSync(join(folder.path, 'store', 'blocks'));

  async function reopenAt(time: number): Promise<void> {
    await store.close();
    clock = new ManualClock(time);
    store = await open(join(folder.path, 'store'));
  }

  it('deletes nothing by a clock alone that is 30 days ahead', async () => {
    await fill();
    await store.compact();
    await reopenAt(NOW + 30 * DAY);
    await store.compact();
    await clock.advance(120_000);
    await store.compact();
    expect(blocks()).toEqual(['block-000001']);
    expect(await signals()).toEqual(ALL);
  });

  it('waits an hour where samples leap ahead with the clock, for the clock may be set right', async () => {
    await fill();
    await store.compact();
    await reopenAt(NOW + 30 * DAY);
    await store.write(batchOf(layoutOf({ __name__: 'm' }), clock.now(), [2]));
    await store.compact();
    expect(blocks()).toContain('block-000001');
    clock.jump(-30 * DAY);
    await clock.advance(2 * 3_600_000);
    await store.compact();
    expect(blocks()).toContain('block-000001');
    clock.jump(30 * DAY);
    await store.compact();
    expect(blocks()).not.toContain('block-000001');
  });
});

it('a stored histogram that no query could work with is left out and counted', async () => {
  const layout = layoutOf({ __name__: 'latency' });
  await store.write({ ...batchOf(layout, NOW, [0]), histograms: [SMALL_HISTOGRAM] });
  const invalid = [
    { ...SMALL_HISTOGRAM, schema: 60 },
    { ...SMALL_HISTOGRAM, positiveSpans: [{ offset: 0, length: 4_294_967_295 }] },
  ];
  for (const [i, histogram] of invalid.entries()) {
    const outcome = await store.write({ ...batchOf(layout, NOW + 1 + i, [0]), histograms: [histogram] });
    expect(outcome).toEqual({ accepted: 0, refused: { invalid_histogram: 1 } });
  }
  await store.close();
  await putIntoHead(encodeHistogram(invalid[0]), NOW + 5);
  await putIntoHead(encodeHistogram(invalid[1]), NOW + 6);
  await putIntoHead(Buffer.from('no histogram'), NOW + 7);
  const before = (await unreadableSamples.get()).values[0]?.value ?? 0;
  store = await open(join(folder.path, 'store'), { window: 0 });
  const request = { matchers: [{ name: '__name__', op: '=' as const, value: 'latency' }], start: 0, end: 1e15 };
  const [{ timestamps, histograms }] = await store.select(request);
  expect([[...timestamps], histograms]).toEqual([[NOW], [SMALL_HISTOGRAM]]);
  expect((await unreadableSamples.get()).values[0].value - before).toBeGreaterThanOrEqual(3);
});

/** As a store without checks had written it. */
async function putIntoHead(blob: Uint8Array, time: number): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(join(folder.path, 'store', 'heads', 'head-000001.duckdb'));
  const connection = await instance.connect();
  await connection.run(
    `insert into histograms select series, ${time}, unhex('${Buffer.from(blob).toString('hex')}'), 0 from histograms limit 1`,
  );
  connection.closeSync();
  instance.closeSync();
}
