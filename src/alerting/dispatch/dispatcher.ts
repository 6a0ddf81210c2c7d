import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../../lib/time/clock.ts';
import type { Alert, MutedBy, Notification } from '../../model/alert.ts';
import { type MuteStage, NOT_MUTED, isMuted, mutedBy } from '../mute/mute.ts';
import type { Silences } from '../mute/silences.ts';
import { inhibition, silencing, timeIntervals } from '../mute/stages.ts';
import type { NotificationLog } from '../notification-log.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { AlertProvider } from '../provider.ts';
import { integrationsOf } from '../receivers/integrations.ts';
import type { Integration } from '../receivers/kind.ts';
import type { Routing } from '../routing/routing.ts';
import { AggregationGroups, type Flush } from './aggregation-groups.ts';
import { type Reason, isResolved, reasonToNotify } from './dedup.ts';

export interface DispatchOptions {
  readonly provider: AlertProvider;
  readonly log: NotificationLog;
  readonly outbox: Outbox;
  readonly silences: Pick<Silences, 'mutes'>;
  readonly clock?: Clock;
  readonly onQueued: (notification: Notification, integration: string) => void;
  /** Called when who mutes an alert has changed, and it is muted. */
  readonly onMuted: (alert: Alert, by: MutedBy, at: number) => void;
  readonly onError: (error: unknown) => void;
}

/** What came of one integration at a flush: it has nothing to hear; a delivery is under way; a notification was queued. */
type Outcome = 'nothing' | 'under way' | { readonly queued: string };

/** Milliseconds that the notification log keeps an entry at least. */
const LOG_RETENTION = 120 * 3_600_000;

/**
 * alert provider → groups per route → mute → notification log → outbox.
 *
 * A group is due each `group_interval`. Each integration of its receiver is then notified if its last successful
 * notification, or one that is under way, does not say the same already. A delivery that failed for good left nothing in the
 * log, so the next flush tries again.
 */
export class Dispatcher {
  readonly #options: DispatchOptions;
  readonly #clock: Clock;
  readonly #unsubscribe: () => void;
  readonly #muted = new Map<string, MutedBy>();
  /** By notification: its flush, and the notifications of that flush which are not delivered yet. */
  readonly #open = new Map<string, { readonly flush: Flush; readonly left: Set<string> }>();
  #routing: Routing;
  #groups: AggregationGroups;
  #cancel: (() => void) | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #held = false;
  #stopped = false;

