import { type Clock, systemClock } from './time/clock.ts';

/** Gives back what was taken; a second call does nothing. */
export type Release = () => void;

interface Waiting {
  readonly bytes: number;
  readonly enter: (release: Release) => void;
}

/** Bounds the bytes that are under way at one time. What does not fit waits in a line, the first first. */
export class ByteBudget {
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #line: Waiting[] = [];
  #taken = 0;

  constructor(limit: number, clock: Clock = systemClock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Bytes that are taken now. */
  get taken(): number {
    return this.#taken;
  }

  /** Returns undefined where the bytes do not fit now. More than the whole budget fits when nothing else is taken. */
  tryTake(bytes: number): Release | undefined {
    return this.#line.length === 0 && this.#fits(bytes) ? this.#take(bytes) : undefined;
  }

  /** Waits until the bytes fit; returns undefined when they have not after `waitMs`. */
  async take(bytes: number, waitMs: number): Promise<Release | undefined> {
    const now = this.tryTake(bytes);
    if (now !== undefined) return now;
    return new Promise((resolve) => {
      const waiting: Waiting = {
        bytes,
        enter: (release) => {
          stopTimer();
          resolve(release);
        },
      };
      const stopTimer = this.#clock.after(waitMs, () => {
        this.#line.splice(this.#line.indexOf(waiting), 1);
        resolve(undefined);
        // It may have been all that kept smaller ones waiting.
        this.#admit();
      });
      this.#line.push(waiting);
    });
  }

  #fits(bytes: number): boolean {
    return this.#taken === 0 || this.#taken + bytes <= this.#limit;
  }

  #take(bytes: number): Release {
    this.#taken += bytes;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#taken -= bytes;
      this.#admit();
    };
  }

  #admit(): void {
    while (this.#line.length > 0 && this.#fits(this.#line[0].bytes)) {
      const next = this.#line.shift();
      next?.enter(this.#take(next.bytes));
    }
  }
}
