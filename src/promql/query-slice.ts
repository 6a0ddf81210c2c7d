import { QueryError } from './errors.ts';

/** Units of work (about a sample each) between two looks at the clock. */
const UNITS_BETWEEN_LOOKS = 8192;

/** Steps of a row that are worked on in one go. */
const BLOCK = 16_384;

/** Samples of a window that are worked on in one go: two milliseconds at most. */
export const PIECE = 65_536;

/** What an operation on histograms is thought to cost. */
export const UNITS_OF_HISTOGRAM = 64;

/** Work that can be left and taken up again: yields the units that it spent, in the end what came of it. */
export type Work<T> = Generator<number, T, undefined>;

/** Items that are sorted in one go: about a millisecond. */
const SORTED_AT_ONCE = 1024;

/**
 * Lets a long evaluation share the event loop: whoever loops calls `spent(units)` and, when it says so, awaits `pause()`.
 *
 * Everything else on the thread waits at most about one slice, and an abort or a time-out is seen at the next pause.
 */
export class QuerySlice {
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

  /** Does the work, with pauses in between. */
  async finish<T>(work: Work<T>): Promise<T> {
    for (;;) {
      const { done, value } = work.next();
      if (done === true) return value;
      if (this.spent(value)) await this.pause();
    }
  }

  /** Visits `0 … count-1`, about `units` of work each, with pauses in between. */
  async each(count: number, units: number, visit: (i: number) => void): Promise<void> {
    for (let i = 0; i < count; i++) {
      visit(i);
      if (this.spent(units)) await this.pause();
    }
  }

  /** Visits the cells of each row in blocks, so that a row of millions of steps does not hold the thread either. */
  async blocks(rows: number, steps: number, visit: (row: number, from: number, to: number) => void): Promise<void> {
    for (let row = 0; row < rows; row++) {
      for (let from = 0; from < steps; from += BLOCK) {
        const to = Math.min(from + BLOCK, steps);
        visit(row, from, to);
        if (this.spent(to - from)) await this.pause();
      }
    }
  }

  /** A number for each step. */
  async numbers(steps: number, make: (k: number) => number): Promise<Float64Array> {
    const numbers = new Float64Array(steps);
    await this.blocks(1, steps, (_, from, to) => {
      for (let k = from; k < to; k++) numbers[k] = make(k);
    });
    return numbers;
  }

  /** What `make` gives for `0 … count-1`. */
  async map<T>(count: number, units: number, make: (i: number) => T): Promise<T[]> {
    const made: T[] = [];
    await this.each(count, units, (i) => made.push(make(i)));
    return made;
  }

  /** Sorts in place, in runs that are merged then, so that no step takes long. Stable. */
  async sort<T>(items: T[], compare: (a: T, b: T) => number): Promise<void> {
    for (let from = 0; from < items.length; from += SORTED_AT_ONCE) {
      const run = items.slice(from, from + SORTED_AT_ONCE).sort(compare);
      for (let i = 0; i < run.length; i++) items[from + i] = run[i];
      if (this.spent(SORTED_AT_ONCE * 8)) await this.pause();
    }
    for (let width = SORTED_AT_ONCE; width < items.length; width *= 2) {
      for (let from = 0; from + width < items.length; from += 2 * width) {
        await this.#merge(items, from, from + width, Math.min(from + 2 * width, items.length), compare);
      }
    }
  }

  async #merge<T>(
    items: T[],
    from: number,
    middle: number,
    end: number,
    compare: (a: T, b: T) => number,
  ): Promise<void> {
    if (compare(items[middle - 1], items[middle]) <= 0) return;
    const left = items.slice(from, middle);
    let i = 0;
    let j = middle;
    for (let at = from; i < left.length; at++) {
      items[at] = j < end && compare(items[j], left[i]) < 0 ? items[j++] : left[i++];
      if (this.spent(8)) await this.pause();
    }
  }

  check(where: string): void {
    if (this.#signal.aborted) throw stopReason(this.#signal, where);
  }
}

/** Does the work in one go. */
export function finishNow<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
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
