import type { HttpClientConfig } from '../../lib/http-client.ts';
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

export type Integration = EmailIntegration | WebhookIntegration | ConsoleIntegration;

export interface EmailIntegration {
  readonly kind: 'email';
  readonly sendResolved: boolean;
  readonly to: string;
  readonly from: string;
  readonly hello: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly passwordFile: string;
  readonly requireTls: boolean;
  readonly tls: HttpClientConfig['tls_config'];
  /** These three are templates; '' stands for the built-in page. */
  readonly headers: Readonly<Record<string, string>>;
  readonly html: string;
  readonly text: string;
}

export interface WebhookIntegration {
  readonly kind: 'webhook';
  readonly sendResolved: boolean;
  readonly url: string;
  readonly urlFile: string;
  /** 0 = all. */
  readonly maxAlerts: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly http: Partial<HttpClientConfig>;
}

export interface ConsoleIntegration {
  readonly kind: 'console';
  readonly sendResolved: boolean;
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
    receivers: new Map([['console', { name: 'console', integrations: [{ kind: 'console', sendResolved: true }] }]]),
    inhibitRules: [],
    templates: [],
  }; // prettier-ignore
}
