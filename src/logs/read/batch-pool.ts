import { Batch } from './batch.ts';

const SMALLEST = 16 * 1024;

/**
 * Hands out batches as long as their buffers stay within a budget; then callers wait, first come, first served.
 * A quiet file takes a small buffer, so that hundreds of them may wait for the other side at once. For the next taker one of
 * each size is kept, and all of the largest, which a backlog goes through.
 */
export class BatchPool {
  readonly #largest: number;
  readonly #budget: number;
  /** By bytes of lines. */
  readonly #free = new Map<number, Batch[]>();
  readonly #waiting: { size: number; go: () => void }[] = [];
  #used = 0;

  readonly #inFlight: { set(bytes: number): void };

  /** @param inFlight receives the number of bytes in use. */
  constructor(largest: number, budget: number, inFlight: { set(bytes: number): void } = { set() {} }) {
    this.#inFlight = inFlight;
    this.#largest = largest;
    this.#budget = budget;
  }

  /** A batch that takes up to `unread` bytes of lines (or the largest there is) and `joined` bytes of joined messages. */
  async take(unread: number, joined: number): Promise<Batch> {
    let lineBytes = SMALLEST;
    while (lineBytes < unread && lineBytes < this.#largest) lineBytes *= 2;
    lineBytes = Math.min(lineBytes, this.#largest);
    const usual = usualJoinBytes(lineBytes);
    const size = lineBytes + Math.max(usual, joined);
    if (this.#waiting.length === 0 && this.#fits(size)) this.#count(size);
    else await new Promise<void>((go) => this.#waiting.push({ size, go }));
    const reusable = joined <= usual ? this.#free.get(lineBytes)?.pop() : undefined;
    return reusable ?? new Batch(lineBytes, Math.max(usual, joined));
  }

  put(batch: Batch): void {
    const joinBytes = batch.bytes.length - batch.lineBytes - 1;
    this.#count(-(batch.lineBytes + joinBytes));
    if (joinBytes === usualJoinBytes(batch.lineBytes)) this.#keep(batch);
    for (let first = this.#waiting[0]; first !== undefined && this.#fits(first.size); first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#count(first.size);
      first.go();
    }
  }

  #keep(batch: Batch): void {
    const free = this.#free.get(batch.lineBytes);
    if (free === undefined) this.#free.set(batch.lineBytes, [batch]);
    else if (free.length === 0 || batch.lineBytes === this.#largest) free.push(batch);
  }

  /** A single batch is let through even where it alone is over the budget. */
  #fits(size: number): boolean {
    return this.#used === 0 || this.#used + size <= this.#budget;
  }

  #count(size: number): void {
    this.#used += size;
    this.#inFlight.set(this.#used);
  }
}

function usualJoinBytes(lineBytes: number): number {
  return Math.max(4096, lineBytes >> 3);
}
