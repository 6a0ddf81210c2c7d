import { type Clock, systemClock } from './clock.ts';
import { LogOnce } from '../logger.ts';
import { counter } from '../metrics.ts';

export interface TickerOptions {
  /** Milliseconds. */
  readonly interval: number;
  /** Milliseconds into the interval, so that many tickers of one length do not fall together. */
  readonly offset?: number;
  readonly clock?: Clock;
  /** Called with how many ticks passed while `run` was still busy. */
  readonly onMissed?: (count: number) => void;
  /** What the task is called where its failures are counted. */
  readonly name?: string;
  /** Called with what a run rejected with, when it differs from the failure before. Default: a warning of the process. */
  readonly onFailure?: (error: unknown) => void;
}

const failures = counter(
  'crowsnest_task_failures_total',
  'Runs of a repeating task that ended with an error which the task did not handle itself.',
  ['task'],
);

/**
 * Calls `run` at times that are a multiple of the interval (plus offset) since the epoch, never twice at once.
 * Ticks that come due during a run are skipped and counted. Where the machine's clock is set back, ticks go on at the new
 * time, two intervals later at most. A run that rejects is counted, and the next one comes at its time.
 */
export class Ticker {
  readonly #run: (at: number) => Promise<void>;
  readonly #options: TickerOptions;
  readonly #clock: Clock;
  readonly #once = new LogOnce();
  #cancel: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: TickerOptions, run: (at: number) => Promise<void>) {
    this.#options = options;
    this.#run = run;
    this.#clock = options.clock ?? systemClock;
  }

  start(): void {
    this.#schedule(this.#following(this.#clock.now()));
  }

  /** No further tick; resolves when a run under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running;
  }

  /** The first tick after `time`. */
  #following(time: number): number {
    const { interval, offset = 0 } = this.#options;
    return Math.floor((time - offset) / interval + 1) * interval + offset;
  }

  #schedule(at: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      const due = this.#orNew(at);
      this.#running = this.#runOnce(due).then(() => this.#schedule(this.#nextAfter(due)));
    });
  }

  /** Never rejects. */
  async #runOnce(at: number): Promise<void> {
    try {
      await this.#run(at);
      this.#once.clear('failure');
    } catch (error) {
      const { name = 'unnamed', onFailure = (failure) => process.emitWarning(`${name}: ${String(failure)}`) } =
        this.#options;
      failures.inc({ task: name });
      if (this.#once.fresh('failure', String(error))) onFailure(error);
    }
  }

  /** The tick that is meant by a timer for `at`: where the clock was set back meanwhile, one of the new time. */
  #orNew(at: number): number {
    const { interval } = this.#options;
    const now = this.#clock.now();
    return at - now > interval ? this.#following(now - interval) : at;
  }

  #nextAfter(at: number): number {
    const due = at + this.#options.interval;
    const now = this.#clock.now();
    if (due - now > 2 * this.#options.interval) return this.#following(now);
    if (due >= now) return due;
    const next = this.#following(now);
    this.#options.onMissed?.(Math.round((next - due) / this.#options.interval));
    return next;
  }
}
