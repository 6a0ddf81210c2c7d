import { setImmediate as nextTurn } from 'node:timers/promises';

/** Cuts long work on the main thread into turns, between which all else goes on. */
export class TimeSlice {
  readonly #ms: number;
  #since = performance.now();

  /** @param ms of work in one go. */
  constructor(ms = 5) {
    this.#ms = ms;
  }

  /** Ask after each small part of the work; where it says yes, `await pause()`. */
  get due(): boolean {
    return performance.now() - this.#since >= this.#ms;
  }

  async pause(): Promise<void> {
    await nextTurn();
    this.#since = performance.now();
  }

  /** Does the work of a generator that yields after each small part of it. */
  async finish<T>(work: Generator<unknown, T>): Promise<T> {
    for (;;) {
      const { done, value } = work.next();
      if (done === true) return value;
      if (this.due) await this.pause();
    }
  }
}
