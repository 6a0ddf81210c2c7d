import type { Labels } from '../../model/labels.ts';
import type { SelectRequest, SeriesColumns } from '../../model/query.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { wordsOf } from '../../model/sample.ts';
import { ColumnBuilder } from '../memory/column-builder.ts';
import { covers } from '../blocks/data-file.ts';
import type { DataFile } from '../blocks/data-file.ts';
import type { DiskSamples, ReadFile } from './disk-reader.ts';
import { readDisk } from './disk-reader.ts';
import type { Database } from '../duck.ts';
import { StoreError } from '../errors.ts';
import { whileReading } from '../lease.ts';
import { selects } from '../metrics.ts';
import type { SeriesRegistry } from '../series/registry.ts';
import type { SeriesState } from '../series/series-state.ts';
import type { MemoryWindow } from '../memory/window.ts';
import type { HeadMark } from '../head/head.ts';
import type { Work, WriteQueue } from '../write-queue.ts';

export interface SelectParts {
  readonly registry: SeriesRegistry;
  readonly state: SeriesState;
  readonly window: MemoryWindow;
  readonly database: Database;
  /** Of batches and reads: see {@link WriteQueue}. */
  readonly queue: WriteQueue;
  /** Resolves when what was accepted so far, up to a time, is on disk or was refused. */
  settled(time: number): Promise<HeadMark>;
  /** All files, or those that a mark knows. */
  files(mark?: HeadMark): readonly DataFile[];
  readonly readFile: ReadFile;
}

/** What memory has of a request, all at one point between two batches. */
interface Recent {
  readonly numbers: readonly number[];
  readonly bound: number;
  readonly labels: readonly Labels[];
  readonly series: readonly (SeriesColumns | undefined)[];
  /** The last time that is left to the disk; undefined where memory has it all. */
  readonly diskEnd: number | undefined;
  /** Where the heads stand once all that memory knows of is on disk, as far as the disk is asked. */
  readonly settled: Promise<HeadMark> | undefined;
}

/**
 * Samples past the window's floor from memory, up to it from disk; without any SQL where memory has it all.
 *
 * A batch is seen as a whole or not at all: memory is read between two batches, and what of a later batch reaches the
 * disk meanwhile lies past the heads' mark.
 */
export async function select(
  parts: SelectParts,
  request: SelectRequest,
  signal?: AbortSignal,
): Promise<SeriesColumns[]> {
  await parts.registry.prepare(request.matchers, signal);
  const reading = parts.queue.run(readMemory(parts, request, signal));
  const { numbers, bound, labels, series, diskEnd, settled } = reading instanceof Promise ? await reading : reading;
  if (diskEnd === undefined || settled === undefined) {
    selects.inc({ from: 'memory' });
    return series.filter((one) => one !== undefined);
  }
  selects.inc({ from: 'disk' });
  const mark = await settled;
  const { start, hints } = request;
  const wanted = { numbers, bound, start, end: diskEnd, maxSamples: hints?.maxSamples ?? Infinity, mark };
  const files = parts.files(mark).filter((file) => covers(file, wanted.start, wanted.end));
  const leases = files.map(({ lease }) => lease);
  const disk = await whileReading(leases, () => readDisk(parts.database, files, wanted, parts.readFile, signal));
  return joined(labels, disk, series);
}

function* readMemory(parts: SelectParts, request: SelectRequest, signal?: AbortSignal): Work<Recent> {
  const { registry, state, window } = parts;
  const { start, end } = request;
  for (;;) {
    signal?.throwIfAborted();
    const { floor } = window;
    const numbers = registry.match(request.matchers).filter((number) => state.within(number, start, end));
    const labels = numbers.map((number) => registry.labelsOf(number));
    const series = yield* readWindow(window, numbers, labels, request, signal);
    // Where memory gave something up in between, the series read before and after would not end at the same time.
    if (window.floor !== floor) continue;
    const recent = { numbers, bound: registry.bound, labels, series };
    if (start > floor || numbers.length === 0) return { ...recent, diskEnd: undefined, settled: undefined };
    const diskEnd = Math.min(end, floor);
    return { ...recent, diskEnd, settled: parts.settled(diskEnd) };
  }
}

/** Samples that are read in one step. */
const STEP = 65_536;

