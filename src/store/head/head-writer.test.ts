import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../lib/time/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { Database } from '../duck.ts';
import { HeadWriter } from './head-writer.ts';
import type { WriteJob } from './head-writer.ts';
import { temporaryFolder } from '../testing.ts';

let folder: { path: string; remove: () => void };
let database: Database;
let writer: HeadWriter;

/** Jobs wait for company until they are asked for: nobody moves the clock. */
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

const nothing = () => Promise.resolve();

function job(oldest: number, append: WriteJob['append'] = nothing): WriteJob {
  return { oldest, append, committed: () => undefined, failed: () => undefined };
}

describe('a job', () => {
  it.each([
    ['a reader waits for it', () => writer.settled(2)],
    ['it is urgent', () => writer.submit(job(3), true)],
  ])('that came during a commit is committed right after it where %s', async (_, ask) => {
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const appending = new Promise<void>((resolve) => {
      const append = (): Promise<void> => {
        resolve();
        return held;
      };
      void writer.submit(job(1, append), true);
    });
    await appending;
    const second = writer.submit(job(2), false);
    const asked = ask();
    go();
    await Promise.all([second, asked]);
    expect(writer.idle).toBe(true);
  });

  it('that waits tells how old it is, until it is committed', async () => {
    const done = [writer.submit(job(5), false), writer.submit(job(3), false), writer.submit(job(Infinity), false)];
    expect(writer.oldestWaiting).toBe(3);
    await writer.settled(5);
    await Promise.all(done.slice(0, 2));
    expect(writer.oldestWaiting).toBe(Infinity);
  });
});
