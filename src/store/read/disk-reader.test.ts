import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ManualClock } from '../../lib/time/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { wordsOf } from '../../model/sample.ts';
import { Database } from '../duck.ts';
import type { HeadMark } from '../head/head.ts';
import { HeadWriter } from '../head/head-writer.ts';
import { encodeHistogram } from '../head/histogram-blob.ts';
import { SMALL_HISTOGRAM, temporaryFolder } from '../testing.ts';
import { readDisk } from './disk-reader.ts';

let folder: { path: string; remove: () => void };
let database: Database;
let writer: HeadWriter;

beforeEach(async () => {
  folder = temporaryFolder();
  const [heads, spill] = ['heads', 'tmp'].map((name) => join(folder.path, name));
  for (const path of [heads, spill]) mkdirSync(path);
  database = await Database.open({ file: join(folder.path, 'main'), memory: 64 * 1024 ** 2, threads: 1, spill });
  writer = new HeadWriter({
    database,
    folder: heads,
    heads: [],
    nextHead: 1,
    leases: () => [],
    failing: () => undefined,
    refused: () => undefined,
    config: { block: 7_200_000, commit_interval: 3_600_000 },
    headBytes: 1e9,
    clock: new ManualClock(1000),
    logger: createLogger({ quiet: true }),
  });
});

afterEach(async () => {
  await writer.close();
  database.close();
  folder.remove();
});

/** Commits a sample of series 0 at `time`, and a histogram or a sample whose start is known where `kind` says so. */
async function commit(kind: 'samples' | 'started' | 'histograms', time: number): Promise<void> {
  const words = wordsOf(Float64Array.of(time));
  await writer.submit(
    {
      oldest: time,
      append: async (transaction) => {
        if (kind === 'histograms') {
          const { columns, writer: rows } = await transaction.histograms.open();
          const row = rows.next();
          columns.series.data[row] = 0;
          columns.ts.set(row, time);
          columns.histogram.data[row] = encodeHistogram(SMALL_HISTOGRAM);
          columns.start.set(row, 0);
          return;
        }
        const started = kind === 'started' ? await transaction.started.open() : undefined;
        const { columns, writer: rows } = started ?? (await transaction.samples.open());
        const row = rows.next();
        columns.series.data[row] = 0;
        columns.ts.set(row, time);
        columns.value.set(row, words, 0);
        started?.columns.start.set(row, 1);
      },
      committed: (head) => {
        head.holds = Uint8Array.of(1);
        head.covers(time);
        if (kind === 'histograms') head.histograms++;
        else head.samples++;
        if (kind === 'started') head.started++;
      },
      failed: () => undefined,
    },
    true,
  );
}

it.each(['samples', 'started', 'histograms'] as const)(
  'a read with a mark leaves out %s that were committed after the mark was made',
  async (kind) => {
    await commit(kind, 1000);
    const mark = await writer.settled(1000);
    await commit(kind, 2000);
    const timesOf = async (upTo?: HeadMark) => {
      const request = { numbers: [0], bound: 1, start: 0, end: 9000, maxSamples: 10, mark: upTo };
      const { times } = await readDisk(database, writer.heads, request, (_, read) => read());
      return [...times];
    };
    expect(await timesOf(mark)).toEqual([1000]);
    expect(await timesOf()).toEqual([1000, 2000]);
    expect(await timesOf(await writer.settled(2000))).toEqual([1000, 2000]);
  },
);
