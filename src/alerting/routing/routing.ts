import { consoleIntegration } from '../receivers/console/config.ts';
import type { Integration } from '../receivers/kind.ts';
import type { LabelTest } from './matchers.ts';
import type { Route } from './tree.ts';

export interface Routing {
  readonly route: Route;
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly inhibitRules: readonly InhibitRule[];
  /** Patterns of template files, relative to the routing file. */
  readonly templates: readonly string[];
}

export interface Receiver {
  readonly name: string;
  readonly integrations: readonly Integration[];
}

export interface InhibitRule {
  readonly source: LabelTest;
  readonly target: LabelTest;
  readonly equal: readonly string[];
}

/** Alertmanager's; milliseconds. */
export const DEFAULTS = { groupWait: 30_000, groupInterval: 300_000, repeatInterval: 14_400_000 };

/** Where no routing file is given: everything to the console, at once. */
export function consoleRouting(): Routing {
  return {
    route: {
      key: '{}', receiver: 'console', groupBy: ['alertname'], ...DEFAULTS, groupWait: 0, matchers: [], test: () => true,
      continue: false, routes: [],
    },
    receivers: new Map([['console', { name: 'console', integrations: [consoleIntegration(true)] }]]),
    inhibitRules: [],
    templates: [],
  }; // prettier-ignore
}
