import { join } from 'node:path';
import { DiskQueue, type QueueEntry, type QueueTicket } from '../lib/disk-queue.ts';
import { type Logger, LogOnce } from '../lib/logger.ts';
import type { Service } from '../lib/run-group.ts';
import { sleep } from '../lib/sleep.ts';
import type { RemoteWriteConfig } from './config.ts';
import { ODD_LANE } from './encode.ts';
import * as metrics from './metrics.ts';
import { Sender } from './send.ts';

const CHECKPOINT_EVERY = 1000;

/** One endpoint with its queue on disk: takes bodies at once, sends them in order within a lane, several lanes at a time. */
export class Destination implements Service {
  readonly name: string;
  readonly #config: RemoteWriteConfig;
  readonly #folder: string;
  readonly #sender: Sender;
  readonly #drainWithin: number;
  readonly #logger: Logger;
  readonly #once = new LogOnce();
  readonly #stop = new AbortController();
  readonly #busy = new Map<number, Promise<void>>();
  /** Whether the body sent last is one that all others wait for. */
  #alone = false;
  #queue: DiskQueue | undefined;
  #work: Promise<unknown> = Promise.resolve();

  constructor(config: RemoteWriteConfig, dataDir: string, drainWithin: number, logger: Logger) {
    this.name = config.name ?? nameOf(config.url);
    this.#config = config;
    this.#folder = join(dataDir, 'remote-write', this.name);
    this.#drainWithin = drainWithin;
    this.#logger = logger;
    this.#sender = new Sender(config, this.name, logger);
  }

  async start(): Promise<void> {
    this.#queue = await DiskQueue.open({
      folder: this.#folder,
      maxBytes: this.#config.queue_config.max_disk,
      onDropped: (entries, items, reason) => {
        metrics.samplesDropped.inc({ destination: this.name, reason }, items);
        this.#logger.warn(
          { destination: this.name, entries, samples: items, reason },
          'dropped samples that waited for the destination',
        );
      },
    });
    this.#work = Promise.all([this.#send(this.#queue), this.#checkpoint(this.#queue)]);
  }

  /** Resolves when the body is in the queue on disk. */
  async append(entry: QueueEntry): Promise<void> {
    await this.#queue?.append(entry);
    metrics.pendingBytes.set({ destination: this.name }, this.pendingBytes);
  }

  get pendingBytes(): number {
    return this.#queue?.pendingBytes ?? 0;
  }

  /** Sends what it can within a few seconds; the rest stays on disk for the next start. */
  async stop(): Promise<void> {
    const deadline = new AbortController();
    await Promise.race([this.#drained(), sleep(this.#drainWithin, deadline.signal)]);
    deadline.abort();
    this.#stop.abort();
    await this.#work;
    await this.#queue?.close();
    this.#sender.close();
  }

  async #drained(): Promise<void> {
    while (this.pendingBytes > 0 && (await sleep(20, this.#stop.signal)));
  }

  async #send(queue: DiskQueue): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const ticket = await queue.next();
      if (ticket === undefined) {
        await queue.waitForAppend(signal);
        continue;
      }
      await this.#turnOf(ticket);
      while (this.#busy.size >= this.#config.queue_config.max_shards) await Promise.race(this.#busy.values());
      if (signal.aborted) break;
      const sending = this.#sendOne(queue, ticket, signal).finally(() => this.#busy.delete(ticket.lane));
      this.#busy.set(ticket.lane, sending);
    }
    await Promise.all(this.#busy.values());
  }

  /**
   * Order within a lane: the receiver refuses a series' older sample behind its newer one. A body whose series may also be in
   * other lanes waits for all, and all wait for it.
   */
  async #turnOf({ lane, inherited }: QueueTicket): Promise<void> {
    const alone = inherited || lane === ODD_LANE;
    if (alone || this.#alone) await Promise.all(this.#busy.values());
    else await this.#busy.get(lane);
    this.#alone = alone;
  }

  async #sendOne(queue: DiskQueue, ticket: QueueTicket, signal: AbortSignal): Promise<void> {
    const destination = this.name;
    const result = await this.#sender.send(ticket.payload, signal);
    if (result === 'stopped') return;
    queue.done(ticket);
    if (result === 'rejected') {
      metrics.samplesDropped.inc({ destination, reason: 'rejected' }, ticket.items);
      return;
    }
    metrics.samplesSent.inc({ destination }, ticket.items);
    metrics.bytesSent.inc({ destination }, ticket.payload.length);
    metrics.lastSuccess.setToCurrentTime({ destination });
  }

  async #checkpoint(queue: DiskQueue): Promise<void> {
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
      metrics.pendingBytes.set({ destination: this.name }, queue.pendingBytes);
    }
  }
}

/** Host and path of the URL in a form that can name a folder; never its credentials. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`.replaceAll(/[^A-Za-z0-9.-]+/g, '_').replace(/_$/, '');
}
