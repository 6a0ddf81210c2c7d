import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../lib/logger.ts';
import { registry } from '../lib/metrics.ts';
import { Labels } from '../model/labels.ts';
import type { FloatHistogram, SampleBatch, Series } from '../model/sample.ts';
import { type RemoteWrite, createRemoteWrite, remoteWriteSchema } from './index.ts';
import { StrictReceiver } from './testing.ts';

const NOW = 1_780_000_000_000;
const logger = createLogger({ quiet: true });

let folder: string;
let receivers: StrictReceiver[];
let running: RemoteWrite[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crowsnest-order-'));
  receivers = [];
  running = [];
});
afterEach(async () => {
  for (const one of running) await one.stop();
  for (const one of receivers) await one.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function receiver(): Promise<StrictReceiver> {
  const one = new StrictReceiver();
  receivers.push(one);
  await one.start();
  return one;
}

function configOf(to: StrictReceiver, queue: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  const queue_config = { min_backoff: '1ms', max_backoff: '5ms', ...queue };
  return remoteWriteSchema.parse({ url: to.url, name: `r${receivers.indexOf(to)}`, queue_config, ...more });
}

async function start(configs: ReturnType<typeof configOf>[]): Promise<RemoteWrite> {
  const remoteWrite = createRemoteWrite({ destinations: configs, dataDir: folder, drainWithin: 0, logger });
  running.push(remoteWrite);
  await remoteWrite.start();
  return remoteWrite;
}

/** A target of which one series goes and one comes at each scrape. */
class ChurningTarget {
  readonly #name: string;
  #series: Series[];
  #made = 0;
  /** Of every sample that was written: series and time. */
  readonly written: [labels: string, time: number][] = [];

  constructor(name: string, count: number) {
    this.#name = name;
    this.#series = Array.from({ length: count }, () => this.#make());
  }

  #make(): Series {
    const i = this.#made++;
    return { labels: Labels.of({ __name__: `m_${i % 7}`, pod: `pod-${i}`, target: this.#name }) };
  }

  /** New objects for the same series, as after a restart. */
  renew(): void {
    this.#series = this.#series.map(({ labels }) => ({ labels }));
  }

  scrape(time: number, churn = true): SampleBatch {
    if (churn) this.#series = [...this.#series.slice(1), this.#make()];
    for (const { labels } of this.#series) this.written.push([labels.toString(), time]);
    return {
      layout: { series: this.#series },
      values: Float64Array.from(this.#series, (_, i) => i + time / 1000),
      timestamps: new Float64Array(this.#series.length).fill(time),
    };
  }
}

/** Waits until all that was written is there; then nothing was refused and nothing is missing. */
async function expectAll(to: StrictReceiver, targets: readonly ChurningTarget[]): Promise<void> {
  const written = targets.flatMap((target) => target.written);
  await vi.waitFor(() => expect(to.samples).toBe(written.length), { timeout: 20_000, interval: 20 });
  expect(written.filter(([labels, time]) => !to.series.get(labels)?.has(time))).toEqual([]);
  expect(to.outOfOrder).toBe(0);
}

async function dropped(destination: string, reason: string): Promise<number> {
  const { values } = await registry.getSingleMetric('crowsnest_remote_write_samples_dropped_total')!.get();
  const found = values.find(({ labels }) => labels.destination === destination && labels.reason === reason);
  return found?.value ?? 0;
}

describe('the order of the samples of a series', () => {
  test.each([
    [1, 500],
    [3, 200],
    [10, 60],
    [100, 8],
  ])('holds for %d churning targets of %d series while the receiver is away for 20 scrapes', async (count, series) => {
    const to = await receiver();
    const remoteWrite = await start([configOf(to, { max_samples_per_send: 150 })]);
    const targets = Array.from({ length: count }, (_, i) => new ChurningTarget(`t${i}`, series));
    for (let round = 0; round < 40; round++) {
      if (round === 5) await to.stop();
      if (round === 25) await to.start();
      await Promise.all(targets.map((target) => remoteWrite.write(target.scrape(NOW + round * 1000))));
    }
    await expectAll(to, targets);
  });

  test('holds when a backlog is taken over by the next process, with new objects and another number of shards', async () => {
    const to = await receiver();
    to.status = 503;
    const targets = [new ChurningTarget('a', 300), new ChurningTarget('b', 50)];
    for (const [round, shards] of [3, 3, 7, 1, 4].entries()) {
      const remoteWrite = await start([configOf(to, { max_shards: shards, max_samples_per_send: 40 })]);
      for (let i = 0; i < 5; i++)
        for (const target of targets) await remoteWrite.write(target.scrape(NOW + (round * 5 + i) * 1000));
      if (round === 4) to.status = undefined;
      else await remoteWrite.stop();
      for (const target of targets) target.renew();
    }
    await expectAll(to, targets);
  });

  test('holds for each of two destinations, one of which is away', async () => {
    const [here, away] = [await receiver(), await receiver()];
    await away.stop();
    const remoteWrite = await start([configOf(here, { max_shards: 2 }), configOf(away, { max_shards: 5 })]);
    const target = new ChurningTarget('a', 200);
    for (let round = 0; round < 20; round++) await remoteWrite.write(target.scrape(NOW + round * 1000));
    await expectAll(here, [target]);
    await away.start();
    await expectAll(away, [target]);
  });

  test('holds where histograms, exemplars and odd times come between', async () => {
    const to = await receiver();
    to.status = 503;
    const remoteWrite = await start([configOf(to)]);
    const target = new ChurningTarget('a', 50);
    const histogram: FloatHistogram = {
      schema: 1, counterReset: 'unknown', zeroThreshold: 0.001, zeroCount: 2, count: 9, sum: 12.5,
      positiveSpans: [{ offset: 0, length: 2 }], positiveBuckets: [3, 4], negativeSpans: [], negativeBuckets: [], customValues: [],
    }; // prettier-ignore
    for (let round = 0; round < 20; round++) {
      const batch = target.scrape(round === 0 ? 5 : NOW + round * 1000, round % 3 === 0);
      const series = batch.layout.series[7];
      const exemplars = [{ series, labels: Labels.of({ trace_id: 'a' }), value: 1, timestamp: NOW }];
      const histograms = batch.layout.series.map((_, i) => (i === 3 ? histogram : undefined));
      await remoteWrite.write({
        ...batch,
        ...(round % 4 === 1 && { exemplars }),
        ...(round % 5 === 2 && { histograms }),
      });
    }
    to.status = undefined;
    await expectAll(to, [target]);
  });

  test('is that of the calls, though nobody waits for one before the next, and whichever object stands for the series', async () => {
    const to = await receiver();
    const remoteWrite = await start([configOf(to, { max_samples_per_send: 300 })]);
    const target = new ChurningTarget('a', 3000);
    const writes: Promise<unknown>[] = [];
    for (let round = 0; round < 6; round++) {
      // A new layout is slow to encode; the one behind it is not.
      if (round % 2 === 0) target.renew();
      writes.push(remoteWrite.write(target.scrape(NOW + round * 1000, round % 2 === 0)));
    }
    await Promise.all(writes);
    await expectAll(to, [target]);
  });

  test('holds across a reload that changes shards, and a destination that did not change keeps its connections', async () => {
    const [one, two] = [await receiver(), await receiver()];
    const remoteWrite = await start([configOf(one)]);
    const target = new ChurningTarget('a', 100);
    const late = new ChurningTarget('b', 100);
    for (let round = 0; round < 5; round++) await remoteWrite.write(target.scrape(NOW + round * 1000));
    (await remoteWrite.prepare([configOf(one), configOf(two, { max_shards: 9 })])).commit();
    for (let round = 5; round < 10; round++) {
      await remoteWrite.write(target.scrape(NOW + round * 1000));
      await remoteWrite.write(late.scrape(NOW + round * 1000));
    }
    (await remoteWrite.prepare([configOf(one, { max_shards: 2 })])).commit();
    for (let round = 10; round < 15; round++) await remoteWrite.write(target.scrape(NOW + round * 1000));
    await expectAll(one, [target, late]);
    expect(remoteWrite.status().map(({ destination }) => destination)).toEqual(['r0']);
    expect(two.series.size).toBeGreaterThan(0);
    expect(two.outOfOrder).toBe(0);
  });
});

describe('what a receiver refuses', () => {
  test('costs the series that it dislikes and no other, and is counted as it is', async () => {
    const to = await receiver();
    const bad = /pod="pod-(17|250)"/;
    to.refuse = (labels) => bad.test(labels);
    const remoteWrite = await start([configOf(to, {}, { name: 'picky' })]);
    const target = new ChurningTarget('a', 600);
    await remoteWrite.write(target.scrape(NOW, false));
    await vi.waitFor(async () => expect(await dropped('picky', 'rejected')).toBe(2), { timeout: 10_000 });
    await vi.waitFor(() => expect(to.samples).toBe(598), { timeout: 10_000 });
  });

  test('is not sent in halves for ever where it refuses all', async () => {
    const to = await receiver();
    to.status = 400;
    const remoteWrite = await start([configOf(to, { max_shards: 1 }, { name: 'refusing' })]);
    const target = new ChurningTarget('a', 1000);
    for (let round = 0; round < 10; round++) await remoteWrite.write(target.scrape(NOW + round * 1000, false));
    await vi.waitFor(async () => expect(await dropped('refusing', 'rejected')).toBe(10_000), { timeout: 10_000 });
    expect(to.requests).toBeLessThan(60);
  });

  test.each([301, 401, 403, 404, 408, 429, 500, 503])('with %d waits until it is accepted', async (status) => {
    const to = await receiver();
    to.status = status;
    const remoteWrite = await start([configOf(to)]);
    const target = new ChurningTarget('a', 10);
    await remoteWrite.write(target.scrape(NOW));
    await vi.waitFor(() => expect(to.requests).toBeGreaterThan(2));
    to.status = undefined;
    await expectAll(to, [target]);
  });

  test('is logged once for each status that it answers', async () => {
    const lines: string[] = [];
    const to = await receiver();
    to.status = 400;
    const remoteWrite = createRemoteWrite({
      destinations: [configOf(to)],
      dataDir: folder,
      drainWithin: 0,
      logger: createLogger({ to: [{ write: (line) => void lines.push(line) }] }),
    });
    running.push(remoteWrite);
    await remoteWrite.start();
    const target = new ChurningTarget('a', 5);
    let at = NOW;
    for (const status of [400, 400, 401, 401, 403, 404, 204]) {
      to.status = status;
      const asked = to.requests;
      await remoteWrite.write(target.scrape((at += 1000)));
      await vi.waitFor(() => expect(to.requests).toBeGreaterThan(asked));
    }
    await vi.waitFor(() => expect(lines.at(-1)).toContain('accepts samples again'));
    const statuses = lines.flatMap((line) => /"error":"(\d+)/.exec(line)?.[1] ?? []);
    expect(statuses).toEqual(['400', '401', '403', '404']);
  });

  test('is logged once for each reason of an outage, however often the reasons take turns', async () => {
    const lines: string[] = [];
    const to = await receiver();
    const remoteWrite = createRemoteWrite({
      destinations: [configOf(to)],
      dataDir: folder,
      drainWithin: 0,
      logger: createLogger({ to: [{ write: (line) => void lines.push(line) }] }),
    });
    running.push(remoteWrite);
    await remoteWrite.start();
    to.status = 503;
    await remoteWrite.write(new ChurningTarget('a', 5).scrape(NOW));
    for (let i = 0; i < 10; i++) {
      const asked = to.requests;
      await vi.waitFor(() => expect(to.requests).toBeGreaterThan(asked), { timeout: 30_000 });
      to.status = to.status === 503 ? 500 : 503;
    }
    to.status = undefined;
    await vi.waitFor(() => expect(lines.at(-1)).toContain('accepts samples again'), { timeout: 30_000 });
    const statuses = lines.flatMap((line) => /"error":"(\d+)/.exec(line)?.[1] ?? []);
    expect(statuses.toSorted()).toEqual(['500', '503']);
  }, 60_000);
});

test('fifty small targets cost a few requests while the receiver is slower than they are', async () => {
  const to = await receiver();
  const remoteWrite = await start([configOf(to)]);
  const targets = Array.from({ length: 50 }, (_, i) => new ChurningTarget(`t${i}`, 20));
  await Promise.all(targets.map((target) => remoteWrite.write(target.scrape(NOW))));
  await expectAll(to, targets);
  expect(to.requests).toBeLessThan(50);
  expect(to.concurrent).toBeLessThanOrEqual(4);
});

test('two destinations of one name are refused', () => {
  const config = remoteWriteSchema.parse({ url: 'http://127.0.0.1:1/write' });
  expect(() => createRemoteWrite({ destinations: [config, config], dataDir: folder, logger })).toThrow(
    'ship.metrics: two destinations are named "127.0.0.1_1_write"; give each a `name` of its own',
  );
});
