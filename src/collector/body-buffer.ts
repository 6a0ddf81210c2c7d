const NEWLINE = 10;
const FIRST_BYTES = 64 * 1024;
/** Buffers that are kept for the next page; scrapes are spread, so few are under way at once. */
const MOST_IDLE = 2;
/** A larger one is let go: one huge page must not stay in memory for good. */
const MOST_KEPT_BYTES = 16 * 1024 * 1024;

/** Memory that grows with a page as it comes in and is used again for the next one, from whichever target. */
export class BodyBuffer {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);

  get size(): number {
    return this.#buffer.length;
  }

  put(chunk: Buffer, offset: number): void {
    this.#makeRoom(offset, offset + chunk.length);
    chunk.copy(this.#buffer, offset);
  }

  bytes(length: number): Buffer {
    return this.#buffer.subarray(0, length);
  }

  /** The page, with a newline at its end where it has none. */
  page(length: number): Buffer {
    if (length > 0 && this.#buffer[length - 1] === NEWLINE) return this.bytes(length);
    this.#makeRoom(length, length + 1);
    this.#buffer[length] = NEWLINE;
    return this.bytes(length + 1);
  }

  #makeRoom(used: number, needed: number): void {
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.ceil(needed * 1.5));
    this.#buffer.copy(larger, 0, 0, used);
    this.#buffer = larger;
  }
}

/** Lends page buffers out. */
export class PageBuffers {
  readonly #idle: BodyBuffer[] = [];

  take(): BodyBuffer {
    return this.#idle.pop() ?? new BodyBuffer();
  }

  give(buffer: BodyBuffer): void {
    if (this.#idle.length < MOST_IDLE && buffer.size <= MOST_KEPT_BYTES) this.#idle.push(buffer);
  }
}
