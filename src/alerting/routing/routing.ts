import type { TimeInterval } from '../mute/time-interval.ts';
import { consoleIntegration } from '../receivers/console/config.ts';
import type { Integration } from '../receivers/kind.ts';
import type { LabelTest } from './matchers.ts';
import type { Route } from './tree.ts';

export interface Routing {
  readonly route: Route;
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly inhibitRules: readonly InhibitRule[];
  /** By name. */
  readonly timeIntervals: ReadonlyMap<string, readonly TimeInterval[]>;
  /** Milliseconds after which an alert that was sent without an end is over unless it is sent again. */
  readonly resolveTimeout: number;
  /** Patterns of template files, relative to the routing file. */
  readonly templates: readonly string[];
}

export interface Receiver {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly integrations: readonly Integration[];
}

export interface InhibitRule {
  readonly source: LabelTest;
  readonly target: LabelTest;
  readonly equal: readonly string[];
}

/** Alertmanager's; milliseconds. */
export const DEFAULTS = { groupWait: 30_000, groupInterval: 300_000, repeatInterval: 14_400_000 };

/** Milliseconds. */
export const RESOLVE_TIMEOUT = 300_000;

/** Where no routing file is given: everything to the console, at once. */
export function consoleRouting(): Routing {
  return {
    route: {
      key: '{}', receiver: 'console', groupBy: ['alertname'], ...DEFAULTS, groupWait: 0, matchers: [], test: () => true,
      continue: false, labels: {}, muteTimeIntervals: [], activeTimeIntervals: [], routes: [],
    },
    receivers: new Map([['console', { name: 'console', labels: {}, integrations: [consoleIntegration(true)] }]]),
    inhibitRules: [],
    timeIntervals: new Map(),
    resolveTimeout: RESOLVE_TIMEOUT,
    templates: [],
  }; // prettier-ignore
}
