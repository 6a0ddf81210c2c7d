import type { Alert, Notification } from '../../model/alert.ts';
import { isWebUrl } from '../page/web-url.ts';
import { isResolved } from '../dispatch/dedup.ts';

/** Alertmanager's webhook body, version 4 (source: docs/configuration.md#webhook_config). */
export interface WebhookBody {
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly alerts: readonly WebhookAlert[];
  readonly notification_reason: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly routeLabels: Readonly<Record<string, string>>;
  readonly externalURL: string;
  readonly version: '4';
  readonly groupKey: string;
  readonly truncatedAlerts: number;
}

interface WebhookAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

const ZERO_TIME = '0001-01-01T00:00:00Z';

export function webhookBody(notification: Notification, maxAlerts: number, externalUrl: string): WebhookBody {
  const shown = maxAlerts > 0 ? notification.alerts.slice(0, maxAlerts) : notification.alerts;
  const alerts = shown.map((alert) => toWebhookAlert(alert, notification.createdAt));
  return {
    receiver: notification.receiver,
    status: notification.status,
    alerts,
    notification_reason: notification.reason,
    groupLabels: notification.groupLabels.toJSON(),
    commonLabels: common(alerts.map((alert) => alert.labels)),
    commonAnnotations: common(alerts.map((alert) => alert.annotations)),
    routeLabels: notification.routeLabels ?? {},
    externalURL: externalUrl,
    version: '4',
    groupKey: notification.groupKey,
    truncatedAlerts: notification.alerts.length - shown.length,
  };
}

function toWebhookAlert(alert: Alert, at: number): WebhookAlert {
  const resolved = isResolved(alert, at);
  return {
    status: resolved ? 'resolved' : 'firing',
    labels: alert.labels.toJSON(),
    annotations: annotationsOf(alert),
    startsAt: new Date(alert.startsAt).toISOString(),
    endsAt: resolved ? new Date(alert.endsAt).toISOString() : ZERO_TIME,
    generatorURL: alert.generatorURL,
    fingerprint: alert.fingerprint,
  };
}

/**
 * The body has no place of its own for the five fields: what the rule does not say itself is added to its annotations. A
 * `runbook_url` is an absolute address or absent. An alert that another program sent leaves with the annotations it came with.
 */
function annotationsOf({ annotations, fields, origin }: Alert): Readonly<Record<string, string>> {
  if (origin === 'api') return annotations;
  const { playbook, ...rest } = fields;
  const { runbook_url: own = '', ...others } = annotations;
  const runbook = [own, playbook].find(isWebUrl) ?? '';
  const added = Object.entries(rest).filter(([, value]) => value !== '');
  return { ...Object.fromEntries(added), ...others, ...(runbook === '' ? {} : { runbook_url: runbook }) };
}

function common(records: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...rest] = records;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => rest.every((record) => record[name] === value)),
  );
}
