import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../../lib/clock.ts';
import type { Alert, Notification } from '../../model/alert.ts';
import { integrationsOf } from '../receivers/notifier.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { type Reason, isResolved, reasonToNotify } from './dedup.ts';
import { AggregationGroups, type DispatcherOptions, type Flush } from './aggregation-groups.ts';
import type { Integration, Routing } from '../routing/routing.ts';

export interface DispatchOptions extends DispatcherOptions {
  readonly outbox: Outbox;
  readonly clock?: Clock;
  readonly onQueued: (notification: Notification, integration: string) => void;
  readonly onError: (error: unknown) => void;
}

/** Routes alerts into the outbox: groups flush when they are due, and each integration hears what it has not heard yet. */
export class Dispatcher {
  readonly #options: DispatchOptions;
  readonly #clock: Clock;
  #routing: Routing;
  #dispatcher: AggregationGroups;
  #cancel: (() => void) | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(routing: Routing, options: DispatchOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#routing = routing;
    this.#dispatcher = new AggregationGroups(routing, options);
  }

  update(alerts: readonly Alert[]): void {
    if (this.#stopped || alerts.length === 0) return;
    this.#dispatcher.update(alerts, this.#clock.now());
    this.#schedule();
  }

  /** Alerts move over to the new tree; what was told stays known by group. */
  reroute(routing: Routing): void {
    const alerts = this.#dispatcher.alerts();
    this.#routing = routing;
    this.#dispatcher = new AggregationGroups(routing, this.#options);
    this.update(alerts);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#flushing;
  }

  #schedule(): void {
    this.#cancel?.();
    const due = this.#dispatcher.nextDue();
    if (due === undefined || this.#stopped) return;
    this.#cancel = this.#clock.after(Math.max(0, due - this.#clock.now()), () => {
      this.#flushing = this.#flushing.then(() => this.#flush()).catch(this.#options.onError);
    });
  }

  async #flush(): Promise<void> {
    const now = this.#clock.now();
    for (const flush of this.#dispatcher.flush(now)) {
      for (const { name, integration } of integrationsOf(this.#routing, flush.route.receiver))
        await this.#tell(flush, name, integration, now);
    }
    this.#schedule();
  }

  async #tell(flush: Flush, name: string, integration: Integration, now: number): Promise<void> {
    const { outbox } = this.#options;
    const firing = flush.alerts.filter((alert) => !isResolved(alert, now));
    const resolved = flush.alerts.filter((alert) => isResolved(alert, now));
    const dedup = {
      firing: firing.map(({ fingerprint }) => fingerprint),
      resolved: resolved.map(({ fingerprint }) => fingerprint),
      at: now,
    };
    const reason = reasonToNotify({
      ...dedup,
      entry: outbox.told(name, flush.groupKey),
      sendResolved: integration.sendResolved,
      repeatInterval: flush.route.repeatInterval,
      now,
    });
    if (reason === undefined) return;
    const alerts = integration.sendResolved ? flush.alerts : firing;
    if (alerts.length === 0) return outbox.note(name, flush.groupKey, dedup);
    const notification = toNotification(flush, alerts, firing.length > 0, reason, now);
    await outbox.queue(notification, name, dedup);
    this.#options.onQueued(notification, name);
  }
}

function toNotification(
  flush: Flush,
  alerts: readonly Alert[],
  firing: boolean,
  reason: Reason,
  now: number,
): Notification {
  return {
    id: randomUUID(),
    receiver: flush.route.receiver,
    groupKey: flush.groupKey,
    groupLabels: flush.groupLabels,
    status: firing ? 'firing' : 'resolved',
    reason,
    alerts,
    createdAt: now,
  };
}
