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

export interface SelectParts {
  readonly registry: SeriesRegistry;
  readonly state: SeriesState;
  readonly window: MemoryWindow;
  readonly database: Database;
  /** Resolves when what was written so far is readable; undefined where it is. */
  arriving(): Promise<void> | undefined;
  /** Resolves when what was accepted so far, up to a time, is on disk or was refused. */
  settled(time: number): Promise<void>;
  files(): readonly DataFile[];
  readonly readFile: ReadFile;
}

/** Samples past the window's floor from memory, up to it from disk; without a word of SQL where memory has it all. */
export async function select(
  parts: SelectParts,
  request: SelectRequest,
  signal?: AbortSignal,
): Promise<SeriesColumns[]> {
  const arriving = parts.arriving();
  if (arriving !== undefined) await arriving;
  signal?.throwIfAborted();
  const { registry, state, window } = parts;
  const { start, end } = request;
  const numbers = registry.match(request.matchers).filter((number) => state.within(number, start, end));
  const maxSamples = request.hints?.maxSamples ?? Infinity;
  // What is read from memory is a copy: the floor may rise while the disk is read.
  const floor = window.floor;
  const labels = numbers.map((number) => registry.labelsOf(number));
  const recent = readWindow(parts.window, numbers, labels, request, maxSamples);
  if (start > floor || numbers.length === 0) {
    selects.inc({ from: 'memory' });
    return recent.filter((series) => series !== undefined);
  }
  selects.inc({ from: 'disk' });
  const wanted = { numbers, bound: registry.bound, start, end: Math.min(end, floor), maxSamples };
  await parts.settled(wanted.end);
  const files = parts.files().filter((file) => covers(file, wanted.start, wanted.end));
  const leases = files.map(({ lease }) => lease);
  const disk = await whileReading(leases, () => readDisk(parts.database, files, wanted, parts.readFile, signal));
  return joined(labels, disk, recent);
}

function readWindow(
  window: MemoryWindow,
  numbers: readonly number[],
  labels: readonly Labels[],
  { start, end, hints }: SelectRequest,
  maxSamples: number,
): (SeriesColumns | undefined)[] {
  const newest = hints?.newest === true;
  const builder = new ColumnBuilder();
  let total = 0;
  return numbers.map((number, place) => {
    const count = newest ? window.readNewest(number, start, end, builder) : window.read(number, start, end, builder);
    if (count === 0) return undefined;
    total += count;
    if (total > maxSamples) {
      throw new StoreError('too_many_samples', 'query would load more samples than it may');
    }
    const columns = builder.take(builder.at + count);
    const histograms = window.histograms(number, columns.timestamps);
    const startTimestamps = window.startTimes(number, columns.timestamps);
    if (histograms === undefined && startTimestamps === undefined) return { labels: labels[place], ...columns };
    return {
      labels: labels[place],
      ...columns,
      ...(histograms && { histograms }),
      ...(startTimestamps && { startTimestamps }),
    };
  });
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
