import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, ManualClock } from '../lib/time/clock.ts';
import { createLogger } from '../lib/logger.ts';
import { Labels } from '../model/labels.ts';
import type { LogBatch, LogSource } from '../model/log.ts';
import type { FloatHistogram, SampleBatch, SeriesLayout } from '../model/sample.ts';
import { isStale, markStale, wordsOf } from '../model/sample.ts';
import type { StoreConfig } from './config.ts';
import { storeSchema } from './config.ts';
import { openStore } from './open.ts';
import type { Store } from './types.ts';

/** Helpers for the tests and benchmarks. */

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'crowsnest-store-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function openTestStore(path: string, config: Partial<StoreConfig> = {}, clock?: Clock): Promise<Store> {
  const quick = { ...storeSchema.parse({ path }), commit_interval: 1, ...config };
  return openStore({
    config: quick,
    logger: createLogger(process.env.STORE_LOG === undefined ? { quiet: true } : {}),
    clock,
  });
}

/** A store on a clock that a test moves; what a commit gathers for is over at once, as nobody moves the clock meanwhile. */
export function openClockedStore(
  path: string,
  clock: () => ManualClock,
  config: Partial<StoreConfig> = {},
): Promise<Store> {
  return openTestStore(path, config, {
    now: () => clock().now(),
    after(ms, run) {
      if (ms > 10) return clock().after(ms, run);
      const timer = setImmediate(run);
      return () => clearImmediate(timer);
    },
  });
}

export function layoutOf(...labels: Record<string, string>[]): SeriesLayout {
  return { series: labels.map((pairs) => ({ labels: Labels.of(pairs) })) };
}

/** Every series of the layout at one time; `'stale'` is the marker. */
export function batchOf(layout: SeriesLayout, time: number, values: readonly (number | 'stale')[]): SampleBatch {
  const column = Float64Array.from(values, (value) => (value === 'stale' ? 0 : value));
  values.forEach((value, i) => value === 'stale' && markStale(wordsOf(column), i));
  return { layout, values: column, timestamps: new Float64Array(values.length).fill(time) };
}

/** What a store answers, as plain rows: `up{job="a"} 1@1000 stale@2000`. */
export async function contents(store: Store, name: string, start = 0, end = 1e15): Promise<string[]> {
  const series = await store.select({ matchers: [{ name: '__name__', op: '=', value: name }], start, end });
  const rows = series.map(({ labels, timestamps, values }) => {
    const words = wordsOf(values);
    const samples = Array.from(timestamps, (time, i) => `${isStale(words, i) ? 'stale' : values[i]}@${time}`);
    return `${labels.toString()} ${samples.join(' ')}`;
  });
  return rows.sort();
}

/** Lines `offset: message` of one source, a millisecond apart from `time`. */
export function logBatch(
  source: LogSource,
  lines: readonly [offset: number, message: string][],
  time: number,
): LogBatch {
  const messages = lines.map(([, message]) => Buffer.from(message));
  const bytes = Buffer.concat(messages);
  const starts = new Uint32Array(lines.length);
  const ends = new Uint32Array(lines.length);
  let at = 0;
  messages.forEach((message, i) => {
    starts[i] = at;
    ends[i] = at += message.length;
  });
  return {
    source,
    count: lines.length,
    bytes,
    starts,
    ends,
    offsets: Float64Array.from(lines, ([offset]) => offset),
    timestamps: Float64Array.from(lines, (_, i) => time + i),
    nanos: new Uint32Array(lines.length),
    streams: new Uint8Array(lines.length).fill(1),
  };
}

/** The least native histogram that says something: three observations in one bucket. */
export const SMALL_HISTOGRAM: FloatHistogram = {
  schema: 0,
  counterReset: 'unknown',
  zeroThreshold: 0,
  zeroCount: 0,
  count: 3,
  sum: 5,
  positiveSpans: [{ offset: 0, length: 1 }],
  positiveBuckets: [3],
  negativeSpans: [],
  negativeBuckets: [],
  customValues: [],
};
