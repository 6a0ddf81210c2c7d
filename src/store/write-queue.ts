import { TimeSlice } from '../lib/time-slice.ts';

/** Milliseconds of work before others get a turn. */
const TURN = 10;

/**
 * Does pieces of work in the order they were handed in: at once as long as this turn of the event loop had little of it,
 * else in slices between which others get a turn.
 */
export class WriteQueue {
  #spent = 0;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  readonly #slice = new TimeSlice(TURN);

  /** All that was handed in is done. */
  get idle(): boolean {
    return this.#waiting === 0;
  }

  /** Resolves when all that was handed in so far is done; undefined where it is. Never rejects. */
  done(): Promise<void> | undefined {
    return this.#waiting === 0 ? undefined : this.#last;
  }

  /** Runs a generator that yields now and then. `short` work is done before this returns, unless there was too much of it. */
  run<T>(work: Generator<undefined, T>, short: boolean): T | Promise<T> {
    if (!short || this.#waiting > 0 || this.#spent > TURN) return this.#inTurn(work);
    const begun = performance.now();
    if (this.#spent === 0) setImmediate(() => (this.#spent = 0));
    for (;;) {
      const { done, value } = work.next();
      if (done !== true) continue;
      this.#spent += performance.now() - begun;
      return value;
    }
  }

  async #inTurn<T>(work: Generator<undefined, T>): Promise<T> {
    const before = this.#last;
    let done: () => void = () => undefined;
    this.#last = new Promise((resolve) => (done = resolve));
    this.#waiting++;
    await before;
    try {
      for (;;) {
        if (this.#slice.due) await this.#slice.pause();
        const step = work.next();
        if (step.done === true) return step.value;
      }
    } finally {
      this.#waiting--;
      done();
    }
  }
}
