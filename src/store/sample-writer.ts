import type { Clock } from '../lib/time/clock.ts';
import type { Labels } from '../model/labels.ts';
import type { SampleBatch, WriteOutcome } from '../model/sample.ts';
import { wordsOf } from '../model/sample.ts';
import { seriesLimit } from './config.ts';
import type { StoreConfig } from './config.ts';
import type { Head } from './head/head.ts';
import type { HeadWriter } from './head/head-writer.ts';
import type { BytesUnderWay } from './bytes-under-way.ts';
import { StoreError } from './errors.ts';
import { inOneStep } from './write-queue.ts';
import type { Work, WriteQueue } from './write-queue.ts';
import { samplesAccepted, samplesRefused } from './metrics.ts';
import type { SeriesRegistry } from './series/registry.ts';
import { appendSamples, startOf } from './head/sample-rows.ts';
import type { GoodSamples } from './head/sample-rows.ts';
import { histogramBytes } from './memory/recent-histograms.ts';
import { isReadable } from './head/histogram-blob.ts';
import { trustedNow } from './trusted-time.ts';
import type { SeriesState } from './series/series-state.ts';
import type { MemoryWindow } from './memory/window.ts';

/** Samples that came late and are still in memory apart from the others: past this, further ones are refused. */
const MAX_LATE = 1_000_000;

/** Samples between two looks at the time. */
const PIECE = 8192;

export interface SampleWriterParts {
  readonly registry: SeriesRegistry;
  readonly state: SeriesState;
  readonly window: MemoryWindow;
  readonly writer: HeadWriter;
  readonly queue: WriteQueue;
  readonly underWay: BytesUnderWay;
  readonly config: StoreConfig;
  readonly clock: Clock;
}

interface CheckedSamples extends GoodSamples {
  /** By index, the newest time of the series before. */
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
  readonly checked: CheckedSamples;
  /** Resolves when it is on disk. */
  readonly stored: Promise<void>;
}

/**
 * Checks samples one by one, puts the good ones into the memory window and hands them to the head. The caller's promise
 * resolves once they are on disk; others may read them before.
 *
 *   batch ─▶ numbers of its series ─▶ checked ─▶ put into the window ─▶ one job of the head's next commit
 *            (slow for new ones)      (each in slices of 8192 samples)
 *
 * Invariant: a batch is visible as a whole or not at all. Batches and reads take turns in the order they came
 * ({@link WriteQueue}), and what is one batch is one job, so in one commit.
 *
 * A commit that fails takes back what it held: the window is emptied ({@link HeadWriterOptions.refused}), the times of the
 * series are what they were, so the same samples are new when they come again. As long as commits fail, samples are put
 * into the window only once they are on disk: readers must not see what will hardly last.
 */
export class SampleWriter {
  readonly #parts: SampleWriterParts;
  /** The batch that is being checked or shown. */
  #taking: CheckedSamples | undefined;

  constructor(parts: SampleWriterParts) {
    this.#parts = parts;
  }

