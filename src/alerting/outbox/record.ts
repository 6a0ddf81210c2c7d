import type { Alert, Delivery, Notification } from '../../model/alert.ts';
import { Labels } from '../../model/labels.ts';
import type { DedupEntry } from '../dispatch/dedup.ts';

/** One line of the outbox's file. */
export type OutboxRecord =
  | {
      readonly type: 'queued';
      readonly notification: SavedNotification;
      readonly integration: string;
      readonly dedup: DedupEntry;
    }
  | { readonly type: 'told'; readonly key: string; readonly dedup: DedupEntry }
  | { readonly type: 'ended'; readonly delivery: Delivery };

/** Labels as plain objects; JSON has null where a value is NaN. */
interface SavedNotification extends Omit<Notification, 'groupLabels' | 'alerts'> {
  readonly groupLabels: Record<string, string>;
  readonly alerts: readonly (Omit<Alert, 'labels' | 'value'> & {
    readonly labels: Record<string, string>;
    readonly value: number | null;
  })[];
}

export function save(notification: Notification): SavedNotification {
  return {
    ...notification,
    groupLabels: notification.groupLabels.toJSON(),
    alerts: notification.alerts.map((alert) => ({ ...alert, labels: alert.labels.toJSON() })),
  };
}

export function load(saved: SavedNotification): Notification {
  return {
    ...saved,
    groupLabels: Labels.of(saved.groupLabels),
    alerts: saved.alerts.map((alert) => ({ ...alert, labels: Labels.of(alert.labels), value: alert.value ?? NaN })),
  };
}
