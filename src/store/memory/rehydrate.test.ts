import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../lib/time/clock.ts';
import type { SelectRequest } from '../../model/query.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { wordsOf } from '../../model/sample.ts';
import type { StoreConfig } from '../config.ts';
import { selects } from '../metrics.ts';
import { batchOf, layoutOf, openClockedStore, temporaryFolder } from '../testing.ts';
import type { Store } from '../types.ts';

// Each block is written by a child process at low priority: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 180_000 });

const NOW = Date.UTC(2026, 0, 10);
const SECOND = 1000;

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

const ALL: SelectRequest = { matchers: [{ name: 'job', op: '=', value: 'a' }], start: 0, end: 1e15 };
const RECENT = { ...ALL, start: NOW - 300 * SECOND };

/** What a store answers, bit for bit. */
async function bitsOf(request: SelectRequest): Promise<string[]> {
  const answer = await store.select(request);
  const rows = answer.map(({ labels, timestamps, values, histograms, startTimestamps }) => {
    const words = wordsOf(values);
    const samples = Array.from(timestamps, (time, i) => {
      const histogram = histograms?.[i];
      return `${time}:${histogram === undefined ? `${words[2 * i + 1]}.${words[2 * i]}` : JSON.stringify(histogram)}`;
    });
    const began = startTimestamps === undefined ? '' : `since ${[...new Set(startTimestamps)].join(',')}`;
    return [labels.toString().replaceAll(' ', ''), ...samples, began].join(' ').trim();
  });
  return rows.sort();
}

async function fromDisk(request: SelectRequest): Promise<boolean> {
  const count = async () => (await selects.get()).values.find(({ labels }) => labels.from === 'disk')?.value ?? 0;
  const before = await count();
  await store.select(request);
  return (await count()) > before;
}

async function warm(request: SelectRequest = RECENT): Promise<void> {
  await vi.waitFor(async () => expect(await fromDisk(request)).toBe(false), { timeout: 60_000, interval: 5 });
}

const layout = layoutOf(...Array.from({ length: 7 }, (_, i) => ({ __name__: 'm', job: 'a', i: String(i) })));
const latency = layoutOf({ __name__: 'latency', job: 'a' });
const counted = layoutOf({ __name__: 'counted', job: 'a' });

function histogramOf(count: number): FloatHistogram {
  const none = { positiveSpans: [], positiveBuckets: [], negativeSpans: [], negativeBuckets: [], customValues: [] };
  return { schema: 3, counterReset: 'unknown', zeroThreshold: 0.5, zeroCount: count, count, sum: 0.1 * count, ...none };
}

/** Seconds `from … to` before now, each with odd values, stale markers and a histogram; some come late. */
async function fill(from: number, to: number): Promise<void> {
  const late: number[] = [];
  for (let ago = from; ago > to; ago--) {
    if (ago % 7 === 3) {
      late.push(ago);
      continue;
    }
    await write(ago);
    if (ago % 20 === 0) for (const one of late.splice(0)) await write(one);
  }
  for (const one of late) await write(one);
}

async function write(ago: number): Promise<void> {
  const values = [ago, -0, Number.NaN, 1 / ago, ago % 5 === 0 ? 'stale' : 2 ** 53, Infinity, 0.5] as const;
  const time = NOW - ago * SECOND;
  await store.write(batchOf(layout, time, values));
  const began = Float64Array.of(NOW - (ago > 250 ? 900 : 250) * SECOND);
  await store.write({ ...batchOf(counted, time, [ago]), startTimestamps: began });
  await store.write({ ...batchOf(latency, time, [Number.NaN]), histograms: [histogramOf(ago)] });
}

