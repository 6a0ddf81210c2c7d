import { Backoff } from '../../lib/backoff.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { LogOnce } from '../../lib/logger.ts';
import type { Delivery, Notification } from '../../model/alert.ts';
import { Journal } from './journal.ts';
import { notificationAttempts, notifications as ended, outboxDropped, outboxWaiting } from '../metrics.ts';
import { type OutboxRecord, load, save } from './record.ts';
import type { DedupEntry } from '../dispatch/dedup.ts';

/** What a try to deliver came to. `retry` says whether another can help. */
export type Attempt =
  | { readonly ok: true; readonly receipt: string }
  | { readonly ok: false; readonly retry: boolean; readonly error: string };

/** Hands a notification to one integration of its receiver. Never rejects. */
export type Deliver = (notification: Notification, integration: string, signal: AbortSignal) => Promise<Attempt>;

export interface OutboxOptions {
  readonly path: string;
  readonly deliver: Deliver;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Deliveries waiting at once; the oldest gives way and is counted. */
  readonly maxWaiting: number;
  /** Milliseconds after which a delivery is given up. */
  readonly giveUpAfter: number;
  /** Ended deliveries kept for the console. */
  readonly history: number;
  /** Milliseconds that `told` entries are kept after they were written. */
  readonly dedupRetention: number;
  /** Bytes of the file past which it is written anew. */
  readonly compactAt?: number;
  readonly onEnd?: (notification: Notification, delivery: Delivery) => void;
}

interface Entry {
  readonly notification: Notification;
  readonly integration: string;
  delivery: Delivery;
  /** A try is under way. */
  trying: boolean;
}

const SUPERSEDED = 'a newer notification of the group took its place';

const COMPACT_AT = 4 * 1024 * 1024;
const RETRY = { min: 1_000, max: 300_000 };

/**
 * Deliveries on disk: each is written before it is tried and its end is written before it is forgotten, so that it is made
 * at least once and not again after a restart. What is left of doubt is the moment between the other side's yes and the line
 * on the disk: a process that dies right there sends again.
 *
 * The same line that queues a delivery says what its receiver has now been told about the group (`dedup`), so that the two
 * cannot part. A newer notification of a group takes the place of one that still waits at the same integration.
 */
