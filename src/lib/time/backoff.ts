export interface BackoffOptions {
  /** Milliseconds before the first retry. */
  readonly min: number;
  readonly max: number;
  /** 0…1; taken from the caller so that tests can hold it. */
  readonly random?: () => number;
}

/** Waiting times that double from `min` to `max`, each shortened by up to half so that many waiters spread out. */
export class Backoff {
  readonly #options: BackoffOptions;
  #tries = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Milliseconds to wait before the next try. */
  next(): number {
    const { min, max, random = Math.random } = this.#options;
    const full = Math.min(max, min * 2 ** Math.min(this.#tries++, 30));
    return Math.round(full * (0.5 + random() / 2));
  }

  reset(): void {
    this.#tries = 0;
  }
}
