import { DuckDBInstance } from '@duckdb/node-api';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../lib/time/clock.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { batchOf, contents, layoutOf, logBatch, openClockedStore, temporaryFolder } from '../testing.ts';
import type { Store } from '../types.ts';

// Each block is written by a child process at low priority: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 180_000 });

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 10);

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

function open(): Promise<Store> {
  return openClockedStore(folder.path, () => clock);
}

async function reopen(): Promise<void> {
  await store.close();
  store = await open();
}

const source = { id: 's1', path: '/var/log/a.log', fields: { app: 'shop' } };
const layout = layoutOf({ __name__: 'up', job: 'b' }, { __name__: 'up', job: 'a' }, { __name__: 'load' });
const histogram: FloatHistogram = {
  schema: 3,
  counterReset: 'not_reset',
  zeroThreshold: 1e-128,
  zeroCount: 2,
  count: 12.5,
  sum: Number.NaN,
  positiveSpans: [{ offset: -3, length: 2 }],
  positiveBuckets: [4, 6.5],
  negativeSpans: [],
  negativeBuckets: [],
  customValues: [],
};

/** Samples, a histogram, an exemplar, logs: some in a block, some in the head. */
async function fill(): Promise<void> {
  await store.write(batchOf(layout, NOW - 2000, [1, 2, 3]));
  await store.write(batchOf(layout, NOW - 1000, ['stale', 5, Number.NaN]));
  const latency = layoutOf({ __name__: 'latency' });
  await store.write({
    ...batchOf(latency, NOW - 1000, [Number.NaN]),
    histograms: [histogram],
    exemplars: [
      { series: latency.series[0], labels: layoutOf({ trace_id: 'x' }).series[0].labels, value: 7, timestamp: NOW - 1 },
    ],
  });
  await store.writeLogs(logBatch(source, [[1, 'first'], [2, 'second']], NOW - 2000)); // prettier-ignore
  await store.compact();
  await store.write(batchOf(layout, NOW, [6, 7, 8]));
  await store.writeLogs(logBatch(source, [[3, 'third']], NOW));
}

async function everything() {
  const logs = await store.searchLogs({ query: '', start: 0, end: 1e15, limit: 10, order: 'oldest' });
  const latency = await store.select({
    matchers: [{ name: '__name__', op: '=', value: 'latency' }],
    start: 0,
    end: 1e15,
  });
  const exemplars = await store.exemplars({ matcherSets: [], start: 0, end: 1e15, limit: 0 });
  return {
    up: await contents(store, 'up'),
    load: await contents(store, 'load'),
    histograms: latency.map((series) => series.histograms),
    exemplars: exemplars.map(({ labels, exemplars: own }) => [labels.toString(), own.map(({ value }) => value)]),
    logs: logs.records.map(({ message, fields }) => `${fields.app} ${message}`),
  };
}

const FILLED = {
  up: [
    `up{job="a"} 2@${NOW - 2000} 5@${NOW - 1000} 7@${NOW}`,
    `up{job="b"} 1@${NOW - 2000} stale@${NOW - 1000} 6@${NOW}`,
  ],
  load: [`load 3@${NOW - 2000} NaN@${NOW - 1000} 8@${NOW}`],
  histograms: [[histogram]],
  exemplars: [['latency', [7]]],
  logs: ['shop first', 'shop second', 'shop third'],
};

const blockFolders = () => readdirSync(join(folder.path, 'blocks')).map((name) => join(folder.path, 'blocks', name));

it.each([
  ['that appears while samples come in', () => Promise.resolve()],
  ['that was there before a restart', () => reopen()],
])('a block %s keeps no series from the time of another', async (_, restart) => {
  const early = layoutOf({ __name__: 'early' });
  const late = layoutOf({ __name__: 'late' });
  await store.write(batchOf(layoutOf({ __name__: 'early' }, { __name__: 'late' }), NOW - 2 * HOUR, [1, 1]));
  await store.write(batchOf(early, NOW, [2]));
  await store.compact();
  await restart();
  expect(await store.write(batchOf(late, NOW - HOUR, [2]))).toEqual({ accepted: 1, refused: {} });
  expect(await store.write(batchOf(late, NOW, [3]))).toEqual({ accepted: 1, refused: {} });
  expect(await contents(store, 'late')).toEqual([`late 1@${NOW - 2 * HOUR} 2@${NOW - HOUR} 3@${NOW}`]);
  await store.compact();
  await reopen();
  expect(await contents(store, 'late')).toEqual([`late 1@${NOW - 2 * HOUR} 2@${NOW - HOUR} 3@${NOW}`]);
});