export class Outbox {
  readonly name = 'outbox';
  readonly #options: OutboxOptions;
  readonly #clock: Clock;
  readonly #journal: Journal<OutboxRecord>;
  readonly #told = new Map<string, DedupEntry>();
  readonly #once = new LogOnce();
  readonly #abort = new AbortController();
  /** By lane, which is one integration and group: what waits there. */
  readonly #waiting = new Map<string, Entry>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #wakes = new Map<string, () => void>();
  #ended: Entry[] = [];
  #compactAt: number;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#compactAt = options.compactAt ?? COMPACT_AT;
    this.#journal = new Journal(options.path);
  }

  /** Reads what was left and goes on with it. */
  async start(): Promise<void> {
    const { records, damaged } = await this.#journal.open();
    if (damaged > 0)
      this.#options.logger.warn({ path: this.#options.path, damaged }, 'lines of the outbox could not be read');
    for (const record of records) this.#replay(record);
    for (const lane of this.#waiting.keys()) this.#run(lane);
    this.#count();
  }

  /** Ends tries under way; what was not delivered stays on the disk. */
  async stop(): Promise<void> {
    this.#abort.abort();
    for (const cancel of this.#wakes.values()) cancel();
    this.#wakes.clear();
    await Promise.all(this.#busy.values());
    await this.#journal.close();
  }

  /** What an integration was last told about a group. */
  told(integration: string, groupKey: string): DedupEntry | undefined {
    return this.#told.get(laneOf(integration, groupKey));
  }

  /** Notes that a receiver needs to hear nothing although the group changed. */
  async note(integration: string, groupKey: string, dedup: DedupEntry): Promise<void> {
    const key = laneOf(integration, groupKey);
    this.#told.set(key, dedup);
    await this.#append({ type: 'told', key, dedup });
  }

  /** Resolves when the delivery is safe on the disk; it is then tried until it ends. */
  async queue(notification: Notification, integration: string, dedup: DedupEntry): Promise<void> {
    await this.#append({ type: 'queued', notification: save(notification), integration, dedup });
    const lane = laneOf(integration, notification.groupKey);
    const older = this.#waiting.get(lane);
    if (older !== undefined && !older.trying) await this.#end(older, 'failed', SUPERSEDED);
    this.#enter(notification, integration, dedup);
    await this.#makeRoom();
    this.#count();
    this.#wakes.get(lane)?.();
    this.#run(lane);
  }

  /** Waiting ones first, then the ended from new to old. */
  deliveries(): Delivery[] {
    return [...this.#entries()].map((entry) => entry.delivery);
  }

  notifications(): Notification[] {
    const byId = new Map([...this.#entries()].map(({ notification }) => [notification.id, notification]));
    return [...byId.values()].sort((a, b) => b.createdAt - a.createdAt);
  }

  *#entries(): Iterable<Entry> {
    yield* this.#waiting.values();
    yield* this.#ended.toReversed();
  }

  #enter(notification: Notification, integration: string, dedup: DedupEntry): void {
    const lane = laneOf(integration, notification.groupKey);
    this.#told.set(lane, dedup);
    this.#waiting.delete(lane);
    this.#waiting.set(lane, { notification, integration, delivery: {
      notification: notification.id, receiver: notification.receiver, integration, state: 'waiting', attempts: 0,
      lastError: '', createdAt: notification.createdAt, sentAt: 0, receipt: '',
    }, trying: false }); // prettier-ignore
  }

  #replay(record: OutboxRecord): void {
    if (record.type === 'told') return void this.#told.set(record.key, record.dedup);
    if (record.type === 'queued') return this.#enter(load(record.notification), record.integration, record.dedup);
    for (const [lane, entry] of this.#waiting) {
      if (entry.notification.id !== record.delivery.notification || entry.integration !== record.delivery.integration)
        continue;
      this.#waiting.delete(lane);
      this.#keep({ ...entry, delivery: record.delivery });
    }
  }

  #keep(entry: Entry): void {
    this.#ended.push(entry);
    if (this.#ended.length > this.#options.history) this.#ended.splice(0, this.#ended.length - this.#options.history);
  }

  async #makeRoom(): Promise<void> {
    while (this.#waiting.size > this.#options.maxWaiting) {
      const [, oldest] = this.#waiting.entries().next().value as [string, Entry];
      outboxDropped.inc();
      await this.#end(oldest, 'failed', `more than ${this.#options.maxWaiting} deliveries are waiting`);
    }
  }

  /** Works a lane until nothing waits there; one delivery at a time, so that a group's news keep their order. */
  #run(lane: string): void {
    if (this.#busy.has(lane) || this.#abort.signal.aborted) return;
    const work = this.#work(lane).finally(() => {
      this.#busy.delete(lane);
      if (this.#waiting.has(lane)) this.#run(lane);
    });
    this.#busy.set(lane, work);
  }

  async #work(lane: string): Promise<void> {
    const backoff = new Backoff(RETRY);
    let current: Entry | undefined;
    for (;;) {
      const entry = this.#waiting.get(lane);
      if (entry === undefined || this.#abort.signal.aborted) return;
      if (entry !== current) backoff.reset();
      current = entry;
      entry.trying = true;
      const attempt = await this.#options.deliver(entry.notification, entry.integration, this.#abort.signal);
      entry.trying = false;
      if (this.#abort.signal.aborted && !attempt.ok) return;
      await this.#settle(entry, attempt, this.#waiting.get(lane) !== entry);
      if (this.#waiting.get(lane) === entry) await this.#pause(lane, backoff.next());
    }
  }

  async #settle(entry: Entry, attempt: Attempt, superseded: boolean): Promise<void> {
    entry.delivery = { ...entry.delivery, attempts: entry.delivery.attempts + 1 };
    if (attempt.ok) {
      this.#once.clear(entry.integration);
      return this.#end(entry, 'sent', '', attempt.receipt);
    }
    entry.delivery = { ...entry.delivery, lastError: attempt.error };
    notificationAttempts.inc({ integration: kindOf(entry.integration) });
    this.#complain(entry.integration, attempt.error);
    if (!attempt.retry) return this.#end(entry, 'failed', attempt.error);
    if (superseded) return this.#end(entry, 'failed', SUPERSEDED);
    if (this.#clock.now() - entry.delivery.createdAt >= this.#options.giveUpAfter)
      return this.#end(entry, 'failed', `given up after ${entry.delivery.attempts} tries: ${attempt.error}`);
  }

  #complain(what: string, error: string): void {
    if (this.#once.fresh(what, error))
      this.#options.logger.warn({ integration: what, error }, 'notification not delivered');
  }

  async #end(entry: Entry, state: 'sent' | 'failed', lastError: string, receipt = ''): Promise<void> {
    const delivery: Delivery = {
      ...entry.delivery,
      state,
      lastError,
      receipt,
      sentAt: state === 'sent' ? this.#clock.now() : 0,
    };
    await this.#append({ type: 'ended', delivery });
    const lane = laneOf(entry.integration, entry.notification.groupKey);
    if (this.#waiting.get(lane) === entry) this.#waiting.delete(lane);
    this.#keep({ ...entry, delivery });
    ended.inc({ integration: kindOf(entry.integration), outcome: state });
    this.#count();
    this.#options.onEnd?.(entry.notification, delivery);
  }

  #pause(lane: string, ms: number): Promise<void> {
    if (this.#abort.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, resolve);
      this.#wakes.set(lane, () => {
        cancel();
        resolve();
      });
    });
  }

  /** A disk that is full must not keep a page from going out: then the delivery is made without its line. */
  async #append(record: OutboxRecord): Promise<void> {
    try {
      await this.#journal.append([record]);
      if (this.#journal.size > this.#compactAt) await this.#compact();
    } catch (error) {
      this.#complain('outbox file', (error as Error).message);
    }
  }

  /** The next time only when the file has doubled again, however much is left in it. */
  async #compact(): Promise<void> {
    await this.#journal.compact(() => this.#snapshot());
    this.#compactAt = Math.max(this.#compactAt, 2 * this.#journal.size);
  }

  #snapshot(): OutboxRecord[] {
    const oldest = this.#clock.now() - this.#options.dedupRetention;
    for (const [key, entry] of this.#told) if (entry.at < oldest && !this.#waiting.has(key)) this.#told.delete(key);
    const records = (entry: Entry): OutboxRecord[] => {
      const dedup = this.#told.get(laneOf(entry.integration, entry.notification.groupKey)) ?? {
        firing: [],
        resolved: [],
        at: 0,
      };
      return [{ type: 'queued', notification: save(entry.notification), integration: entry.integration, dedup }];
    };
    return [
      ...this.#ended.flatMap((entry): OutboxRecord[] => [
        ...records(entry),
        { type: 'ended', delivery: entry.delivery },
      ]),
      ...[...this.#waiting.values()].flatMap(records),
      ...[...this.#told].map(([key, dedup]): OutboxRecord => ({ type: 'told', key, dedup })),
    ];
  }

  #count(): void {
    outboxWaiting.set(this.#waiting.size);
  }
}

function laneOf(integration: string, groupKey: string): string {
  return `${integration} ${groupKey}`;
}

/** `team/email/0` is of the kind `email`. */
function kindOf(integration: string): string {
  return integration.split('/').at(-2) ?? integration;
}
