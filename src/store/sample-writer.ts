import type { Clock } from '../lib/clock.ts';
import type { Labels } from '../model/labels.ts';
import type { SampleBatch, WriteOutcome } from '../model/sample.ts';
import { wordsOf } from '../model/sample.ts';
import type { StoreConfig } from './config.ts';
import type { Head } from './head/head.ts';
import type { HeadWriter } from './head/head-writer.ts';
import { WriteQueue } from './write-queue.ts';
import { samplesAccepted, samplesRefused } from './metrics.ts';
import type { SeriesRegistry } from './series/registry.ts';
import { appendSamples, startOf } from './head/sample-rows.ts';
import type { GoodSamples } from './head/sample-rows.ts';
import type { SeriesState } from './series/series-state.ts';
import type { MemoryWindow } from './memory/window.ts';

/** Samples that came late and are still in memory apart from the others: past this, further ones are refused. */
const MAX_LATE = 1_000_000;

/** Samples that are taken in one go. */
const PIECE = 8192;

/** Series of a layout not seen before whose numbers are looked up at once. */
const MAX_NEW = 2048;

export interface SampleWriterParts {
  readonly registry: SeriesRegistry;
  readonly state: SeriesState;
  readonly window: MemoryWindow;
  readonly writer: HeadWriter;
  readonly config: StoreConfig;
  readonly clock: Clock;
}

interface CheckedSamples extends GoodSamples {
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
}

interface PendingWrite {
  readonly judged: CheckedSamples;
  /** Resolves when it is on disk. */
  readonly stored: Promise<void>;
}

/**
 * Judges samples one by one, puts the good ones into the memory window and hands them to the head. The caller hears of
 * it once they are on disk; others may read them before.
 *
 *   batch ─▶ numbers of its series ─▶ pieces of 8192 samples ─▶ each, in one go: judged, put into the window, handed over
 *            (slow for new ones)
 *
 * Batches are taken in the order they came: at once, or in turns where there is much to do. A reader has to wait for
 * those under way ({@link arriving}).
 *
 * A commit that fails takes back what it held: the window is emptied ({@link HeadWriterOptions.refused}), the times of the
 * series are what they were, so the same samples are new when they come again. As long as commits fail, samples are put
 * into the window only once they are on disk: readers shall not see what will hardly last.
 */
export class SampleWriter {
  readonly #parts: SampleWriterParts;
  readonly #intake = new WriteQueue();

  constructor(parts: SampleWriterParts) {
    this.#parts = parts;
  }

  /** No batch is under way to the head. */
  get idle(): boolean {
    return this.#intake.idle;
  }

  /** Resolves when what was written so far is readable; undefined where it is. */
  arriving(): Promise<void> | undefined {
    return this.#intake.done();
  }

  async write(batch: SampleBatch, anyAge: boolean): Promise<WriteOutcome> {
    const known = this.#parts.registry.isResolved(batch.layout);
    const short = batch.values.length <= (known ? PIECE : MAX_NEW);
    const taking = this.#intake.run(this.#take(batch, anyAge), short);
    const taken = taking instanceof Promise ? await taking : taking;
    await Promise.all(taken.map(({ stored }) => stored));
    return outcomeOf(taken);
  }

  *#take(batch: SampleBatch, anyAge: boolean): Generator<undefined, PendingWrite[]> {
    const { registry, state } = this.#parts;
    const numbers = yield* registry.resolve(batch.layout, (labels) => this.#admit(labels));
    state.reach(registry.bound);
    const taken: PendingWrite[] = [];
    for (let from = 0; from === 0 || from < numbers.length; from += PIECE) {
      if (from > 0) yield;
      const piece = numbers.length <= PIECE ? batch : pieceOf(batch, from);
      const judged = this.#check(piece, numbers.subarray(from, from + PIECE), anyAge);
      for (const [reason, count] of Object.entries(judged.refused)) samplesRefused.inc({ reason }, count);
      const stored = this.#store(judged);
      // Should it fail before the last piece is taken, nobody listens yet.
      stored.catch(() => undefined);
      taken.push({ judged, stored });
    }
    return taken;
  }

  #store(judged: CheckedSamples): Promise<void> {
    const { registry, writer } = this.#parts;
    const stores = judged.accepted > judged.known || (judged.batch.exemplars?.length ?? 0) > 0;
    // What is known already may wait for its commit still, and this caller with it.
    if (!stores && (judged.known === 0 || writer.idle)) return Promise.resolve();
    const atOnce = !writer.failing;
    if (atOnce) this.#show(judged);
    return writer.submit(
      {
        oldest: judged.oldest,
        append: (transaction) => appendSamples(transaction, registry, judged),
        committed: (head) => {
          if (!atOnce) this.#show(judged);
          count(head, judged);
        },
        failed: () => this.#failed(judged),
      },
      false,
    );
  }

  #check(batch: SampleBatch, numbers: Int32Array, anyAge: boolean): CheckedSamples {
    const { state, config, clock } = this.#parts;
    const refused: Record<string, number> = {};
    const judged: CheckedSamples = {
      batch,
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

  /** From now on readers find the samples. */
  #show({ batch, numbers, take }: CheckedSamples): void {
    const { window } = this.#parts;
    const words = wordsOf(batch.values);
    for (let i = 0; i < numbers.length; i++) {
      if (take[i] === 0) continue;
      const histogram = batch.histograms?.[i];
      if (histogram === undefined) window.add(numbers[i], batch.timestamps[i], words, i);
      else window.addHistogram(numbers[i], batch.timestamps[i], histogram);
      window.addStart(numbers[i], batch.timestamps[i], startOf(batch, i));
    }
  }

  /** The same samples will be offered again and must be new then. Of several batches the last is taken back first. */
  #failed({ batch, numbers, take, before, introduced }: CheckedSamples): void {
    const { state, writer } = this.#parts;
    for (let i = numbers.length - 1; i >= 0; i--) {
      const series = numbers[i];
      if (take[i] === 1 && state.last(series) === batch.timestamps[i]) state.setLast(series, before[i]);
    }
    const head = writer.heads.at(-1);
    for (const series of introduced) if (head !== undefined) head.holds[series] = 0;
  }
}

const KNOWN = 'known';

function pieceOf(batch: SampleBatch, from: number): SampleBatch {
  const { layout, values, timestamps, histograms, startTimestamps, exemplars } = batch;
  const to = from + PIECE;
  return {
    layout: { series: layout.series.slice(from, to) },
    values: values.subarray(from, to),
    timestamps: timestamps.subarray(from, to),
    ...(histograms && { histograms: histograms.slice(from, to) }),
    ...(startTimestamps && { startTimestamps: startTimestamps.subarray(from, to) }),
    ...(exemplars && to >= values.length && { exemplars }),
  };
}

function outcomeOf(taken: readonly PendingWrite[]): WriteOutcome {
  let accepted = 0;
  const refused: Record<string, number> = {};
  for (const { judged } of taken) {
    accepted += judged.accepted;
    for (const [reason, count] of Object.entries(judged.refused)) refused[reason] = (refused[reason] ?? 0) + count;
  }
  samplesAccepted.inc(accepted);
  return { accepted, refused };
}

function count(head: Head, judged: CheckedSamples): void {
  if (judged.floats + judged.histograms > 0) {
    head.covers(judged.oldest);
    head.covers(judged.newest);
  }
  head.samples += judged.floats;
  head.started += judged.started;
  head.histograms += judged.histograms;
  head.exemplars += judged.batch.exemplars?.length ?? 0;
}
