/**
 * A request's time limit and its caller's signal in one. `AbortSignal.any` would do, but on Node 20 each call leaves something
 * behind on a signal that lives as long as the process.
 */
export class TimeLimit {
  /** Whether the time ran out, and not the caller's signal. */
  passed = false;
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.#controller.abort();

  constructor(timeout: number, caller: AbortSignal | undefined) {
    this.#caller = caller;
    this.#timer = setTimeout(() => {
      this.passed = true;
      this.#controller.abort();
    }, timeout);
    if (caller?.aborted) this.#controller.abort();
    else caller?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#onAbort);
  }
}
