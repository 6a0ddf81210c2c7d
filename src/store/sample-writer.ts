import type { Clock } from '../lib/clock.ts';
import type { Labels } from '../model/labels.ts';
import type { SampleBatch, WriteOutcome } from '../model/sample.ts';
import { isStale, wordsOf } from '../model/sample.ts';
import type { StoreConfig } from './config.ts';
import type { Head, HeadTransaction } from './head.ts';
import type { HeadWriter } from './head-writer.ts';
import { encodeHistogram } from './histogram-blob.ts';
import { samplesAccepted, samplesRefused } from './metrics.ts';
import { grown } from './registry.ts';
import type { SeriesRegistry } from './registry.ts';
import type { SeriesState } from './series-state.ts';
import type { MemoryWindow } from './window.ts';

/** Samples that came late and are still in memory apart from the others: past this, further ones are refused. */
const MAX_LATE = 1_000_000;

/** Milliseconds of work on a batch before others get a turn: the labels of many new series take long to write. */
const SLICE = 10;

export interface SampleWriterParts {
  readonly registry: SeriesRegistry;
  readonly state: SeriesState;
  readonly window: MemoryWindow;
  readonly writer: HeadWriter;
  readonly config: StoreConfig;
  readonly clock: Clock;
}

interface Judged {
  readonly numbers: Int32Array;
  /** 1 at each place of the batch that is to be stored. */
  readonly take: Uint8Array;
  /** By place, the newest time of the series before. */
  readonly before: Float64Array;
  accepted: number;
  /** Of the accepted, those that are there already. */
  known: number;
  /** Of what is to be stored: how many, and their times. */
  floats: number;
  histograms: number;
  started: number;
  oldest: number;
  newest: number;
  readonly refused: Record<string, number>;
  /** Series whose labels go into the head with this batch. */
  readonly introduced: number[];
}

/**
 * Judges samples one by one, puts the good ones into the memory window and hands them to the head. The caller hears of
 * it once they are on disk; others may read them before.
 *
 * A commit that fails takes back what it held: the window is emptied ({@link HeadWriterOptions.refused}), the times of the
 * series are what they were, so the same samples are new when they come again. As long as commits fail, samples are put
 * into the window only once they are on disk: readers shall not see what will hardly last.
 */
export class SampleWriter {
  readonly #parts: SampleWriterParts;

  constructor(parts: SampleWriterParts) {
    this.#parts = parts;
  }

  async write(batch: SampleBatch, anyAge: boolean): Promise<WriteOutcome> {
    const { writer } = this.#parts;
    const judged = this.#judge(batch, anyAge);
    for (const [reason, count] of Object.entries(judged.refused)) samplesRefused.inc({ reason }, count);
    const stores = judged.accepted > judged.known || (batch.exemplars?.length ?? 0) > 0;
    // What is known already may wait for its commit still, and this caller with it.
    if (stores || (judged.known > 0 && !writer.idle)) {
      const atOnce = !writer.failing;
      if (atOnce) this.#show(batch, judged);
      await writer.submit(
        {
          oldest: judged.oldest,
          append: (transaction) => this.#append(transaction, batch, judged),
          committed: (head) => {
            if (!atOnce) this.#show(batch, judged);
            count(head, batch, judged);
          },
          failed: () => this.#failed(batch, judged),
        },
        false,
      );
    }
    samplesAccepted.inc(judged.accepted);
    return { accepted: judged.accepted, refused: judged.refused };
  }

  #judge(batch: SampleBatch, anyAge: boolean): Judged {
    const { registry, state, config, clock } = this.#parts;
    const refused: Record<string, number> = {};
    const numbers = registry.resolve(batch.layout, (labels) => this.#admit(labels));
    state.reach(registry.bound);
    const judged: Judged = {
      numbers,
      take: new Uint8Array(numbers.length),
      before: new Float64Array(numbers.length),
      accepted: 0,
      known: 0,
      floats: 0,
      histograms: 0,
      started: 0,
      oldest: Infinity,
      newest: -Infinity,
      refused,
      introduced: [],
    };
    const words = wordsOf(batch.values);
    const oldest = clock.now() - config.retention;
    const newest = clock.now() + config.future;
    for (let i = 0; i < numbers.length; i++) {
      const time = batch.timestamps[i];
      const series = numbers[i];
      judged.before[i] = state.last(series);
      let reason: string | undefined;
      if (series === -1) reason = this.#refusalOf(batch.layout.series[i].labels) ?? 'series_limit';
      else if (!(time <= newest)) reason = 'too_far_in_future';
      else if (time < oldest) reason = 'too_old';
      else if (time > judged.before[i]) state.advance(series, time, words, i);
      else reason = this.#judgeLate(series, time, words, i, anyAge);
      if (reason === KNOWN) {
        judged.accepted++;
        judged.known++;
      } else if (reason === undefined) {
        judged.accepted++;
        judged.take[i] = 1;
        if (batch.histograms?.[i] === undefined) judged.floats++;
        else judged.histograms++;
        if (startOf(batch, i) !== 0) judged.started++;
        if (time < judged.oldest) judged.oldest = time;
        if (time > judged.newest) judged.newest = time;
      } else {
        refused[reason] = (refused[reason] ?? 0) + 1;
      }
    }
    return judged;
  }