describe('after a restart', () => {
  it('recent samples are answered from memory again, and are what the disk answers', async () => {
    await fill(400, 200);
    await store.compact();
    await fill(200, 100);
    await store.compact();
    await fill(100, 0);
    await reopen({ window: 0 });
    const expected = await bitsOf(RECENT);
    expect(expected).toHaveLength(9);
    expect(expected[0]).toContain(`since ${NOW - 900 * SECOND},${NOW - 250 * SECOND}`);
    expect(await fromDisk(RECENT)).toBe(true);
    await reopen();
    await warm();
    expect(await bitsOf(RECENT)).toEqual(expected);
    const some = { ...ALL, start: NOW - 150 * SECOND, end: NOW - 50 * SECOND };
    const memory = await bitsOf(some);
    await reopen({ window: 0 });
    expect(memory).toEqual(await bitsOf(some));
  });

  it('samples that come late to what is in memory again are seen there', async () => {
    await write(60);
    await write(10);
    await reopen();
    await warm();
    await write(30);
    await write(1);
    expect(await fromDisk(RECENT)).toBe(false);
    const memory = await bitsOf(RECENT);
    expect(memory.find((row) => row.startsWith('m{i="0"'))?.split(' ')).toHaveLength(5);
    await reopen({ window: 0 });
    expect(memory).toEqual(await bitsOf(RECENT));
  });

  it('samples that come late while memory is being filled are seen', async () => {
    await fill(100, 50);
    await reopen();
    for (const ago of [74, 73, 72, 49]) await write(ago + 0.5);
    await warm();
    const memory = await bitsOf(RECENT);
    await reopen({ window: 0 });
    expect(memory).toEqual(await bitsOf(RECENT));
  });

  it('samples older than the window stay on disk', async () => {
    await write(500);
    await write(10);
    await reopen({ window: 100 * SECOND });
    await warm({ ...ALL, start: NOW - 99 * SECOND });
    expect(await fromDisk({ ...ALL, start: NOW - 101 * SECOND })).toBe(true);
    expect((await bitsOf(ALL)).at(-1)?.split(' ')).toHaveLength(3);
  });

  it('a close right away waits for nothing', async () => {
    await fill(30, 0);
    await reopen();
    await reopen({ window: 0 });
    expect(await fromDisk(RECENT)).toBe(true);
  });
});

describe('what happens while memory is being filled', () => {
  it('an import: memory is filled anew, with what was imported', async () => {
    const other = temporaryFolder();
    const own = await openClockedStore(other.path, () => clock);
    const many = layoutOf({ __name__: 'imported', job: 'a' }, { __name__: 'm', job: 'a', i: '0' });
    for (let ago = 90; ago > 0; ago -= 10) await own.write(batchOf(many, NOW - ago * SECOND + 1, [ago, ago]));
    const copy = await own.snapshot();
    await own.close();
    await fill(60, 0);
    await reopen();
    await store.importFrom(copy);
    await clock.advance(30_000);
    await warm();
    const memory = await bitsOf(RECENT);
    expect(memory.find((row) => row.startsWith('imported'))?.split(' ')).toHaveLength(10);
    expect(memory.find((row) => row.startsWith('m{i="0"'))?.split(' ')).toHaveLength(1 + 60 + 9);
    await reopen({ window: 0 });
    expect(memory).toEqual(await bitsOf(RECENT));
    other.remove();
  });

  it('a commit that fails: what it held is gone, and memory is filled anew', async () => {
    await fill(60, 0);
    await reopen({ window: 0 });
    const expected = await bitsOf(RECENT);
    await reopen();
    const [heads, away] = ['heads', 'away'].map((name) => join(folder.path, name));
    renameSync(heads, away);
    await expect(write(30.5)).rejects.toMatchObject({ reason: 'unavailable' });
    expect(await bitsOf(RECENT)).toEqual(expected);
    renameSync(away, heads);
    await clock.advance(30_000);
    await warm();
    expect(await bitsOf(RECENT)).toEqual(expected);
    await write(30.5);
    expect(await fromDisk(RECENT)).toBe(false);
    const memory = await bitsOf(RECENT);
    expect(memory.find((row) => row.startsWith('m{i="0"'))?.split(' ')).toHaveLength(62);
    await reopen({ window: 0 });
    expect(memory).toEqual(await bitsOf(RECENT));
  });
});

it('after a deletion memory is filled anew, without what was deleted', async () => {
  await fill(60, 0);
  await reopen();
  await warm();
  const matcherSets = [[{ name: 'i', op: '=', value: '3' }]] as const;
  await store.deleteSeries({ matcherSets, start: NOW - 30 * SECOND, end: NOW, limit: 0 });
  expect(await fromDisk(RECENT)).toBe(true);
  await clock.advance(30_000);
  await warm();
  const memory = await bitsOf(RECENT);
  expect(memory.find((row) => row.startsWith('m{i="3"'))?.split(' ')).toHaveLength(31);
  await reopen({ window: 0 });
  expect(memory).toEqual(await bitsOf(RECENT));
});
