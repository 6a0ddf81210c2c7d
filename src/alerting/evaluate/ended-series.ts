import { type Logger, LogOnce } from '../../lib/logger.ts';
import type { RuleSeries } from './series.ts';

/** A series that ended so long ago has left every query's window by itself. Milliseconds. */
const LOOKBACK = 5 * 60_000;

/** Series of rules that are gone, until their staleness markers are written. A store that refuses them is asked again. */
export class EndedSeries {
  readonly #logger: Logger;
  readonly #once = new LogOnce();
  #waiting: { readonly series: RuleSeries; readonly since: number }[] = [];
  #added: RuleSeries[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(series: RuleSeries): void {
    this.#added.push(series);
  }

  /** Writes the markers at `at`. Never rejects. */
  async write(at: number): Promise<void> {
    const waiting = [...this.#waiting, ...this.#added.map((series) => ({ series, since: at }))];
    this.#waiting = [];
    this.#added = [];
    for (const ended of waiting) {
      try {
        await ended.series.end(at);
        this.#once.clear('series');
      } catch (error) {
        if (at - ended.since < LOOKBACK) this.#waiting.push(ended);
        const { message } = error as Error;
        if (this.#once.fresh('series', message))
          this.#logger.warn({ error: message }, 'series of rules that are gone could not be ended; tried again');
      }
    }
  }
}
