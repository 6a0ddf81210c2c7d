/** Lines of a container runtime have their time and stream before the message. */
const HEADER_BYTES = 128;

/** A line longer than the read buffer: its first bytes are kept, up to the longest record, the rest is only counted. */
export class LongLine {
  /** Place in the file where the line begins. */
  readonly start: number;
  length = 0;
  dropped = 0;
  /** Whether its end was read. */
  complete = false;
  readonly #limit: number;
  #bytes = Buffer.alloc(0);

  constructor(start: number, maxLineBytes: number) {
    this.start = start;
    this.#limit = maxLineBytes + HEADER_BYTES;
  }

  add(src: Buffer, start: number, end: number): void {
    const fits = Math.min(end - start, this.#limit - this.length);
    if (fits > 0) {
      this.#bytes = Buffer.concat([this.#bytes.subarray(0, this.length), src.subarray(start, start + fits)]);
      this.length += fits;
    }
    this.dropped += end - start - fits;
  }

  /** Writes the line with a line end; returns the index after it. */
  copyTo(target: Buffer, at: number): number {
    this.#bytes.copy(target, at, 0, this.length);
    target[at + this.length] = 10;
    return at + this.length + 1;
  }
}