describe('blocks', () => {
  it('answer as the head did, before and after a restart', async () => {
    await fill();
    expect(await everything()).toEqual(FILLED);
    await reopen();
    expect(await everything()).toEqual(FILLED);
    await store.compact();
    expect(blockFolders()).toHaveLength(2);
    await reopen();
    expect(await everything()).toEqual(FILLED);
    expect(await store.writeLogs(logBatch(source, [[3, 'third']], NOW))).toMatchObject({ duplicates: 1 });
    expect(await store.verify()).toEqual([]);
  });

  it('are plain Parquet for anybody', async () => {
    await fill();
    const [block] = blockFolders();
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const answer = await connection.runAndReadAll(`
      select metric, labels['job'] as job, ts::double as ts, value
      from '${block}/samples.parquet' join '${block}/series.parquet' using (series)
      where metric = 'up' order by series, ts`);
    expect(answer.getRowObjects()).toEqual([
      { metric: 'up', job: 'a', ts: NOW - 2000, value: 2 },
      { metric: 'up', job: 'a', ts: NOW - 1000, value: 5 },
      { metric: 'up', job: 'b', ts: NOW - 2000, value: 1 },
      { metric: 'up', job: 'b', ts: NOW - 1000, value: null },
    ]);
    connection.closeSync();
  });

  it('of one day become one', async () => {
    for (let k = 0; k < 3; k++) {
      await store.write(batchOf(layout, NOW + k * 1000, [k, k, k]));
      await store.compact();
    }
    clock = new ManualClock(NOW + 3 * 24 * HOUR);
    await reopen();
    await clock.advance(30_000);
    await vi.waitFor(() => expect(blockFolders()).toHaveLength(1), { timeout: 150_000, interval: 50 });
    expect(await contents(store, 'load')).toEqual([`load ${[0, 1, 2].map((k) => `${k}@${NOW + k * 1000}`).join(' ')}`]);
  });

  it('past retention go, with the series that only they had', async () => {
    await fill();
    clock = new ManualClock(NOW + 16 * 24 * HOUR);
    await reopen();
    await store.write(batchOf(layoutOf({ __name__: 'fresh' }), clock.now(), [1]));
    const rounds = async () => {
      await clock.advance(30_000);
      expect((await store.stat()).series).toBe(1);
    };
    await vi.waitFor(rounds, { timeout: 150_000, interval: 50 });
    expect(blockFolders()).toEqual([]);
    expect(await contents(store, 'up')).toEqual([]);
    expect(await contents(store, 'fresh')).toEqual([`fresh 1@${NOW + 16 * 24 * HOUR}`]);
  });

  it('go when there are too many bytes, the oldest first', async () => {
    await fill();
    await store.compact();
    const { bytes } = await store.stat();
    await store.close();
    store = await openClockedStore(folder.path, () => clock, { max_size: bytes - 1 });
    await store.compact();
    expect(blockFolders()).toEqual([join(folder.path, 'blocks', 'block-000002')]);
  });

  it('that are damaged are moved aside and the rest is served', async () => {
    await fill();
    const [block] = blockFolders();
    const file = join(block, 'samples.parquet');
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 4, bytes.length - 8);
    writeFileSync(file, bytes);
    expect(await store.verify()).toMatchObject([{ file: block, fault: expect.stringContaining('samples.parquet') }]);
    await reopen();
    expect(await contents(store, 'load')).toEqual([`load 8@${NOW}`]);
    expect(readdirSync(join(folder.path, 'damaged'))).toEqual([
      expect.stringMatching(/^\d+-block-000001-samples\.parquet$/),
    ]);
  });

  it('of the first format answer, and are rewritten in the newest', async () => {
    await fill();
    await store.close();
    const [block] = blockFolders();
    await asFormat1(block);
    store = await open();
    expect(await everything()).toEqual(FILLED);
    const matcherSets = [[{ name: '__name__', op: '=', value: 'load' }]] as const;
    await store.deleteSeries({ matcherSets, start: NOW - 2000, end: NOW - 2000, limit: 0 });
    expect(await everything()).toEqual({ ...FILLED, load: [`load NaN@${NOW - 1000} 8@${NOW}`] });
    const [{ format }] = blockFolders().map((folder) => metaOf(folder));
    expect(format).toBe(2);
  });

  it('leave out what was deleted', async () => {
    await fill();
    const matcherSets = [[{ name: 'job', op: '=', value: 'b' }]] as const;
    await store.deleteSeries({ matcherSets, start: NOW - 1500, end: NOW + 1, limit: 0 });
    const expected = { ...FILLED, up: [FILLED.up[0], `up{job="b"} 1@${NOW - 2000}`] };
    expect(await everything()).toEqual(expected);
    await reopen();
    expect(await everything()).toEqual(expected);
  });
});

interface Meta {
  format: number;
  started?: number;
  files: { name: string; bytes: number }[];
}

function metaOf(block: string): Meta {
  return JSON.parse(readFileSync(join(block, 'meta.json'), 'utf8')) as Meta;
}

/** Takes away what blocks of the first format did not have. */
async function asFormat1(block: string): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const { started, ...meta } = metaOf(block);
  expect(started).toBe(0);
  for (const [table, columns] of [['series', 'min_ts, max_ts'], ['samples', 'start_ts'], ['histograms', 'start_ts']] as const) {
    const file = join(block, `${table}.parquet`);
    await connection.run(`create table ${table} as select * exclude (${columns}) from '${file}';
      copy ${table} to '${file}' (format parquet)`);
    for (const one of meta.files) if (one.name === `${table}.parquet`) one.bytes = statSync(file).size;
  } // prettier-ignore
  connection.closeSync();
  writeFileSync(join(block, 'meta.json'), JSON.stringify({ ...meta, format: 1 }));
}

describe('an export', () => {
  it('holds everything and can be taken over by another store', async () => {
    await fill();
    const copy = await store.snapshot();
    const other = temporaryFolder();
    await store.close();
    store = await openClockedStore(other.path, () => clock);
    await store.write(batchOf(layoutOf({ __name__: 'own' }, { __name__: 'load' }), NOW + 1000, [1, 9]));
    await store.importFrom(copy);
    const expected = { ...FILLED, load: [`${FILLED.load[0]} 9@${NOW + 1000}`] };
    expect(await everything()).toEqual(expected);
    await store.close();
    store = await openClockedStore(other.path, () => clock);
    expect(await everything()).toEqual(expected);
    other.remove();
  });

  it.each(['nothing', 'here'])('is refused from a folder that holds none: %s', async (name) => {
    await expect(store.importFrom(join(folder.path, name))).rejects.toThrow('holds no export');
  });
});
