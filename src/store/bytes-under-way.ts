import { StoreError } from './errors.ts';
import { writesRefused } from './metrics.ts';

/** Bounds the bytes that writers have handed over and that are not on disk yet. */
export class BytesUnderWay {
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Runs `write` while its bytes are counted. One write alone may be larger than the bound.
   * @throws {StoreError} `busy` where there is no room for it.
   */
  async during<T>(bytes: number, write: () => Promise<T>): Promise<T> {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#most) {
      writesRefused.inc({ reason: 'busy' });
      throw new StoreError('busy', `the store has ${this.#bytes} bytes to write already: send it again later`);
    }
    this.#bytes += bytes;
    try {
      return await write();
    } finally {
      this.#bytes -= bytes;
    }
  }
}
