import { Backoff } from '../../lib/time/backoff.ts';
import { type Clock, systemClock } from '../../lib/time/clock.ts';
import type { FileSystem } from '../../lib/durable/file-system.ts';
import { type Logger, LogOnce } from '../../lib/logger.ts';
import { type Delivery, type Notification, shownIntegration } from '../../model/alert.ts';
import { notificationAttempts, notifications as ended, outboxDropped, outboxWaiting } from '../metrics.ts';
import { type NotificationLog, logKey } from '../notification-log.ts';
import { OutboxFile } from './file.ts';
import { type Contents, type Entry, entryOf } from './record.ts';

/** What a try to deliver came to. `retry` says whether another can help. */
export type Attempt =
  | { readonly ok: true; readonly receipt: string }
  | { readonly ok: false; readonly retry: boolean; readonly error: string };

/** Hands a notification to one integration of its receiver. Never rejects. */
export type Deliver = (notification: Notification, integration: string, signal: AbortSignal) => Promise<Attempt>;

export interface OutboxOptions {
  readonly path: string;
  readonly deliver: Deliver;
  readonly log: NotificationLog;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly fs?: FileSystem;
  /** Deliveries waiting at once; the oldest gives way and is counted. */
  readonly maxWaiting: number;
  /** Milliseconds after which a delivery is given up. */
  readonly giveUpAfter: number;
  /** Ended deliveries kept for the console. */
  readonly history: number;
  /** Bytes of the file past which it is written anew. */
  readonly compactAt?: number;
  readonly onEnd?: (notification: Notification, delivery: Delivery) => void;
}

const SUPERSEDED = 'a newer notification of the group took its place';
const WITHDRAWN = 'all its alerts were resolved before it was sent';
const RETRY = { min: 1_000, max: 300_000 };

