import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { DiskQueue, type DroppedEntries, type QueueEntry, type QueueTicket } from '../lib/durable/disk-queue.ts';
import { type Logger, LogOnce } from '../lib/logger.ts';
import type { Service } from '../lib/lifecycle/run-group.ts';
import { sleep } from '../lib/time/sleep.ts';
import type { RemoteWriteConfig } from './config.ts';
import * as metrics from './metrics.ts';
import { type Outcome, Sender } from './send.ts';
import { ShardSender } from './shard-sender.ts';

const CHECKPOINT_EVERY = 1000;
const READ_AGAIN_AFTER = 1000;
/** What a request under way may take when the destination stops. */
const FINISH_WITHIN = 1000;

/** One endpoint with its queue on disk: takes bodies at once, sends those of a shard in order, several shards at a time. */
export class Destination implements Service {
  readonly name: string;
  readonly config: RemoteWriteConfig;
  readonly #folder: string;
  readonly #sender: Sender;
  readonly #shards: ShardSender;
  readonly #drainWithin: number;
  readonly #logger: Logger;
  readonly #once = new LogOnce();
  /** No new request. */
  readonly #stop = new AbortController();
  /** Nor the end of one under way. */
  readonly #cut = new AbortController();
  #queue: DiskQueue | undefined;
  #work: Promise<unknown> = Promise.resolve();