function* readWindow(
  window: MemoryWindow,
  numbers: readonly number[],
  labels: readonly Labels[],
  { start, end, hints }: SelectRequest,
  signal?: AbortSignal,
): Work<(SeriesColumns | undefined)[]> {
  const newest = hints?.newest === true;
  const maxSamples = hints?.maxSamples ?? Infinity;
  const builder = new ColumnBuilder();
  const found: (SeriesColumns | undefined)[] = [];
  let total = 0;
  let step = 0;
  for (const [i, number] of numbers.entries()) {
    if (step > STEP || (i > 0 && i % 256 === 0)) {
      yield;
      signal?.throwIfAborted();
      step = 0;
    }
    const count = newest ? window.readNewest(number, start, end, builder) : window.read(number, start, end, builder);
    total += count;
    step += count;
    if (total > maxSamples) throw new StoreError('too_many_samples', 'query would load more samples than it may');
    found.push(count === 0 ? undefined : takeSeries(window, number, labels[i], builder, count));
  }
  return found;
}

function takeSeries(
  window: MemoryWindow,
  number: number,
  labels: Labels,
  builder: ColumnBuilder,
  count: number,
): SeriesColumns {
  const columns = builder.take(builder.at + count);
  const histograms = window.histograms(number, columns.timestamps);
  const startTimestamps = window.startTimes(number, columns.timestamps);
  if (histograms === undefined && startTimestamps === undefined) return { labels, ...columns };
  return { labels, ...columns, ...(histograms && { histograms }), ...(startTimestamps && { startTimestamps }) };
}

function joined(
  labels: readonly Labels[],
  disk: DiskSamples,
  recent: readonly (SeriesColumns | undefined)[],
): SeriesColumns[] {
  const answer: SeriesColumns[] = [];
  for (const [place, own] of labels.entries()) {
    const from = disk.starts[place];
    const to = disk.starts[place + 1];
    const newer = recent[place];
    if (from === to) {
      if (newer !== undefined) answer.push(newer);
      continue;
    }
    const older = diskColumns(own, disk, place, from, to);
    answer.push(newer === undefined ? older : appended(older, newer));
  }
  return answer;
}

function diskColumns(labels: Labels, disk: DiskSamples, place: number, from: number, to: number): SeriesColumns {
  const timestamps = disk.times.subarray(from, to);
  const values = disk.values.subarray(from, to);
  const byTime = disk.histograms.get(place);
  const began = disk.began?.subarray(from, to);
  const startTimestamps = began?.some((start) => start !== 0) === true ? began : undefined;
  if (byTime === undefined && startTimestamps === undefined) return { labels, timestamps, values };
  const histograms = byTime && Array.from(timestamps, (time) => byTime.get(time));
  return { labels, timestamps, values, ...(histograms && { histograms }), ...(startTimestamps && { startTimestamps }) };
}

function appended(older: SeriesColumns, newer: SeriesColumns): SeriesColumns {
  const length = older.timestamps.length + newer.timestamps.length;
  const timestamps = new Float64Array(length);
  const values = new Float64Array(length);
  timestamps.set(older.timestamps);
  timestamps.set(newer.timestamps, older.timestamps.length);
  const words = wordsOf(values);
  words.set(wordsOf(older.values));
  words.set(wordsOf(newer.values), older.values.length * 2);
  const startTimestamps = joinedStarts(older, newer);
  if (older.histograms === undefined && newer.histograms === undefined) {
    return { labels: older.labels, timestamps, values, ...(startTimestamps && { startTimestamps }) };
  }
  const none = (series: SeriesColumns): (FloatHistogram | undefined)[] =>
    Array.from(series.timestamps, () => undefined);
  const histograms = [...(older.histograms ?? none(older)), ...(newer.histograms ?? none(newer))];
  return { labels: older.labels, timestamps, values, histograms, ...(startTimestamps && { startTimestamps }) };
}

function joinedStarts(older: SeriesColumns, newer: SeriesColumns): Float64Array | undefined {
  if (older.startTimestamps === undefined && newer.startTimestamps === undefined) return undefined;
  const starts = new Float64Array(older.timestamps.length + newer.timestamps.length);
  if (older.startTimestamps !== undefined) starts.set(older.startTimestamps);
  if (newer.startTimestamps !== undefined) starts.set(newer.startTimestamps, older.timestamps.length);
  return starts;
}
