import { type Clock, systemClock } from './clock.ts';

export interface TickerOptions {
  /** Milliseconds. */
  readonly interval: number;
  /** Milliseconds into the interval, so that many tickers of one length do not fall together. */
  readonly offset?: number;
  readonly clock?: Clock;
  /** Called with how many ticks passed while `run` was still busy. */
  readonly onMissed?: (count: number) => void;
}

/**
 * Calls `run` at times that are a multiple of the interval (plus offset) since the epoch, never twice at once.
 * Ticks that come due during a run are skipped and counted. `run` must not reject.
 */
export class Ticker {
  readonly #run: (at: number) => Promise<void>;
  readonly #options: TickerOptions;
  readonly #clock: Clock;
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
      // A timer may fire a millisecond early.
      this.#running = this.#run(at).then(() => this.#schedule(this.#nextAfter(at)));
    });
  }

  #nextAfter(at: number): number {
    const due = at + this.#options.interval;
    const now = this.#clock.now();
    if (due >= now) return due;
    const next = this.#following(now);
    this.#options.onMissed?.(Math.round((next - due) / this.#options.interval));
    return next;
  }
}
