import { rmSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs/minimal.js';
import snappy from 'snappy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createIngest } from '../../src/ingest/index.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createEngine } from '../../src/promql/index.ts';
import { type Store, openStore, storeSchema } from '../../src/store/index.ts';
import { CUMULATIVE, exportRequest, nanos } from '../otlp/encode.ts';
import { describeWith, temporaryFolder } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';

const NOW = Math.floor(Date.now() / 60_000) * 60_000;
const SECOND = 1000;
const TYPE = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';

/** A sample and when its counter began: `at` and `start` seconds before NOW; `start` 0 is not told. */
type Sample = readonly [at: number, value: number, start: number];

const ms = (ago: number): number => (ago === 0 ? 0 : NOW - ago * SECOND);

/** A request of version 2.0: one series of floats, and one of native histograms whose counts are the values. */
function request(samples: readonly Sample[]): Buffer {
  const writer = protobuf.Writer.create();
  for (const symbol of ['', '__name__', 'calls_total', 'latency']) writer.uint32(0x22).string(symbol);
  writer.uint32(0x2a).fork();
  writer.uint32(0x0a).fork().uint32(1).uint32(2).ldelim();
  for (const [at, value, start] of samples) {
    writer.uint32(0x12).fork().uint32(0x09).double(value).uint32(0x10).int64(ms(at));
    writer.uint32(0x18).int64(ms(start)).ldelim();
  }
  writer.ldelim();
  writer.uint32(0x2a).fork();
  writer.uint32(0x0a).fork().uint32(1).uint32(3).ldelim();
  for (const [at, value, start] of samples) {
    writer.uint32(0x1a).fork().uint32(0x11).double(value).uint32(0x19).double(1).uint32(0x20).sint32(3);
    writer.uint32(0x29).double(1e-128).uint32(0x39).double(value);
    writer.uint32(0x78).int64(ms(at)).uint32(0x88).int64(ms(start)).ldelim();
  }
  writer.ldelim();
  return snappy.compressSync(Buffer.from(writer.finish()));
}

const WRITES: readonly (readonly Sample[])[] = [
  [[300, 50, 0], [240, 60, 900], [180, 70, 900]],
  // Began anew, and got past the old value before it was seen again.
  [[120, 75, 150], [60, 80, 150]],
  // Late, of the first one.
  [[150, 72, 900]],
]; // prettier-ignore

let folder: string;
let store: Store;

async function open(): Promise<void> {
  store = await openStore({
    config: storeSchema.parse({ path: folder, commit_interval: '1ms' }),
    logger: createLogger({ quiet: true }),
  });
}

async function write(samples: readonly Sample[]): Promise<void> {
  const [route] = createIngest(store);
  const answer = await route.handle(request(samples), { 'content-type': TYPE, 'content-encoding': 'snappy' });
  expect(answer.status).toBe(204);
}

const FEATURES = { 'promql-experimental-functions': true, 'use-start-timestamps': true };

/** By sample, oldest first: seconds before now at which it was taken, and at which its counter began; 0 where unknown. */
async function starts(name: string): Promise<string[]> {
  const engine = createEngine({ select: store.select, features: FEATURES, lookback: 1 });
  const result = await engine.range(`start_timestamp(${name})`, ms(300), NOW, 30 * SECOND);
  if (result.type !== 'matrix') throw new Error(result.type);
  const [{ timestamps, values }] = result.series;
  const ago = (time: number) => (time === 0 ? 0 : (NOW - time) / SECOND);
  return Array.from(timestamps, (at, i) => `${ago(at)} ${ago(values[i] * SECOND)}`);
}

async function all(): Promise<Record<string, string[]>> {
  return { floats: await starts('calls_total'), histograms: await starts('latency') };
}

const EACH = ['300 0', '240 900', '180 900', '150 900', '120 150', '60 150'];
const EXPECTED = { floats: EACH, histograms: EACH };

/** Every write of the list, each followed by what `then` does. */
async function writeAll(then: () => Promise<void>): Promise<void> {
  for (const samples of WRITES) {
    await write(samples);
    await then();
  }
}

beforeEach(async () => {
  folder = temporaryFolder();
  await open();
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function reopen(): Promise<void> {
  await store.close();
  await open();
}

describe('when a counter began, told by remote write 2.0', () => {
  test('is answered from memory, from heads and from blocks', async () => {
    await writeAll(() => Promise.resolve());
    expect(await all()).toEqual(EXPECTED);
    await reopen();
    expect(await all()).toEqual(EXPECTED);
    await store.compact();
    expect(await all()).toEqual(EXPECTED);
    await reopen();
    expect(await all()).toEqual(EXPECTED);
  });

  test('is answered where each write is in a block of its own, and in another store', async () => {
    await writeAll(() => store.compact());
    await reopen();
    expect(await all()).toEqual(EXPECTED);
    const copy = join(folder, 'copy');
    await store.exportTo(copy);
    await store.close();
    const [first] = [folder];
    folder = temporaryFolder();
    await open();
    await store.importFrom(copy);
    rmSync(first, { recursive: true, force: true });
    expect(await all()).toEqual(EXPECTED);
  });
});

const body = z.object({ data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }) });

/** The receiver of remote write in Prometheus 3.15 keeps no start times; that of OTLP does. */
describeWith(['prometheus'], 'when a counter began, beside a Prometheus that was told by OTLP', () => {
  const queries = ['increase(calls_total[310s])', 'rate(calls_total[130s])', 'resets(calls_total[310s])'];

  test.each(queries)('%s', async (query) => {
    await writeAll(() => Promise.resolve());
    const mine = await createEngine({ select: store.select, features: FEATURES }).instant(query, NOW);
    if (mine.type !== 'vector') throw new Error(mine.type);
    const prometheus = await startPrometheus({
      config: 'storage: {tsdb: {out_of_order_time_window: 30m}}\n',
      flags: ['--web.enable-otlp-receiver', '--enable-feature=st-storage,use-start-timestamps'],
    });
    try {
      for (const samples of WRITES) await writeOtlp(prometheus.url, samples);
      const parameters = new URLSearchParams({ query, time: String(NOW / SECOND) });
      const answer = await fetch(`${prometheus.url}/api/v1/query?${parameters.toString()}`);
      const theirs = body.parse(await answer.json()).data.result;
      expect(mine.samples.map(({ value }) => value)).toEqual(theirs.map(({ value }) => Number(value[1])));
    } finally {
      await prometheus.stop();
    }
  });
});

async function writeOtlp(url: string, samples: readonly Sample[]): Promise<void> {
  const data_points = samples.map(([at, value, start]) => ({
    time_unix_nano: nanos(ms(at)),
    start_time_unix_nano: nanos(ms(start)),
    as_double: value,
  }));
  const sum = { data_points, aggregation_temporality: CUMULATIVE, is_monotonic: true };
  const written = await fetch(`${url}/api/v1/otlp/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(exportRequest({}, [{ name: 'calls', sum }])),
  });
  expect(written.status).toBe(200);
}