  /** @throws {StoreError} `busy` where too much is on its way already. */
  write(batch: SampleBatch, anyAge: boolean): Promise<WriteOutcome> {
    return this.#parts.underWay.during(sizeOf(batch, this.#parts.registry), async () => {
      const taking = this.#parts.queue.run(this.#take(batch, anyAge));
      const { checked, stored } = taking instanceof Promise ? await taking : taking;
      await stored;
      samplesAccepted.inc(checked.accepted);
      return { accepted: checked.accepted, refused: checked.refused };
    });
  }

  /** A commit failed: what was taken of the batch under way is taken back, before that of earlier ones. */
  abandon(): void {
    if (this.#taking !== undefined) this.#failed(this.#taking);
    this.#taking = undefined;
  }

  *#take(batch: SampleBatch, anyAge: boolean): Work<PendingWrite> {
    const { registry, state, writer } = this.#parts;
    const numbers = yield* registry.resolve(batch.layout, (labels) => this.#admit(labels));
    state.reach(registry.bound);
    const checked = unchecked(batch, numbers);
    const { length } = numbers;
    this.#taking = checked;
    const atOnce = !writer.failing;
    for (let from = 0; from < length; from += PIECE) {
      if (from > 0) yield* this.#pause(checked);
      this.#check(checked, from, Math.min(length, from + PIECE), anyAge);
    }
    const stores = checked.accepted > checked.known || (batch.exemplars?.length ?? 0) > 0;
    const shown = atOnce && stores ? length : 0;
    for (let from = 0; from < shown; from += PIECE) {
      if (from > 0) yield* this.#pause(checked);
      this.#show(checked, from, Math.min(shown, from + PIECE));
    }
    this.#taking = undefined;
    for (const [reason, count] of Object.entries(checked.refused)) samplesRefused.inc({ reason }, count);
    // What is known already may wait for its commit still, and this caller with it.
    if (!stores && (checked.known === 0 || writer.idle)) return { checked, stored: Promise.resolve() };
    const stored = this.#submit(checked, atOnce);
    // Should it fail before the caller comes to it.
    stored.catch(() => undefined);
    return { checked, stored };
  }

  /** @throws {StoreError} where a commit failed meanwhile: what was checked so far may rest on what is gone. */
  *#pause(checked: CheckedSamples): Work<void> {
    yield;
    if (this.#taking !== checked) throw new StoreError('unavailable', 'a commit before it failed');
  }

  async #submit(checked: CheckedSamples, shown: boolean): Promise<void> {
    const { registry, writer, queue } = this.#parts;
    const showing: Promise<void>[] = [];
    await writer.submit(
      {
        oldest: checked.oldest,
        append: (transaction) => appendSamples(transaction, registry, checked),
        committed: (head) => {
          // In its turn, for a read may be under way.
          const done = shown ? undefined : queue.run(inOneStep(() => this.#show(checked, 0, checked.numbers.length)));
          if (done instanceof Promise) showing.push(done);
          count(head, checked);
        },
        failed: () => this.#failed(checked),
      },
      false,
    );
    await Promise.all(showing);
  }

  /** Checks samples `from … to`. */
  #check(checked: CheckedSamples, from: number, to: number, anyAge: boolean): void {
    const { state, window, config, clock } = this.#parts;
    const { batch, numbers, refused } = checked;
    const words = wordsOf(batch.values);
    const oldest = trustedNow(clock.now(), window.newestTime) - config.retention;
    const newest = clock.now() + config.future;
    for (let i = from; i < to; i++) {
      const time = batch.timestamps[i];
      const series = numbers[i];
      const histogram = batch.histograms?.[i];
      checked.before[i] = state.last(series);
      let reason: string | undefined;
      if (series === -1) reason = this.#refusalOf(batch.layout.series[i].labels) ?? 'series_limit';
      else if (!(time <= newest)) reason = 'too_far_in_future';
      else if (time < oldest) reason = 'too_old';
      else if (histogram !== undefined && !isReadable(histogram)) reason = 'invalid_histogram';
      else if (time > checked.before[i]) state.advance(series, time, words, i);
      else reason = this.#checkLate(series, time, words, i, anyAge);
      if (reason === KNOWN) {
        checked.accepted++;
        checked.known++;
      } else if (reason === undefined) {
        checked.accepted++;
        checked.take[i] = 1;
        if (histogram === undefined) checked.floats++;
        else checked.histograms++;
        if (startOf(batch, i) !== 0) checked.started++;
        if (time < checked.oldest) checked.oldest = time;
        if (time > checked.newest) checked.newest = time;
      } else {
        refused[reason] = (refused[reason] ?? 0) + 1;
      }
    }
  }

  /** A sample that is not newer than its series' newest. */
  #checkLate(series: number, time: number, words: Uint32Array, i: number, anyAge: boolean): string | undefined {
    const { state, window, config } = this.#parts;
    const last = state.last(series);
    if (time === last) return state.sameValue(series, words, i) ? KNOWN : 'duplicate';
    if (!anyAge && time < last - config.out_of_order) return 'out_of_order';
    if (time > window.floor && window.lateSamples >= MAX_LATE) return 'out_of_order';
    state.covers(series, time, time);
    return undefined;
  }

  #admit(labels: Labels): boolean {
    return this.#parts.registry.size < seriesLimit(this.#parts.config) && this.#refusalOf(labels) === undefined;
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

  /** Puts samples `from … to` where readers find them. */
  #show({ batch, numbers, take }: CheckedSamples, from: number, to: number): void {
    const { window } = this.#parts;
    const words = wordsOf(batch.values);
    for (let i = from; i < to; i++) {
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

function unchecked(batch: SampleBatch, numbers: Int32Array): CheckedSamples {
  return {
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
    refused: {},
    introduced: [],
  };
}

/** Bytes of a sample until it is on disk: its columns, what the check adds, and its place in a chunk of DuckDB. */
const SAMPLE_BYTES = 48;

/** Bytes of a series whose labels are new, about. */
const NEW_SERIES_BYTES = 200;

/** About the bytes that a batch takes until it is on disk. */
function sizeOf({ layout, values, histograms }: SampleBatch, registry: SeriesRegistry): number {
  let bytes = values.length * (registry.isResolved(layout) ? SAMPLE_BYTES : SAMPLE_BYTES + NEW_SERIES_BYTES);
  for (const histogram of histograms ?? []) if (histogram !== undefined) bytes += histogramBytes(histogram);
  return bytes;
}

function count(head: Head, checked: CheckedSamples): void {
  if (checked.floats + checked.histograms > 0) {
    head.covers(checked.oldest);
    head.covers(checked.newest);
  }
  head.samples += checked.floats;
  head.started += checked.started;
  head.histograms += checked.histograms;
  head.exemplars += checked.batch.exemplars?.length ?? 0;
}
