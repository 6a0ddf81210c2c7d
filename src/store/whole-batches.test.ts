import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../lib/time/clock.ts';
import type { SampleBatch } from '../model/sample.ts';
import type { StoreConfig } from './config.ts';
import { batchOf, layoutOf, openClockedStore, temporaryFolder } from './testing.ts';
import type { Store } from './types.ts';

vi.setConfig({ testTimeout: 60_000 });

const NOW = Date.UTC(2026, 0, 10);
const HOUR = 3_600_000;
/** More than is checked, shown or read in one step. */
const SERIES = 20_000;
const matchers = [{ name: '__name__', op: '=' as const, value: 'm' }];

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
  return openClockedStore(folder.path, () => clock, { out_of_order: HOUR, ...config });
}

/** Series `m{generation, i}`, which the next generation replaces. */
function generation(g: number, count = SERIES): Record<string, string>[] {
  return Array.from({ length: count }, (_, i) => ({ __name__: 'm', generation: String(g), i: String(i) }));
}

/** One scrape whose series all change a label: samples of the new ones and markers of the old ones. */
function replacement(g: number, time: number, count = SERIES): SampleBatch {
  const labels = [...generation(g, count), ...generation(g - 1, count), { __name__: 'up' }];
  const values = labels.map((_, i) => (i < count || i === 2 * count ? g : ('stale' as const)));
  return batchOf(layoutOf(...labels), time, values);
}

/** Asks again and again until `done`, two at a time, each beginning in another turn of the event loop. */
async function poll<T>(done: Promise<unknown>, ask: () => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  const state = { over: false };
  const keepAsking = async () => {
    while (!state.over) {
      answers.push(await ask());
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all([done.finally(() => (state.over = true)), keepAsking(), keepAsking()]);
  return answers;
}

async function writeAll(batches: Iterable<SampleBatch>): Promise<void> {
  for (const batch of batches) {
    const written = store.write(batch);
    await new Promise((resolve) => setImmediate(resolve));
    await written;
  }
}

function* replacements(): Generator<SampleBatch> {
  for (let g = 1; g <= 4; g++) yield replacement(g, NOW + g * 1000);
}

const request = {
  matchers,
  start: NOW - 60_000,
  end: NOW + 60_000,
  hints: { newest: true, step: 0, range: 0, func: '', grouping: [], by: false },
};

describe('one batch becomes visible as a whole', () => {
  it('to selects of the newest samples', async () => {
    const counts = await poll(writeAll(replacements()), async () => (await store.selectNewest(request))?.labels.length);
    expect(counts.length).toBeGreaterThan(4);
    expect(new Set(counts.filter((count) => count !== 0))).toEqual(new Set([SERIES]));
  });

  it('to selects of all samples', async () => {
    const ask = async () => {
      const series = await store.select({ matchers, start: NOW, end: NOW + 60_000 });
      return series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
    };
    const counts = await poll(writeAll(replacements()), ask);
    const whole = [0, 1, 2, 3, 4].map((g) => (g === 0 ? 0 : (2 * g - 1) * SERIES + SERIES));
    expect(counts.every((count) => whole.includes(count))).toBe(true);
    expect(counts.length).toBeGreaterThan(4);
  });

  it('to lists of series and of label values', async () => {
    const selection = { matcherSets: [matchers], start: NOW, end: NOW + 60_000, limit: 0 };
    const ask = async () => [
      (await store.series(selection)).length,
      (await store.labelValues('i', selection)).length,
      (await store.labelNames(selection)).length,
    ];
    const counts = await poll(store.write(batchOf(layoutOf(...generation(0)), NOW, generation(0).map(() => 1))), ask); // prettier-ignore
    expect(new Set(counts.flat())).toEqual(new Set([SERIES, 3]));
  });

  it('across the line between memory and disk, while older samples are read', async () => {
    const labels = generation(0, 300);
    await store.write(batchOf(layoutOf(...labels), NOW, labels.map(() => 0))); // prettier-ignore
    await store.close();
    // Memory begins past NOW; batches have a sample of each series before that and one past it.
    store = await open({ window: 0 });
    const straddling = (k: number): SampleBatch => {
      const layout = layoutOf(...labels, ...labels);
      const batch = batchOf(layout, NOW + 1000 * k, layout.series.map(() => k)); // prettier-ignore
      batch.timestamps.fill(NOW - 1000 * k, 0, labels.length);
      return batch;
    };
    const ask = async () => {
      const series = await store.select({ matchers, start: NOW - HOUR, end: NOW + HOUR });
      return series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
    };
    const writes = async () => {
      for (let k = 1; k <= 20; k++) await store.write(straddling(k));
    };
    const counts = await poll(writes(), ask);
    expect(counts.filter((count) => count % (2 * labels.length) !== labels.length)).toEqual([]);
    expect(await ask()).toBe(41 * labels.length);
  });

  it('though its columns are handed over in one commit with those of others', async () => {
    const first = store.write(replacement(1, NOW + 1000));
    const second = store.write(replacement(2, NOW + 2000));
    const seen = await store.selectNewest(request);
    expect([seen?.labels.length, seen?.values[0]]).toEqual([SERIES, 2]);
    expect(await first).toEqual({ accepted: 2 * SERIES + 1, refused: {} });
    expect(await second).toEqual({ accepted: 2 * SERIES + 1, refused: {} });
  });
});

describe('what is on its way to the disk', () => {
  it('is bounded in bytes: further writes are refused as busy and work once there is room', async () => {
    await store.close();
    store = await open({ memory: 128 * 1024 ** 2, commit_interval: HOUR });
    const many = layoutOf(...generation(0, 50_000));
    const write = (k: number) =>
      store.write(batchOf(many, NOW + k, many.series.map(() => k))).then(({ accepted }) => accepted, (error: unknown) => (error as { reason: string }).reason); // prettier-ignore
    const answers = [1, 2, 3, 4].map((k) => write(k));
    expect(await Promise.all(answers.slice(2))).toEqual(['busy', 'busy']);
    await store.series({ matcherSets: [], start: 0, end: 1e15, limit: 1 });
    await clock.advance(HOUR);
    expect(await answers[0]).toBe(50_000);
  });
});

describe('long columns', () => {
  it('of one series are taken, in any order of time', async () => {
    const COUNT = 300_000;
    const series = layoutOf({ __name__: 'm' }).series[0];
    const layout = { series: Array.from({ length: COUNT }, () => series) };
    const at = (i: number) => NOW - HOUR / 2 + i;
    const column = (order: (i: number) => number): SampleBatch => ({
      layout,
      values: Float64Array.from({ length: COUNT }, (_, i) => order(i)),
      timestamps: Float64Array.from({ length: COUNT }, (_, i) => at(order(i))),
    });
    expect(await store.write(column((i) => 2 * i))).toEqual({ accepted: COUNT, refused: {} });
    expect(await store.write(column((i) => 2 * (COUNT - i) - 1))).toEqual({ accepted: COUNT, refused: {} });
    const [{ timestamps, values }] = await store.select({ matchers, start: 0, end: 1e15 });
    expect(timestamps).toHaveLength(2 * COUNT);
    expect(timestamps.every((time, i) => time === at(i) && values[i] === i)).toBe(true);
  });

  it('and 10,000 small batches are taken', async () => {
    const layout = layoutOf({ __name__: 'm' });
    const writes = Array.from({ length: 10_000 }, (_, i) => store.write(batchOf(layout, NOW + i, [i])));
    expect((await Promise.all(writes)).reduce((sum, { accepted }) => sum + accepted, 0)).toBe(10_000);
  });
});
