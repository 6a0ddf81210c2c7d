/** Records of one `ship` call in one bulk body. */
export interface Span {
  readonly ticket: Ticket;
  readonly stream: string;
  /** Items `[from..to)` of the body. */
  readonly from: number;
  to: number;
}

/** What becomes of the records of one `ship` call, which may be spread over several bodies. */
export interface Ticket {
  left: number;
  stored: number;
  duplicates: number;
  readonly refused: Record<string, number>;
  /** Nobody waits any more. */
  settled: boolean;
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

export type Fate = 'stored' | 'duplicate' | { readonly refused: string };

/**
 * A bulk request being built: NDJSON, two lines an item, with the place of each item, so that single items can be sent again.
 *
 *     bytes   {"create":…}\n{"@timestamp":…}\n{"create":…}\n…
 *     starts  0                               1
 */
export class Body {
  bytes: Buffer;
  view: DataView;
  length = 0;
  count = 0;
  starts = new Uint32Array(4096);
  spans: Span[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.view = viewOf(this.bytes);
  }

  clear(): void {
    this.length = 0;
    this.count = 0;
    this.spans = [];
    // One huge record made it grow.
    if (this.bytes.length > this.#capacity) this.#resize(this.#capacity);
  }

  /** Makes room for one item more of at most `size` bytes; false where that item should begin the next body. */
  makeRoom(size: number): boolean {
    if (this.count === this.starts.length) {
      const grown = new Uint32Array(this.starts.length * 2);
      grown.set(this.starts);
      this.starts = grown;
    }
    if (this.length + size <= this.bytes.length) return true;
    if (this.count > 0) return false;
    this.#resize(size);
    return true;
  }

  #resize(size: number): void {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = viewOf(this.bytes);
  }

  /** Item `i`, both lines. */
  item(i: number): Buffer {
    return this.bytes.subarray(this.starts[i], i + 1 < this.count ? this.starts[i + 1] : this.length);
  }

  /** The items of a list, as they are sent; the body's own bytes where it is all of them. */
  select(items: Uint32Array): Buffer {
    if (items.length === this.count) return this.bytes.subarray(0, this.length);
    return Buffer.concat(Array.from(items, (i) => this.item(i)));
  }

  spanOf(i: number): Span {
    let low = 0;
    let high = this.spans.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.spans[middle].to <= i) low = middle + 1;
      else high = middle;
    }
    return this.spans[low];
  }

  settle(i: number, outcome: Fate): void {
    const { ticket } = this.spanOf(i);
    if (outcome === 'stored') ticket.stored++;
    else if (outcome === 'duplicate') ticket.duplicates++;
    else ticket.refused[outcome.refused] = (ticket.refused[outcome.refused] ?? 0) + 1;
    if (--ticket.left === 0) ticket.done();
  }

  /** Nothing more will become of the items that are left. */
  failLeft(error: Error): void {
    for (const { ticket } of this.spans) if (ticket.left > 0) ticket.fail(error);
  }

  /** Every item was stored: the common case, without a look at each. */
  settleAll(): void {
    for (const { ticket, from, to } of this.spans) {
      ticket.stored += to - from;
      ticket.left -= to - from;
      if (ticket.left === 0) ticket.done();
    }
  }
}

export function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
