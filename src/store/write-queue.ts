import { TimeSlice } from '../lib/time/time-slice.ts';

/** Milliseconds of work before others get the event loop. */
const TURN = 10;

/** Work that yields where something else may have the event loop, but no other work of the queue. */
export type Work<T> = Generator<undefined, T>;

/**
 * Runs writes and reads one after another, in the order they were handed in: at once as long as this turn of the event
 * loop had little of it, else in slices. So a read finds whole batches only, and all that were handed in before it.
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

  /** Returns what the work returns, or a promise of it where it has to wait or takes longer than a turn. */
  run<T>(work: Work<T>): T | Promise<T> {
    if (this.#waiting > 0 || this.#spent > TURN) return this.#inTurn(work);
    if (this.#spent === 0) setImmediate(() => (this.#spent = 0));
    const begun = performance.now() - this.#spent;
    do {
      const step = work.next();
      this.#spent = performance.now() - begun;
      if (step.done === true) return step.value;
    } while (this.#spent <= TURN);
    return this.#inTurn(work);
  }

  async #inTurn<T>(work: Work<T>): Promise<T> {
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

/** Short work as one step. */
// eslint-disable-next-line require-yield -- one step needs none
export function* inOneStep<T>(work: () => T): Work<T> {
  return work();
}