/**
 * Deliveries on disk. Each is tried until it ends:
 *
 *     waiting ─▶ sent        the other side accepted; the notification log has it
 *             ─▶ failed      refused (4xx, SMTP 5xx), given up, or no room; the log has nothing, so dispatch notifies anew
 *             ─▶ superseded  a newer notification of the group took its place
 *
 * Each lane, which is one integration and one group, makes one delivery at a time, so that a group's notifications keep their
 * order. After a crash what was waiting is tried again; the notification log tells what was accepted just before. A process
 * that dies between the other side's acceptance and the log's record sends again.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #clock: Clock;
  readonly #file: OutboxFile;
  readonly #once = new LogOnce();
  readonly #abort = new AbortController();
  /** By lane. */
  readonly #waiting = new Map<string, Entry>();
  readonly #trying = new Set<Entry>();
  /** Being written to the file. */
  readonly #entering = new Set<Entry>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #wakes = new Map<string, () => void>();
  #ended: Entry[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#file = new OutboxFile(options, () => ({
      ended: this.#ended,
      waiting: [...this.#waiting.values(), ...this.#entering],
    }));
  }

  /** Reads the file and goes on with the deliveries that were waiting. The notification log is open already. */
  async start(): Promise<void> {
    const { waiting, ended: before, log } = await this.#file.open();
    await this.#options.log.merge(log);
    for (const entry of before) this.#keep(entry);
    for (const entry of waiting) this.#waiting.set(laneOf(entry), entry);
    for (const entry of waiting)
      if (this.#options.log.get(entry.integration, entry.notification.groupKey)?.notification === entry.notification.id)
        await this.#end(entry, 'sent', '', 'accepted before the restart');
    for (const lane of this.#waiting.keys()) this.#run(lane);
    this.#count();
  }

  /** Ends tries under way; what was not delivered stays on the disk. */
  async stop(): Promise<void> {
    this.#abort.abort();
    for (const cancel of this.#wakes.values()) cancel();
    this.#wakes.clear();
    await Promise.all(this.#busy.values());
    await this.#file.close();
  }

  /** What the delivery that waits for an integration and group says; undefined where none waits. */
  pending(integration: string, groupKey: string): Contents | undefined {
    return this.#waiting.get(logKey(integration, groupKey))?.contents;
  }

  /** How the delivery of a notification ended; undefined while it waits or is not known any more. */
  outcome(notification: string): Delivery['state'] | undefined {
    return this.#ended.findLast((entry) => entry.notification.id === notification)?.delivery.state;
  }

  /** Resolves when the delivery is on the disk, or the disk has refused it; it is tried until it ends either way. */
  async queue(notification: Notification, integration: string, contents: Contents, keepFor: number): Promise<void> {
    const entry = entryOf(notification, integration, contents, keepFor);
    const lane = laneOf(entry);
    this.#entering.add(entry);
    await this.#file.queued(entry);
    this.#entering.delete(entry);
    const older = this.#waiting.get(lane);
    // A lane's place in the map is that of its newest entry: the oldest entry stands first.
    this.#waiting.delete(lane);
    this.#waiting.set(lane, entry);
    if (older !== undefined && !this.#trying.has(older)) await this.#end(older, 'superseded', SUPERSEDED);
    await this.#makeRoom();
    this.#count();
    this.#wakes.get(lane)?.();
    this.#run(lane);
  }

  /** Takes back a delivery that waits. Returns true where it is just being tried and so cannot be taken back. */
  async withdraw(integration: string, groupKey: string): Promise<boolean> {
    const lane = logKey(integration, groupKey);
    const entry = this.#waiting.get(lane);
    if (entry === undefined) return false;
    if (this.#trying.has(entry)) return true;
    await this.#end(entry, 'superseded', WITHDRAWN);
    this.#wakes.get(lane)?.();
    return false;
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

  #keep(entry: Entry): void {
    this.#ended.push(entry);
    if (this.#ended.length > this.#options.history) this.#ended.splice(0, this.#ended.length - this.#options.history);
  }

  async #makeRoom(): Promise<void> {
    while (this.#waiting.size > this.#options.maxWaiting) {
      const [oldest] = this.#waiting.values();
      outboxDropped.inc();
      await this.#end(oldest, 'failed', `more than ${this.#options.maxWaiting} deliveries are waiting`);
    }
  }

  /** Works a lane until nothing waits there. */
  #run(lane: string): void {
    if (this.#busy.has(lane) || this.#abort.signal.aborted) return;
    const work = this.#work(lane).finally(() => {
      this.#busy.delete(lane);
      this.#wakes.delete(lane);
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
      this.#trying.add(entry);
      const attempt = await this.#options.deliver(entry.notification, entry.integration, this.#abort.signal);
      this.#trying.delete(entry);
      if (this.#abort.signal.aborted && !attempt.ok) return;
      await this.#settle(entry, attempt);
      if (this.#waiting.get(lane) === entry) await this.#pause(lane, backoff.next());
    }
  }

  async #settle(entry: Entry, attempt: Attempt): Promise<void> {
    const { integration, notification, contents, keepFor } = entry;
    entry.delivery = { ...entry.delivery, attempts: entry.delivery.attempts + 1 };
    if (attempt.ok) {
      this.#once.clear(integration);
      const at = this.#clock.now();
      const record = { ...contents, at, expiresAt: at + keepFor, notification: notification.id };
      await this.#options.log.record(integration, notification.groupKey, record);
      return this.#end(entry, 'sent', '', attempt.receipt);
    }
    entry.delivery = { ...entry.delivery, lastError: attempt.error };
    notificationAttempts.inc({ integration: kindOf(integration) });
    if (this.#once.fresh(integration, attempt.error))
      this.#options.logger.warn(
        { integration: shownIntegration(integration), error: attempt.error },
        'notification not delivered',
      );
    if (this.#waiting.get(laneOf(entry)) !== entry) return this.#end(entry, 'superseded', SUPERSEDED);
    if (!attempt.retry) return this.#end(entry, 'failed', attempt.error);
    if (this.#clock.now() - entry.delivery.createdAt >= this.#options.giveUpAfter)
      return this.#end(entry, 'failed', `given up after ${entry.delivery.attempts} tries: ${attempt.error}`);
  }

  async #end(entry: Entry, state: Delivery['state'], lastError: string, receipt = ''): Promise<void> {
    const sentAt = state === 'sent' ? this.#clock.now() : 0;
    entry.delivery = { ...entry.delivery, state, lastError, receipt, sentAt };
    const lane = laneOf(entry);
    if (this.#waiting.get(lane) === entry) this.#waiting.delete(lane);
    this.#keep(entry);
    await this.#file.ended(entry);
    ended.inc({ integration: kindOf(entry.integration), outcome: state });
    this.#count();
    this.#options.onEnd?.(entry.notification, entry.delivery);
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

  #count(): void {
    outboxWaiting.set(this.#waiting.size);
  }
}

function laneOf({ integration, notification }: Entry): string {
  return logKey(integration, notification.groupKey);
}

/** `team/email/0` is of the kind `email`. */
function kindOf(integration: string): string {
  return integration.split('/').at(-2) ?? integration;
}
