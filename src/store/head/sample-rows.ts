import { TimeSlice } from '../../lib/time/time-slice.ts';
import type { SampleBatch } from '../../model/sample.ts';
import { isStale, wordsOf } from '../../model/sample.ts';
import type { HeadTransaction } from './head.ts';
import { encodeHistogram } from './histogram-blob.ts';
import { grown } from '../series/registry.ts';
import type { SeriesRegistry } from '../series/registry.ts';

/** Milliseconds of work on a batch in one go: the labels of many new series take long to write. */
const TURN = 10;

/** What of a batch is to be stored, by place. */
export interface GoodSamples {
  readonly batch: SampleBatch;
  /** Numbers of the series. */
  readonly numbers: Int32Array;
  /** 1 where the sample is to be stored. */
  readonly take: Uint8Array;
  /** How many of those tell when their counter began. */
  readonly started: number;
  /** Gets the series whose labels go into the head with the samples. */
  readonly introduced: number[];
}

/** Writes samples and exemplars as rows of a head, and the labels of the series that it has none of yet. */
export async function appendSamples(
  transaction: HeadTransaction,
  registry: SeriesRegistry,
  good: GoodSamples,
): Promise<void> {
  const { batch, numbers, take } = good;
  const words = wordsOf(batch.values);
  const plain = await transaction.samples.open();
  const started = good.started > 0 ? await transaction.started.open() : undefined;
  const slice = new TimeSlice(TURN);
  for (let i = 0; i < numbers.length; i++) {
    if (i % 256 === 0 && slice.due) await slice.pause();
    if (take[i] === 0) continue;
    const series = numbers[i];
    if (transaction.head.holds[series] !== 1) await introduce(transaction, registry, series, good);
    if (batch.histograms?.[i] !== undefined) continue;
    const start = startOf(batch, i);
    const { columns, writer } = start === 0 ? plain : (started ?? plain);
    const row = writer.next();
    columns.series.data[row] = series;
    columns.ts.set(row, batch.timestamps[i]);
    columns.value.set(row, words, i);
    if (start !== 0) started?.columns.start.set(row, start);
    if (isStale(words, i)) columns.value.setNull(row);
  }
  if (batch.histograms !== undefined) await appendHistograms(transaction, good);
  if (batch.exemplars !== undefined) await appendExemplars(transaction, registry, good);
}

/** 0 where it is unknown when the counter behind the sample began. */
export function startOf({ startTimestamps }: SampleBatch, i: number): number {
  return startTimestamps === undefined ? 0 : startTimestamps[i];
}

async function introduce(
  transaction: HeadTransaction,
  registry: SeriesRegistry,
  series: number,
  { introduced }: GoodSamples,
): Promise<void> {
  const { head } = transaction;
  const { columns, writer } = await transaction.series.open();
  if (series >= head.holds.length) head.holds = grown(head.holds, series + 1024);
  head.holds[series] = 1;
  introduced.push(series);
  const row = writer.next();
  columns.series.data[row] = series;
  columns.labels.data[row] = JSON.stringify(registry.labelsOf(series));
}

async function appendHistograms(transaction: HeadTransaction, { batch, numbers, take }: GoodSamples): Promise<void> {
  const { columns, writer } = await transaction.histograms.open();
  for (const [i, histogram] of (batch.histograms ?? []).entries()) {
    if (histogram === undefined || take[i] === 0) continue;
    const row = writer.next();
    columns.series.data[row] = numbers[i];
    columns.ts.set(row, batch.timestamps[i]);
    columns.histogram.data[row] = encodeHistogram(histogram);
    columns.start.set(row, startOf(batch, i));
  }
}

/** Those of series that were never written say nothing, nor those without a time. */
async function appendExemplars(
  transaction: HeadTransaction,
  registry: SeriesRegistry,
  good: GoodSamples,
): Promise<void> {
  const { columns, writer } = await transaction.exemplars.open();
  for (const exemplar of good.batch.exemplars ?? []) {
    const series = registry.find(exemplar.series.labels);
    const time = exemplar.timestamp ?? good.batch.timestamps.at(0);
    if (series === -1 || time === undefined) continue;
    if (transaction.head.holds[series] !== 1) await introduce(transaction, registry, series, good);
    const row = writer.next();
    columns.series.data[row] = series;
    columns.ts.set(row, time);
    columns.value.data[row] = exemplar.value;
    columns.labels.data[row] = JSON.stringify(exemplar.labels);
  }
}
