import type { Labels } from '../../model/labels.ts';
import { quote } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { LabelTest } from './matchers.ts';

/** A node of the routing tree with everything inherited filled in. Times in milliseconds. */
export interface Route {
  /** The matchers from the root down, as Alertmanager writes them; routes with equal matchers have equal keys. */
  readonly key: string;
  readonly receiver: string;
  /** 'all': each alert is a group of its own labels. */
  readonly groupBy: readonly string[] | 'all';
  readonly groupWait: number;
  readonly groupInterval: number;
  readonly repeatInterval: number;
  readonly matchers: readonly Matcher[];
  readonly test: LabelTest;
  readonly continue: boolean;
  /** With those of the routes above, which it overrides; for templates and bodies. */
  readonly labels: Readonly<Record<string, string>>;
  /** Names of intervals in which the route notifies no one. */
  readonly muteTimeIntervals: readonly string[];
  /** Names of intervals outside of which it notifies no one; empty: always. */
  readonly activeTimeIntervals: readonly string[];
  readonly routes: readonly Route[];
}

/** The routes an alert takes: the deepest match of each branch, the first branch only unless it says `continue`. */
export function matchRoutes(route: Route, labels: Labels): Route[] {
  if (!route.test(labels)) return [];
  const found: Route[] = [];
  for (const child of route.routes) {
    const below = matchRoutes(child, labels);
    found.push(...below);
    if (below.length > 0 && !child.continue) break;
  }
  return found.length === 0 ? [route] : found;
}

export function groupLabels(route: Route, labels: Labels): Labels {
  return route.groupBy === 'all' ? labels : labels.only(...route.groupBy);
}

/** As Alertmanager writes it: `{}/{severity="page"}:{alertname="Down"}`. */
export function groupKey(route: Route, labels: Labels): string {
  return `${route.key}:{${[...labels.entries()].map(([name, value]) => `${name}=${quote(value)}`).join(', ')}}`;
}