  constructor(routing: Routing, options: DispatchOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#routing = routing;
    this.#groups = this.#createGroups(routing);
    this.#unsubscribe = options.provider.subscribe((alerts, now) => {
      this.#groups.update(alerts, now);
      this.#schedule();
    });
  }

  /** No group is flushed until `release`: for as long as it is not known which alerts fire. */
  hold(): void {
    this.#held = true;
    this.#cancel?.();
  }

  release(): void {
    this.#held = false;
    this.#schedule();
  }

  /** Moves the alerts over to another routing tree. Who was notified of what stays known. */
  reroute(routing: Routing): void {
    const before = this.#groups;
    this.#routing = routing;
    this.#groups = this.#createGroups(routing);
    this.#open.clear();
    this.#groups.update(before.alerts(), this.#clock.now());
    this.#groups.takeTimes(before);
    this.#schedule();
  }

  /** A notification that was queued has ended. */
  ended(notification: string, delivered: boolean): void {
    const open = this.#open.get(notification);
    if (open === undefined) return;
    this.#open.delete(notification);
    open.left.delete(notification);
    if (!delivered) for (const id of open.left) this.#open.delete(id);
    else if (open.left.size === 0) this.#groups.settle(open.flush, this.#clock.now());
  }

  /** Who muted an alert when its group was flushed last. */
  mutedBy(fingerprint: string): MutedBy {
    return this.#muted.get(fingerprint) ?? NOT_MUTED;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancel?.();
    await this.#flushing;
  }

  #createGroups(routing: Routing): AggregationGroups {
    const { log, outbox } = this.#options;
    return new AggregationGroups(routing.route, ({ receiver }, key, fingerprint) =>
      integrationsOf(routing, receiver).some(({ name }) =>
        (outbox.pending(name, key) ?? log.get(name, key))?.firing.includes(fingerprint),
      ),
    );
  }

  #schedule(): void {
    this.#cancel?.();
    const due = this.#groups.nextDue();
    if (due === undefined || this.#held || this.#stopped) return;
    this.#cancel = this.#clock.after(Math.max(0, due - this.#clock.now()), () => {
      this.#flushing = this.#flushing.then(() => this.#flush()).catch(this.#options.onError);
    });
  }

  async #flush(): Promise<void> {
    if (this.#held || this.#stopped) return;
    const now = this.#clock.now();
    const stages = this.#muteStages(now);
    for (const flush of this.#groups.due(now)) {
      const all = [...stages, timeIntervals(this.#routing, flush.route, now)];
      // One group that cannot be notified does not keep the others waiting.
      await this.#notify(flush, all, now).catch(this.#options.onError);
    }
    this.#options.provider.collect(now);
    for (const fingerprint of this.#muted.keys())
      if (this.#options.provider.get(fingerprint) === undefined) this.#muted.delete(fingerprint);
    this.#schedule();
  }

  /** The groups as they are now. */
  groups(): Flush[] {
    return this.#groups.all();
  }

  /** What mutes alerts on every route at `now`. */
  #muteStages(now: number): MuteStage[] {
    const { provider, silences } = this.#options;
    return [inhibition(this.#routing.inhibitRules, provider.firing(now)), silencing(silences, now)];
  }

  async #notify(flush: Flush, stages: readonly MuteStage[], now: number): Promise<void> {
    const alerts = flush.alerts.filter((alert) => !this.#isMuted(alert, stages, now));
    const integrations = alerts.length === 0 ? [] : integrationsOf(this.#routing, flush.route.receiver);
    const queued: string[] = [];
    let waiting = false;
    for (const { name, integration } of integrations) {
      const outcome = await this.#notifyOne(flush, alerts, name, integration, now);
      if (typeof outcome === 'object') queued.push(outcome.queued);
      else if (outcome === 'under way') waiting = true;
    }
    if (waiting) return;
    if (queued.length === 0) return this.#groups.settle(flush, now);
    const left = new Set<string>();
    for (const id of queued) {
      left.add(id);
      this.#open.set(id, { flush, left });
    }
    // A delivery may have ended meanwhile.
    for (const id of queued) {
      const outcome = this.#options.outbox.outcome(id);
      if (outcome !== undefined) this.ended(id, outcome === 'sent');
    }
  }

  #isMuted(alert: Alert, stages: readonly MuteStage[], now: number): boolean {
    const by = mutedBy(stages, alert);
    const muted = isMuted(by);
    const before = this.#muted.get(alert.fingerprint);
    if (!muted) this.#muted.delete(alert.fingerprint);
    else if (JSON.stringify(before) !== JSON.stringify(by)) {
      this.#muted.set(alert.fingerprint, by);
      this.#options.onMuted(alert, by, now);
    }
    return muted;
  }

  async #notifyOne(
    flush: Flush,
    alerts: readonly Alert[],
    name: string,
    integration: Integration,
    now: number,
  ): Promise<Outcome> {
    const { outbox, log } = this.#options;
    const { groupKey, route } = flush;
    const firing = alerts.filter((alert) => !isResolved(alert, now));
    const contents = {
      firing: firing.map(({ fingerprint }) => fingerprint),
      resolved: alerts.filter((alert) => isResolved(alert, now)).map(({ fingerprint }) => fingerprint),
      at: now,
    };
    const pending = outbox.pending(name, groupKey);
    const reason = reasonToNotify({
      ...contents,
      entry: pending ?? log.get(name, groupKey),
      sendResolved: integration.sendResolved,
      repeatInterval: route.repeatInterval,
      now,
    });
    if (reason === undefined) return pending === undefined ? 'nothing' : 'under way';
    const keepFor = Math.max(LOG_RETENTION, 2 * route.repeatInterval);
    const told = integration.sendResolved ? alerts : firing;
    if (told.length === 0) {
      if (await outbox.withdraw(name, groupKey)) return 'under way';
      await log.record(name, groupKey, { ...contents, expiresAt: now + keepFor, notification: '' });
      return 'nothing';
    }
    const notification = notificationOf(flush, told, firing.length > 0, reason, now);
    await outbox.queue(notification, name, contents, keepFor);
    this.#options.onQueued(notification, name);
    return { queued: notification.id };
  }
}

function notificationOf(
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
    routeLabels: flush.route.labels,
    status: firing ? 'firing' : 'resolved',
    reason,
    alerts,
    createdAt: now,
  };
}
