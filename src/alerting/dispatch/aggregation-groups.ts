import type { Alert } from '../../model/alert.ts';
import type { Labels } from '../../model/labels.ts';
import { type Route, groupKey, groupLabels, matchRoutes } from '../routing/tree.ts';
import { isResolved } from './dedup.ts';
import { compareAlerts } from './order.ts';

/** The alerts of one route that have the same values of its `group_by` labels. */
interface Group {
  readonly route: Route;
  readonly key: string;
  readonly labels: Labels;
  readonly alerts: Map<string, Alert>;
  /** Milliseconds. */
  due: number;
}

/** A group that is due, as it is at that time. */
export interface Flush {
  readonly route: Route;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  /** Firing and resolved, in Alertmanager's order. */
  readonly alerts: readonly Alert[];
}

/** Whether a receiver of the route was notified that the alert fires, and so has to hear of its end. */
export type IsAwaited = (route: Route, groupKey: string, fingerprint: string) => boolean;

/**
 * Groups alerts by the routing tree: each route has groups of its own, so two routes with equal matchers do not share any.
 * Time is passed in: `update` when alerts come, `due` when `nextDue` is reached.
 *
 * A group waits `group_wait` for further alerts, then is due each `group_interval` for as long as it has alerts. A resolved
 * alert stays in it until `settle` says that everybody who has to know was notified.
 */
export class AggregationGroups {
  readonly #root: Route;
  readonly #isAwaited: IsAwaited;
  readonly #groups = new Map<Route, Map<string, Group>>();

  constructor(root: Route, isAwaited: IsAwaited) {
    this.#root = root;
    this.#isAwaited = isAwaited;
  }

  update(alerts: readonly Alert[], now: number): void {
    for (const alert of alerts)
      for (const route of matchRoutes(this.#root, alert.labels)) this.#place(route, alert, now);
  }

  /** When the next group is due; undefined while there is none. */
  nextDue(): number | undefined {
    let next: number | undefined;
    for (const { due } of this.#all()) if (next === undefined || due < next) next = due;
    return next;
  }

  /** The groups that are due, each due again after its `group_interval`. */
  due(now: number): Flush[] {
    const flushes: Flush[] = [];
    for (const group of this.#all()) {
      if (group.due > now) continue;
      group.due = now + group.route.groupInterval;
      flushes.push(flushOf(group));
    }
    return flushes;
  }

  /** Every group as it is now. */
  all(): Flush[] {
    return [...this.#all()].map(flushOf);
  }

  /** Removes the alerts of a flush that were resolved and have not fired since; a group without alerts ends. */
  settle({ route, groupKey: key, alerts }: Flush, now: number): void {
    const groups = this.#groups.get(route);
    const group = groups?.get(key);
    if (groups === undefined || group === undefined) return;
    for (const alert of alerts) {
      const held = group.alerts.get(alert.fingerprint);
      if (held !== undefined && isResolved(alert, now) && isResolved(held, now)) group.alerts.delete(alert.fingerprint);
    }
    if (group.alerts.size === 0) groups.delete(key);
  }

  /** Every alert held, once. */
  alerts(): Alert[] {
    return [...new Map([...this.#all()].flatMap((group) => [...group.alerts])).values()];
  }

  /** Goes on with the times of groups that `from` had for the same receiver, so that a new routing tree restarts no wait. */
  takeTimes(from: AggregationGroups): void {
    const times = new Map([...from.#all()].map((group) => [identityOf(group), group.due]));
    for (const group of this.#all()) group.due = times.get(identityOf(group)) ?? group.due;
  }

  *#all(): Iterable<Group> {
    for (const groups of this.#groups.values()) yield* groups.values();
  }

  #place(route: Route, alert: Alert, now: number): void {
    let groups = this.#groups.get(route);
    if (groups === undefined) this.#groups.set(route, (groups = new Map()));
    const labels = groupLabels(route, alert.labels);
    const key = groupKey(route, labels);
    let group = groups.get(key);
    const held = group?.alerts.has(alert.fingerprint) ?? false;
    // Rules return a resolved alert for minutes; other programs say it once, and as in Alertmanager it joins a group that is there.
    const joins = held || (alert.origin === 'api' && group !== undefined);
    if (!joins && isResolved(alert, now) && !this.#isAwaited(route, key, alert.fingerprint)) return;
    if (group === undefined) {
      // One that is older than the wait has waited already, before a restart for one.
      const waited = alert.startsAt + route.groupWait < now;
      group = { route, key, labels, alerts: new Map(), due: waited ? now : now + route.groupWait };
      groups.set(key, group);
    }
    group.alerts.set(alert.fingerprint, alert);
  }
}

function flushOf({ route, key, labels, alerts }: Group): Flush {
  return { route, groupKey: key, groupLabels: labels, alerts: [...alerts.values()].sort(compareAlerts) };
}

function identityOf({ route, key }: Group): string {
  return `${route.receiver} ${key}`;
}
