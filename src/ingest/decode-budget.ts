import { DecodeError } from '../lib/http/decode-error.ts';

/**
 * Bounds what one body is decoded to. Two bytes of protobuf may stand for an object of a hundred, so bytes alone do not
 * bound the memory that a body takes.
 */
export class DecodeBudget {
  readonly #limit: number;
  #spent = 0;

  /** @param limit in units of about 100 bytes of memory. */
  constructor(limit = 4_000_000) {
    this.#limit = limit;
  }

  /** @throws {DecodeError} 413 when the body holds more than the limit. */
  spend(units: number): void {
    this.#spent += units;
    if (this.#spent > this.#limit)
      throw new DecodeError(413, `the body holds more than ${this.#limit} parts; send less at a time`);
  }
}
