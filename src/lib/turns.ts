import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds of work in one go. */
const TURN = 5;

/** Cuts long work on the main thread into turns, between which all else goes on. */
export class Turns {
  #since = performance.now();

  /** Ask after each small part of the work; where it says yes, `await pause()`. */
  get due(): boolean {
    return performance.now() - this.#since >= TURN;
  }

  async pause(): Promise<void> {
    await nextTurn();
    this.#since = performance.now();
  }
}