  /** A sample that is not newer than its series' newest. */
  #judgeLate(series: number, time: number, words: Uint32Array, i: number, anyAge: boolean): string | undefined {
    const { state, window, config } = this.#parts;
    const last = state.last(series);
    if (time === last) return state.sameValue(series, words, i) ? KNOWN : 'duplicate';
    if (!anyAge && time < last - config.out_of_order) return 'out_of_order';
    if (time > window.floor && window.lateSamples >= MAX_LATE) return 'out_of_order';
    state.covers(series, time, time);
    return undefined;
  }

  #admit(labels: Labels): boolean {
    return this.#parts.registry.size < this.#parts.config.max_series && this.#refusalOf(labels) === undefined;
  }

  #refusalOf(labels: Labels): string | undefined {
    const { max_labels, max_label_name, max_label_value } = this.#parts.config;
    if (labels.size > max_labels) return 'label_limit';
    if (labels.get('__name__') === '') return 'no_metric_name';
    for (const [name, value] of labels.entries()) {
      if (name.length > max_label_name) return 'label_name_length';
      if (value.length > max_label_value) return 'label_value_length';
    }
    return undefined;
  }

  async #append(transaction: HeadTransaction, batch: SampleBatch, judged: Judged): Promise<void> {
    const words = wordsOf(batch.values);
    const plain = await transaction.samples.open();
    const started = judged.started > 0 ? await transaction.started.open() : undefined;
    let begun = performance.now();
    for (let i = 0; i < judged.numbers.length; i++) {
      if (i % 256 === 0 && performance.now() - begun > SLICE) {
        await new Promise((resolve) => setImmediate(resolve));
        begun = performance.now();
      }
      if (judged.take[i] === 0) continue;
      const series = judged.numbers[i];
      if (transaction.head.holds[series] !== 1) await this.#introduce(transaction, series, judged);
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
    if (batch.histograms !== undefined) await appendHistograms(transaction, batch, judged);
    if (batch.exemplars !== undefined) await this.#appendExemplars(transaction, batch, judged);
  }

  /** Writes the labels of a series that the head has no sample of yet. */
  async #introduce(transaction: HeadTransaction, series: number, judged: Judged): Promise<void> {
    const { head } = transaction;
    const { columns, writer } = await transaction.series.open();
    if (series >= head.holds.length) head.holds = grown(head.holds, series + 1024);
    head.holds[series] = 1;
    judged.introduced.push(series);
    const row = writer.next();
    columns.series.data[row] = series;
    columns.labels.data[row] = JSON.stringify(this.#parts.registry.labelsOf(series));
  }

  async #appendExemplars(transaction: HeadTransaction, batch: SampleBatch, judged: Judged): Promise<void> {
    const { columns, writer } = await transaction.exemplars.open();
    for (const exemplar of batch.exemplars ?? []) {
      const series = this.#parts.registry.find(exemplar.series.labels);
      if (series === -1) continue;
      if (transaction.head.holds[series] !== 1) await this.#introduce(transaction, series, judged);
      const row = writer.next();
      columns.series.data[row] = series;
      columns.ts.set(row, exemplar.timestamp ?? batch.timestamps[0] ?? this.#parts.clock.now());
      columns.value.data[row] = exemplar.value;
      columns.labels.data[row] = JSON.stringify(exemplar.labels);
    }
  }

  /** From now on readers find the samples. */
  #show(batch: SampleBatch, judged: Judged): void {
    const { window } = this.#parts;
    const words = wordsOf(batch.values);
    for (let i = 0; i < judged.numbers.length; i++) {
      if (judged.take[i] === 0) continue;
      const histogram = batch.histograms?.[i];
      if (histogram === undefined) window.add(judged.numbers[i], batch.timestamps[i], words, i);
      else window.addHistogram(judged.numbers[i], batch.timestamps[i], histogram);
      window.addStart(judged.numbers[i], batch.timestamps[i], startOf(batch, i));
    }
  }

  /** The same samples will be offered again and must be new then. Of several batches the last is taken back first. */
  #failed(batch: SampleBatch, judged: Judged): void {
    const { state, writer } = this.#parts;
    for (let i = judged.numbers.length - 1; i >= 0; i--) {
      const series = judged.numbers[i];
      if (judged.take[i] === 1 && state.last(series) === batch.timestamps[i]) state.setLast(series, judged.before[i]);
    }
    const head = writer.heads.at(-1);
    for (const series of judged.introduced) if (head !== undefined) head.holds[series] = 0;
  }
}

function count(head: Head, batch: SampleBatch, judged: Judged): void {
  if (judged.floats + judged.histograms > 0) {
    head.covers(judged.oldest);
    head.covers(judged.newest);
  }
  head.samples += judged.floats;
  head.started += judged.started;
  head.histograms += judged.histograms;
  head.exemplars += batch.exemplars?.length ?? 0;
}

const KNOWN = 'known';

/** 0 where it is unknown when the counter behind the sample began. */
function startOf({ startTimestamps }: SampleBatch, i: number): number {
  return startTimestamps === undefined ? 0 : startTimestamps[i];
}

async function appendHistograms(transaction: HeadTransaction, batch: SampleBatch, judged: Judged): Promise<void> {
  const { columns, writer } = await transaction.histograms.open();
  for (const [i, histogram] of (batch.histograms ?? []).entries()) {
    if (histogram === undefined || judged.take[i] === 0) continue;
    const row = writer.next();
    columns.series.data[row] = judged.numbers[i];
    columns.ts.set(row, batch.timestamps[i]);
    columns.histogram.data[row] = encodeHistogram(histogram);
    columns.start.set(row, startOf(batch, i));
  }
}
