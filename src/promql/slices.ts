import { QueryError } from './errors.ts';

/** Units of work (about a sample each) between two looks at the clock. */
const UNITS_BETWEEN_LOOKS = 8192;

/**
 * Lets a long evaluation share the event loop: whoever loops calls `spent(units)` and, when it says so, awaits `pause()`.
 *
 * Everything else on the thread waits at most about one slice, and an abort or a time-out is seen at the next pause.
 */
export class Slices {
  readonly #signal: AbortSignal;
  readonly #sliceMs: number;
  #units = 0;
  #until: number;

  constructor(signal: AbortSignal, sliceMs = 10) {
    this.#signal = signal;
    this.#sliceMs = sliceMs;
    this.#until = performance.now() + sliceMs;
  }

  /** Whether the slice is over. Cheap enough for every series. */
  spent(units: number): boolean {
    this.#units += units;
    if (this.#units < UNITS_BETWEEN_LOOKS) return false;
    this.#units = 0;
    return performance.now() >= this.#until;
  }

  /**
   * Hands the thread over and comes back with a new slice.
   * @throws {QueryError} when the query was aborted or its time is over.
   */
  async pause(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.check('expression evaluation');
    this.#until = performance.now() + this.#sliceMs;
  }

  check(where: string): void {
    if (this.#signal.aborted) throw stopReason(this.#signal, where);
  }
}

/** Aborts a query's signal when its time is over, so that the reason can be told from a user's abort. */
export class TimeIsOver extends Error {}

/** What an aborted query answers, in Prometheus' words. */
export function stopReason(signal: AbortSignal, where: string): QueryError {
  return signal.reason instanceof TimeIsOver
    ? new QueryError('timeout', `query timed out in ${where}`)
    : new QueryError('canceled', `query was canceled in ${where}`, { cause: signal.reason });
}
