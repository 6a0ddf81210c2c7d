import type { Alert } from '../../model/alert.ts';
import type { Labels } from '../../model/labels.ts';
import { isResolved } from './dedup.ts';
import { Inhibitor } from '../mute/inhibit.ts';
import type { Routing } from '../routing/routing.ts';
import { type Route, groupKey, groupLabels, matchRoutes } from '../routing/tree.ts';

/** A group whose time has come: what its receiver is to hear, if it has not heard it yet. */
export interface Flush {
  readonly route: Route;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  /** Firing and resolved, by start. */
  readonly alerts: readonly Alert[];
}

interface Group {
  readonly route: Route;
  readonly key: string;
  readonly labels: Labels;
  readonly alerts: Map<string, Alert>;
  /** Milliseconds. */
  due: number;
  flushed: boolean;
}

export interface DispatcherOptions {
  /** Alerts held at once; what comes on top is dropped and counted. */
  readonly maxAlerts: number;
  readonly onDrop: (alert: Alert) => void;
}

/**
 * Groups alerts by the routing tree. Time is passed in: `update` when alerts come, `flush` when `nextDue` is reached.
 *
 * A group waits `group_wait` for company, then flushes each `group_interval` for as long as it has alerts.
 * Resolved alerts leave with the flush that carries them.
 */
export class AggregationGroups {
  readonly #routing: Routing;
  readonly #options: DispatcherOptions;
  readonly #groups = new Map<string, Group>();
  #alerts = new Map<string, Alert>();

  constructor(routing: Routing, options: DispatcherOptions) {
    this.#routing = routing;
    this.#options = options;
  }

  /** Every alert held, the newest word on each. */
  alerts(): Alert[] {
    return [...this.#alerts.values()];
  }

  /** Takes the newest word on each alert. Resolved ones too: who heard of them before a restart has to hear of this. */
  update(alerts: readonly Alert[], now: number): void {
    for (const alert of alerts) {
      const known = this.#alerts.has(alert.fingerprint);
      if (!known && this.#alerts.size >= this.#options.maxAlerts) {
        this.#options.onDrop(alert);
        continue;
      }
      this.#alerts.set(alert.fingerprint, alert);
      for (const route of matchRoutes(this.#routing.route, alert.labels)) this.#place(route, alert, now);
    }
  }

  /** When the next group is due; undefined while there is none. */
  nextDue(): number | undefined {
    let next: number | undefined;
    for (const { due } of this.#groups.values()) if (next === undefined || due < next) next = due;
    return next;
  }

  /** The groups that are due, without their inhibited alerts. */
  flush(now: number): Flush[] {
    const firing = this.alerts().filter((alert) => !isResolved(alert, now));
    const inhibitor = new Inhibitor(
      this.#routing.inhibitRules,
      firing.map((alert) => alert.labels),
    );
    const flushes: Flush[] = [];
    for (const group of this.#groups.values()) {
      if (group.due > now) continue;
      flushes.push(this.#flushGroup(group, inhibitor, now));
      if (group.alerts.size === 0) this.#groups.delete(group.key);
    }
    this.#forget();
    return flushes.filter((flush) => flush.alerts.length > 0);
  }

  #place(route: Route, alert: Alert, now: number): void {
    const labels = groupLabels(route, alert.labels);
    const key = groupKey(route, labels);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { route, key, labels, alerts: new Map(), due: now + route.groupWait, flushed: false };
      this.#groups.set(key, group);
    }
    group.alerts.set(alert.fingerprint, alert);
    // It has waited elsewhere already, before a restart for one.
    if (!group.flushed && alert.startsAt + route.groupWait < now) group.due = now;
  }

  #flushGroup(group: Group, inhibitor: Inhibitor, now: number): Flush {
    const alerts = [...group.alerts.values()].sort((a, b) => a.startsAt - b.startsAt);
    for (const alert of alerts) if (isResolved(alert, now)) group.alerts.delete(alert.fingerprint);
    group.flushed = true;
    group.due = now + group.route.groupInterval;
    const heard = alerts.filter((alert) => !inhibitor.silences(alert.labels));
    return { route: group.route, groupKey: group.key, groupLabels: group.labels, alerts: heard };
  }

  /** An alert in no group is no longer held. */
  #forget(): void {
    const held = new Set([...this.#groups.values()].flatMap((group) => [...group.alerts.keys()]));
    for (const fingerprint of this.#alerts.keys()) if (!held.has(fingerprint)) this.#alerts.delete(fingerprint);
  }
}
