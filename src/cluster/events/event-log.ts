import type { Clock } from '../../lib/time/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { KubeObject, ObjectHandler } from '../../model/kubernetes.ts';
import type { ShipLogs } from '../../model/log.ts';
import { countEvents } from './event-counter.ts';
import { type EventRecord, eventRecord } from './event-record.ts';
import { EventShipper } from './event-shipper.ts';
import { SeenEvents } from './seen.ts';

export interface EventLogOptions {
  readonly destinations: readonly { readonly name: string; readonly ship: ShipLogs }[];
  readonly identity: Readonly<Record<string, string>>;
  /** Where checkpoints lie. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Events as they come, and as they repeat:
 *
 *     watch ─▶ record of uid and count ─▶ counter
 *                                      └▶ per destination: what it has not got ─▶ queue ─▶ ship ─▶ checkpoint
 */
export class EventLog {
  readonly #shippers: readonly EventShipper[];
  /** What was counted since the start of the process. */
  readonly #counted = new SeenEvents();
  /** By the scope of a watch, to tell which events of a new list are gone. */
  readonly #known = new Map<string, Set<string>>();
  readonly #unlisted = new Set<string>();

  constructor({ destinations, ...options }: EventLogOptions) {
    this.#shippers = destinations.map((destination) => new EventShipper({ destination, ...options }));
  }

  /** Takes the events of one scope: all, or those of one namespace. */
  readonly handler = (scope: string): ObjectHandler => {
    const known = new Set<string>();
    this.#known.set(scope, known);
    this.#unlisted.add(scope);
    const take = (event: KubeObject) => {
      known.add(event.metadata.uid);
      this.#take(eventRecord(event));
    };
    const forget = (uid: string) => {
      known.delete(uid);
      this.#counted.delete(uid);
      for (const shipper of this.#shippers) shipper.forget(uid);
    };
    return {
      replace: (events) => {
        const there = new Set(events.map(({ metadata }) => metadata.uid));
        for (const uid of known) if (!there.has(uid)) forget(uid);
        // The oldest first, as they would have come.
        const records = events.map((event) => ({ event, record: eventRecord(event) }));
        for (const { event } of records.sort((a, b) => a.record.time - b.record.time)) take(event);
        this.#listed(scope);
      },
      upsert: take,
      remove: ({ metadata }) => forget(metadata.uid),
    };
  };

  async start(): Promise<void> {
    await Promise.all(this.#shippers.map((shipper) => shipper.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#shippers.map((shipper) => shipper.stop()));
  }

  /** When all scopes were listed for the first time, what checkpoints have beyond that is gone. */
  #listed(scope: string): void {
    if (!this.#unlisted.delete(scope) || this.#unlisted.size > 0) return;
    const there = new Set([...this.#known.values()].flatMap((uids) => [...uids]));
    for (const shipper of this.#shippers) shipper.retain(there);
  }

  #take(record: EventRecord): void {
    const occurrences = this.#counted.advance(record.uid, record.count);
    if (occurrences > 0) countEvents(record, occurrences);
    for (const shipper of this.#shippers) shipper.offer(record);
  }
}
