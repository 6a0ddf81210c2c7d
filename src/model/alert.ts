import type { Labels } from './labels.ts';

/** What each page carries beside its labels. An empty field says that nothing named it. */
export interface PageFields {
  readonly playbook: string;
  readonly owner: string;
  readonly region: string;
  readonly datacenter: string;
  readonly affected: string;
}

/** Where a field's value came from, so that a page can say why: `annotation runbook_url of the rule`. */
export type Provenance = Readonly<Partial<Record<keyof PageFields, string>>>;

/** One alert on its way from the rule to the people. Times are milliseconds since the epoch. */
export interface Alert {
  readonly labels: Labels;
  /** Labels as the rule returned them, without external labels; absent where the alert came from elsewhere. */
  readonly ruleLabels?: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: number;
  /** In the past: resolved. In the future: holds until then unless it is sent again. */
  readonly endsAt: number;
  readonly generatorURL: string;
  /** 16 hex digits over the labels, as Alertmanager computes it. */
  readonly fingerprint: string;
  readonly value: number;
  readonly fields: PageFields;
  readonly provenance: Provenance;
  /** 'api': another program sent it; absent: it comes from a rule. */
  readonly origin?: 'api';
  /** The sender gave no end: `endsAt` was assumed. */
  readonly assumedEnd?: boolean;
}

/** Why an alert notifies no one. Empty lists: it is not muted. */
export interface MutedBy {
  /** Fingerprints of the alerts that inhibit it. */
  readonly inhibitedBy: readonly string[];
  /** Ids of silences. */
  readonly silencedBy: readonly string[];
  /** Names of time intervals. */
  readonly mutedBy: readonly string[];
}

export type AlertState = 'inactive' | 'pending' | 'firing';

/** One message to one receiver about one group of alerts. */
export interface Notification {
  readonly id: string;
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  /** The `labels` of the route; absent: none. */
  readonly routeLabels?: Readonly<Record<string, string>>;
  readonly status: 'firing' | 'resolved';
  readonly reason: string;
  readonly alerts: readonly Alert[];
  readonly createdAt: number;
}

/** What became of a notification at one integration (`email`, `webhook`, `console`). */
export interface Delivery {
  readonly notification: string;
  readonly receiver: string;
  readonly integration: string;
  /** superseded: a newer notification of the same group took its place before it was sent. */
  readonly state: 'waiting' | 'sent' | 'failed' | 'superseded';
  readonly attempts: number;
  readonly lastError: string;
  readonly createdAt: number;
  /** 0 until sent. */
  readonly sentAt: number;
  /** What the other side answered to it: a message id, a status line. */
  readonly receipt: string;
}

/** An integration's name for people: `hook (webhook)` for `hook/webhook/0`, `hook (webhook 2)` for `hook/webhook/1`. */
export function shownIntegration(name: string): string {
  const match = /^(.*)\/([^/]+)\/(\d+)$/.exec(name);
  if (match === null) return name;
  const [, receiver, kind, index] = match;
  return `${receiver} (${kind}${index === '0' ? '' : ` ${Number(index) + 1}`})`;
}

/** A change in an alert's life, for history: `why was I paged`. */
export interface AlertEvent {
  readonly at: number;
  readonly fingerprint: string;
  readonly alertname: string;
  readonly labels: Labels;
  readonly kind: 'pending' | 'firing' | 'resolved' | 'routed' | 'muted' | 'sent' | 'failed' | 'superseded' | 'dropped';
  readonly value: number;
  readonly detail: string;
}

export type RecordAlertEvents = (events: readonly AlertEvent[]) => Promise<void>;