  constructor(config: RemoteWriteConfig, dataDir: string, drainWithin: number, logger: Logger) {
    this.name = nameOf(config);
    this.config = config;
    this.#folder = join(dataDir, 'remote-write', this.name);
    this.#drainWithin = drainWithin;
    this.#logger = logger.child({ destination: this.name });
    // Every shard waits on them.
    setMaxListeners(0, this.#stop.signal, this.#cut.signal);
    this.#sender = new Sender(config, this.name, logger);
    this.#shards = new ShardSender({
      maxSamples: config.queue_config.max_samples_per_send,
      maxRequests: config.queue_config.max_shards,
      send: (tickets, body) => this.#send(tickets, body),
    });
  }

  /** @throws the system's error where the queue's folder cannot be used. */
  async start(): Promise<void> {
    this.#queue = await DiskQueue.open({
      folder: this.#folder,
      maxBytes: this.config.queue_config.max_disk,
      onDropped: (dropped) => this.#countDropped(dropped),
      onNotice: (notice) => this.#logger.warn({ notice }, 'the queue on disk is not as it was left'),
    });
    this.#work = Promise.all([this.#sendAll(this.#queue), this.#checkpointAll(this.#queue)]);
  }

  /** Resolves true when all bodies are in the queue on disk; false where the disk took none of them, which is counted and logged. */
  async append(entries: readonly QueueEntry[]): Promise<boolean> {
    try {
      if (this.#queue === undefined) throw new Error('not started');
      await this.#queue.append(entries);
      if (this.#once.clear('append')) this.#logger.info('the queue on disk takes samples again');
      return true;
    } catch (error) {
      const samples = entries.reduce((sum, { items }) => sum + items, 0);
      metrics.samplesDropped.inc({ destination: this.name, reason: 'not_queued' }, samples);
      const { message } = error as Error;
      if (this.#once.fresh('append', message))
        this.#logger.error({ error: message }, 'samples cannot be queued on disk; they are dropped and counted');
      return false;
    } finally {
      metrics.pendingBytes.set({ destination: this.name }, this.pendingBytes);
    }
  }

  get pendingBytes(): number {
    return this.#queue?.pendingBytes ?? 0;
  }

  /** Sends what it can within a few seconds; the rest stays on disk for the next start. */
  async stop(drainWithin = this.#drainWithin): Promise<void> {
    const deadline = new AbortController();
    await Promise.race([this.#drained(), sleep(drainWithin, deadline.signal)]);
    deadline.abort();
    this.#stop.abort();
    // A request that is cut off may have been stored: it would be sent again, and refused as out of order.
    const grace = new AbortController();
    await Promise.race([this.#work, sleep(FINISH_WITHIN, grace.signal)]);
    grace.abort();
    this.#cut.abort();
    await this.#work;
    try {
      await this.#queue?.close();
    } catch (error) {
      this.#logger.warn({ error: (error as Error).message }, 'the queue on disk was not closed in order');
    }
    this.#sender.close();
  }

  async #drained(): Promise<void> {
    while (this.#queue?.drained === false && (await sleep(20, this.#stop.signal)));
  }

  async #sendAll(queue: DiskQueue): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const ticket = await this.#next(queue);
      if (ticket === undefined) await queue.waitForAppend(signal);
      else if (ticket !== 'unreadable') await this.#shards.add(ticket, signal);
    }
    await this.#shards.idle();
  }

  async #next(queue: DiskQueue): Promise<QueueTicket | undefined | 'unreadable'> {
    try {
      const ticket = await queue.next();
      this.#once.clear('read');
      return ticket;
    } catch (error) {
      const { message } = error as Error;
      if (this.#once.fresh('read', message)) this.#logger.error({ error: message }, 'cannot read the queue on disk');
      await sleep(READ_AGAIN_AFTER, this.#stop.signal);
      return 'unreadable';
    }
  }

  async #send(tickets: readonly QueueTicket[], body: Buffer): Promise<void> {
    const samples = tickets.reduce((sum, { items }) => sum + items, 0);
    const outcome = await this.#outcomeOf(body, samples);
    if (outcome === 'stopped') return;
    for (const ticket of tickets) this.#queue?.done(ticket);
    const destination = this.name;
    metrics.samplesDropped.inc({ destination, reason: 'rejected' }, outcome.rejected);
    if (outcome.accepted === 0 && samples > 0) return;
    metrics.samplesSent.inc({ destination }, outcome.accepted);
    metrics.bytesSent.inc({ destination }, body.length);
    metrics.lastSuccess.setToCurrentTime({ destination });
  }

  async #outcomeOf(body: Buffer, samples: number): Promise<Outcome | 'stopped'> {
    try {
      return await this.#sender.send(body, samples, { stop: this.#stop.signal, cut: this.#cut.signal });
    } catch (error) {
      this.#logger.error({ err: error }, 'BUG: a body of the queue cannot be sent; it is dropped and counted');
      return { accepted: 0, rejected: samples };
    }
  }

  #countDropped({ entries, items, reason, file }: DroppedEntries): void {
    metrics.samplesDropped.inc({ destination: this.name, reason }, items);
    // A queue that stays full drops at every append.
    if (!this.#once.fresh(reason, reason === 'damaged' ? file : reason)) return;
    this.#logger.warn(
      { file, bodies: entries, samples: items, reason },
      reason === 'queue_full'
        ? 'the queue on disk is full: the oldest samples are dropped and counted, until the destination takes more'
        : 'the queue on disk is damaged: samples are lost and counted',
    );
  }

  async #checkpointAll(queue: DiskQueue): Promise<void> {
    while (await sleep(CHECKPOINT_EVERY, this.#stop.signal)) {
      try {
        await queue.checkpoint();
        this.#once.clear('checkpoint');
      } catch (error) {
        const { message } = error as Error;
        // Harmless but for repeats after a kill: the receiver takes the same sample twice.
        if (this.#once.fresh('checkpoint', message))
          this.#logger.warn({ error: message }, 'cannot write down how far the queue was sent');
      }
      if (queue.pendingBytes < this.config.queue_config.max_disk / 2) this.#once.clear('queue_full');
      metrics.pendingBytes.set({ destination: this.name }, queue.pendingBytes);
    }
  }
}

/** As configured, or host and path of the URL in a form that can name a folder; never its credentials or its query. */
export function nameOf({ name, url }: RemoteWriteConfig): string {
  const { host, pathname } = new URL(url);
  return name ?? `${host}${pathname}`.replaceAll(/[^A-Za-z0-9.-]+/g, '_').replace(/_$/, '');
}
