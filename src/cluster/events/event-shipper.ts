import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Backoff } from '../../lib/time/backoff.ts';
import { type Logger, LogOnce } from '../../lib/logger.ts';
import { sleep } from '../../lib/time/sleep.ts';
import type { ShipLogs, ShipOutcome } from '../../model/log.ts';
import * as metrics from '../metrics.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { eventBatch } from './event-batch.ts';
import type { EventRecord } from './event-record.ts';
import { SeenEvents } from './seen.ts';

/** Records that wait for one destination; with more, the oldest is lost and counted. */
const MAX_WAITING = 50_000;
/** Records that are under way at once. */
const GROUP = 200;
const RETRY = { min: 500, max: 30_000 };
/** Longest wait at the end for what is under way. */
const STOP_TIMEOUT_MS = 5000;

export interface EventShipperOptions {
  readonly destination: { readonly name: string; readonly ship: ShipLogs };
  readonly identity: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly logger: Logger;
}

/**
 * Hands the records of events to one destination, in order. The checkpoint has what the destination has taken, so after a
 * restart the list of the API server brings what is missing. A kill between the two sends some records again, under the same
 * identity: the destination knows them.
 */
export class EventShipper {
  readonly #options: EventShipperOptions;
  readonly #file: string;
  readonly #abort = new AbortController();
  readonly #backoff = new Backoff(RETRY);
  readonly #once = new LogOnce();
  /** What was offered, taken or not. */
  #offered = new SeenEvents();
  /** What the destination has taken. */
  #taken = new SeenEvents();
  #waiting: EventRecord[] = [];
  #stopped = false;
  #wake: () => void = () => {};
  #running: Promise<void> | undefined;

  constructor(options: EventShipperOptions) {
    this.#options = options;
    const id = createHash('sha256').update(options.destination.name).digest('hex').slice(0, 16);
    this.#file = join(options.folder, `events-${id}.json`);
  }

  async start(): Promise<void> {
    const counts = await readCheckpoint(this.#file, this.#options.logger);
    this.#offered = new SeenEvents(counts);
    this.#taken = new SeenEvents(counts);
    this.#running = this.#run();
  }

  /** Gives up what waits: it is shipped after the next start. */
  async stop(): Promise<void> {
    const late = new AbortController();
    void sleep(STOP_TIMEOUT_MS, late.signal).then(() => this.#abort.abort());
    this.#stopped = true;
    this.#wake();
    await this.#running;
    late.abort();
  }

  offer(record: EventRecord): void {
    if (this.#offered.advance(record.uid, record.count) === 0) return;
    this.#waiting.push(record);
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift();
      this.#lost('overflow', 1);
    }
    this.#wake();
  }

  /** Forgets all events but those that the API server has, after it has listed all of them. */
  retain(uids: ReadonlySet<string>): void {
    for (const [uid] of this.#offered.entries()) if (!uids.has(uid)) this.forget(uid);
  }

  /** The event is gone from the API server and will not come again. */
  forget(uid: string): void {
    this.#offered.delete(uid);
    this.#taken.delete(uid);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      if (this.#waiting.length === 0) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const taken = await this.#ship(this.#nextGroup());
      this.#waiting = this.#waiting.filter((record) => !taken.has(record));
      for (const { uid, count } of taken) if (this.#offered.has(uid)) this.#taken.advance(uid, count);
      if (taken.size > 0) await this.#save();
    }
  }

  /** The oldest records, one of each event: the occurrences of an event are shipped in order. */
  #nextGroup(): readonly EventRecord[] {
    const group = new Map<string, EventRecord>();
    for (const record of this.#waiting) {
      if (group.size >= GROUP) break;
      if (!group.has(record.uid)) group.set(record.uid, record);
    }
    return [...group.values()];
  }

  /** Those that the destination has, or has refused for good. */
  async #ship(group: readonly EventRecord[]): Promise<ReadonlySet<EventRecord>> {
    const { destination, identity, logger } = this.#options;
    const taken = new Set<EventRecord>();
    let failure: string | undefined;
    await Promise.all(
      group.map(async (record) => {
        try {
          this.#count(await destination.ship(eventBatch(record, identity), this.#abort.signal));
          taken.add(record);
        } catch (error) {
          failure = String(error);
        }
      }),
    );
    if (failure === undefined) {
      this.#backoff.reset();
      if (this.#once.clear('ship')) logger.info({ destination: destination.name }, 'events are shipped again');
      return taken;
    }
    if (this.#once.fresh('ship', failure))
      logger.warn({ destination: destination.name, error: failure }, 'events wait: they were not shipped');
    await sleep(this.#backoff.next(), this.#abort.signal);
    return taken;
  }

  #count({ stored, duplicates, refused }: ShipOutcome): void {
    metrics.shippedEvents.inc({ destination: this.#options.destination.name }, stored + duplicates);
    for (const [reason, records] of Object.entries(refused)) this.#lost(reason, records);
  }

  #lost(reason: string, records: number): void {
    metrics.lostEvents.inc({ destination: this.#options.destination.name, reason }, records);
  }

  async #save(): Promise<void> {
    const { logger } = this.#options;
    try {
      await writeCheckpoint(this.#file, this.#taken.entries());
      this.#once.clear('save');
    } catch (error) {
      // The price is that some events are sent again after a restart, and the destination knows them.
      if (this.#once.fresh('save', String(error)))
        logger.error({ file: this.#file, error: String(error) }, 'the checkpoint of events was not written');
    }
  }
}
