/** Counts who reads a file, so that it can be taken away only when nobody does. */
export class Lease {
  #readers = 0;
  #waiting: (() => void)[] = [];
  #closed: Promise<void> | undefined;
  #reopen: (() => void) | undefined;

  /** Runs `use` while the file is surely there; waits first while the file is being changed. */
  async hold<T>(use: () => Promise<T>): Promise<T> {
    while (this.#closed !== undefined) await this.#closed;
    this.#readers++;
    try {
      return await use();
    } finally {
      this.#readers--;
      if (this.#readers === 0) this.#waiting.splice(0).forEach((wake) => wake());
    }
  }

  /** Runs `change` when all who read now are done; new readers wait for its end. */
  async exclusive<T>(change: () => Promise<T>): Promise<T> {
    while (this.#closed !== undefined) await this.#closed;
    this.#closed = new Promise((resolve) => (this.#reopen = resolve));
    try {
      if (this.#readers > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      return await change();
    } finally {
      this.#closed = undefined;
      this.#reopen?.();
    }
  }
}
