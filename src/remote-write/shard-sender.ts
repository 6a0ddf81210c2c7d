import type { QueueTicket } from '../lib/durable/disk-queue.ts';
import { mergeBodies, unpackedLength } from './body.ts';
import { decodeTag } from './shards.ts';

/** Entries of one shard that may wait in memory for their turn. */
const MAX_WAITING = 256;
/** Bytes of a merged body when it is unpacked: receivers take 32 MiB, some proxies before them less. */
const MAX_UNPACKED = 4 << 20;

export interface ShardSenderOptions {
  /** Samples of one request, unless one entry has more. */
  readonly maxSamples: number;
  /** Requests under way at once. */
  readonly maxRequests: number;
  /** Sends entries as one body. Resolves when they are accepted or dropped for good, or when all is to stop. Never rejects. */
  readonly send: (tickets: readonly QueueTicket[], body: Buffer) => Promise<void>;
}

interface ShardState {
  waiting: QueueTicket[];
  samples: number;
  work: Promise<void> | undefined;
}

/**
 * Sends the entries of a queue: of one shard one body at a time and in their order, several shards at once. While a body is under
 * way, those that come for its shard are put together.
 *
 * Invariant: two bodies that hold the same series are never under way together. Where the number of shards changed (another
 * configuration before a restart or a reload), the bodies of the old division are finished before the first of the new one.
 */
export class ShardSender {
  readonly #options: ShardSenderOptions;
  readonly #shards = new Map<number, ShardState>();
  /** Number of shards of the entries that wait or are under way. */
  #division = 0;
  #requests = 0;
  #wakers: (() => void)[] = [];

  constructor(options: ShardSenderOptions) {
    this.#options = options;
  }

  /** Resolves when there is room for the next entry; the entry is sent in the background. */
  async add(ticket: QueueTicket, signal: AbortSignal): Promise<void> {
    const { number, of } = decodeTag(ticket.tag);
    if (of !== this.#division) {
      await this.idle();
      this.#division = of;
    }
    const shard = this.#shards.get(number) ?? { waiting: [], samples: 0, work: undefined };
    this.#shards.set(number, shard);
    while (this.#isFull(shard, ticket) && !signal.aborted) await this.#change();
    shard.waiting.push(ticket);
    shard.samples += ticket.items;
    shard.work ??= this.#sendAll(shard, signal);
  }

  /** Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    for (const { work } of this.#shards.values()) await work;
  }

  #isFull({ waiting, samples }: ShardState, next: QueueTicket): boolean {
    return waiting.length > 0 && (waiting.length >= MAX_WAITING || samples + next.items > this.#options.maxSamples);
  }

  async #sendAll(shard: ShardState, signal: AbortSignal): Promise<void> {
    // Where many entries are at hand, all of them are there before the first is sent.
    await Promise.resolve();
    while (shard.waiting.length > 0 && !signal.aborted) {
      while (this.#requests >= this.#options.maxRequests) await this.#change();
      const tickets = takeBody(shard, this.#options.maxSamples);
      this.#requests++;
      this.#wake();
      await this.#options.send(tickets, mergeBodies(tickets.map(({ payload }) => payload)));
      this.#requests--;
      this.#wake();
    }
    shard.work = undefined;
  }

  /** Resolves when a request has begun or ended. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#wakers.splice(0)) wake();
  }
}

/** The entries that make up the next body: at least one. */
function takeBody(shard: ShardState, maxSamples: number): QueueTicket[] {
  let samples = 0;
  let bytes = 0;
  let count = 0;
  for (const { items, payload, tag } of shard.waiting) {
    const { single } = decodeTag(tag);
    samples += items;
    bytes += unpackedLength(payload);
    if (count > 0 && (single || samples > maxSamples || bytes > MAX_UNPACKED)) break;
    count++;
    if (single) break;
  }
  const tickets = shard.waiting.splice(0, count);
  for (const { items } of tickets) shard.samples -= items;
  return tickets;
}
