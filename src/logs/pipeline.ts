import { TimeSlice } from '../lib/time/time-slice.ts';
import { setMaxListeners } from 'node:events';
import { Backoff } from '../lib/time/backoff.ts';
import { type Logger, LogOnce } from '../lib/logger.ts';
import { sleep } from '../lib/time/sleep.ts';
import type { ShipLogs, ShipOutcome } from '../model/log.ts';
import type { BatchPool } from './read/batch-pool.ts';
import type { Checkpoint } from './read/checkpoint.ts';
import type { LogsConfig } from './config.ts';
import type { FileSet } from './read/files.ts';
import { type DestinationMetrics, linesMarked } from './metrics.ts';
import type { Delivery, TailedFile } from './read/tail.ts';

export interface LogPipelineOptions {
  readonly config: LogsConfig;
  readonly files: FileSet;
  readonly pool: BatchPool;
  readonly checkpoint: Checkpoint;
  readonly ship: ShipLogs;
  /** Batches of one file offered at once; above 1 a later one may be accepted before an earlier. */
  readonly perFile: number;
  readonly now: () => number;
  readonly metrics: DestinationMetrics;
  readonly logger: Logger;
}

/**
 * The log walk: file → tail → join (both in `TailedFile.read`) → ship. Files take turns; reading stops where the bytes in flight reach
 * their bound. A batch that is not accepted is offered again until it is: nothing is left out.
 */
export class LogPipeline {
  /** Records accepted and bytes read since the start. */
  lines = 0;
  bytes = 0;
  readonly #options: LogPipelineOptions;
  readonly #abort = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #once = new LogOnce();
  #pumping: Promise<void> | undefined;
  #again = false;
  #stopping = false;

  constructor(options: LogPipelineOptions) {
    this.#options = options;
    // Each batch in flight listens.
    setMaxListeners(0, this.#abort.signal);
  }

  /** Reads as long as there is something to read; called whenever there may be. Never rejects. */
  wake(): void {
    this.#again = true;
    if (this.#stopping || this.#pumping !== undefined) return;
    this.#pumping = this.#pump().finally(() => {
      this.#pumping = undefined;
      if (this.#again) this.wake();
    });
  }

  /** Ends reading, gives batches under way `timeout` ms to be accepted, and then gives them up. */
  async stop(timeout: number): Promise<void> {
    this.#stopping = true;
    const done = new AbortController();
    const settled = Promise.all([this.#pumping, ...this.#inFlight]).finally(() => done.abort());
    await sleep(timeout, done.signal);
    this.#abort.abort();
    // What does not heed the signal is left alone; its records were not accepted and come again after a restart.
    await Promise.race([settled, sleep(100)]);
  }

  async #pump(): Promise<void> {
    // A backlog in memory alone would never wait for anything: timers and sockets need their turn.
    const slice = new TimeSlice();
    const { files, pool, perFile } = this.#options;
    while (this.#again && !this.#stopping) {
      this.#again = false;
      const isFree = (file: TailedFile) => file.inFlight.length < perFile;
      for (let file = files.next(isFree); file !== undefined; file = files.next(isFree)) {
        const { unread, joined } = file.wants();
        const batch = await pool.take(unread, joined);
        if (this.#stopping) return pool.put(batch);
        const delivery = files.has(file) ? await this.#read(file, batch) : undefined;
        if (delivery === undefined) pool.put(batch);
        else this.#track(this.#deliver(file, delivery));
        if (slice.due) await slice.pause();
      }
    }
  }

  async #read(file: TailedFile, batch: Delivery['batch']): Promise<Delivery | undefined> {
    const { files, config, now } = this.#options;
    const from = file.position;
    file.busy = true;
    try {
      return await file.read(batch, now(), config.read_bytes);
    } catch (error) {
      files.fail(file, error, now());
      return undefined;
    } finally {
      file.busy = false;
      this.bytes += file.position - from;
      this.#options.metrics.bytesRead.inc(file.position - from);
    }
  }

  /** Offers a batch until it is accepted, then moves the checkpoint. Never rejects. */
  async #deliver(file: TailedFile, delivery: Delivery): Promise<void> {
    const { files, pool, config } = this.#options;
    const { batch } = delivery;
    const backoff = new Backoff({ min: config.retry_min, max: config.retry_max });
    while (batch.count > 0) {
      try {
        count(await this.#ship(delivery), batch, this.#options.metrics);
        break;
      } catch (error) {
        // An abandoned batch may still be in the other side's hands: its buffer is not used again.
        if (this.#abort.signal.aborted) return;
        this.#options.metrics.shipFailures.inc();
        this.#sayFailure(error);
        if (!(await sleep(backoff.next(), this.#abort.signal))) return;
      }
    }
    this.lines += batch.count;
    files.accept(file, delivery, this.#options.now());
    pool.put(batch);
    this.wake();
  }

  async #ship({ batch }: Delivery): Promise<ShipOutcome> {
    const { checkpoint, ship, logger } = this.#options;
    if (!checkpoint.isSaved(batch.source.id)) await checkpoint.save();
    const outcome = await ship(batch, this.#abort.signal);
    if (this.#once.clear('ship')) logger.info('logs are accepted again');
    return outcome;
  }

  #sayFailure(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.#once.fresh('ship', message))
      this.#options.logger.warn({ error: message }, 'logs were not accepted, offering them again');
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#inFlight.delete(tracked));
    this.#inFlight.add(tracked);
  }
}

function count(outcome: ShipOutcome, { count: lines, flags }: Delivery['batch'], metrics: DestinationMetrics): void {
  metrics.linesRead.inc(lines);
  metrics.recordsStored.inc(outcome.stored);
  metrics.recordsDuplicate.inc(outcome.duplicates);
  for (const [reason, refused] of Object.entries(outcome.refused)) metrics.recordsRefused(reason, refused);
  for (const marks of flags?.values() ?? []) for (const mark of marks) linesMarked.inc({ mark });
}
