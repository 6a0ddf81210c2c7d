import { z } from '../../lib/schema/schema.ts';
import type { Alert, Delivery, Notification } from '../../model/alert.ts';
import { Labels } from '../../model/labels.ts';

const labels = z.record(z.string(), z.string());
const fields = z.object({
  playbook: z.string(),
  owner: z.string(),
  region: z.string(),
  datacenter: z.string(),
  affected: z.string(),
});

/** Labels as plain objects; JSON has null where a value is NaN. */
const savedAlert = z.object({
  labels,
  annotations: labels,
  startsAt: z.number(),
  endsAt: z.number(),
  generatorURL: z.string(),
  fingerprint: z.string(),
  value: z.number().nullable(),
  fields,
  provenance: fields.partial(),
  origin: z.literal('api').optional(),
});

const savedNotification = z.object({
  id: z.string(),
  receiver: z.string(),
  groupKey: z.string(),
  groupLabels: labels,
  routeLabels: labels.default({}),
  status: z.enum(['firing', 'resolved']),
  reason: z.string(),
  alerts: z.array(savedAlert),
  createdAt: z.number(),
});

/** What a notification tells its receiver, as the notification log keeps it. */
const contents = z.object({ firing: z.array(z.string()), resolved: z.array(z.string()), at: z.number() });

const delivery = z.object({
  notification: z.string(),
  receiver: z.string(),
  integration: z.string(),
  state: z.enum(['waiting', 'sent', 'failed', 'superseded']),
  attempts: z.number(),
  lastError: z.string(),
  createdAt: z.number(),
  sentAt: z.number(),
  receipt: z.string(),
});

const queued = z.object({
  type: z.literal('queued'),
  notification: savedNotification,
  integration: z.string(),
  dedup: contents,
  /** Milliseconds that the log keeps the entry; absent in files of earlier versions. */
  keepFor: z.number().optional(),
});

/** One record of the outbox's file. `told` was written before the notification log had a file of its own. */
export const outboxRecord = z.discriminatedUnion('type', [
  queued,
  z.object({ type: z.literal('ended'), delivery }),
  z.object({ type: z.literal('told'), key: z.string(), dedup: contents }),
]);

export type OutboxRecord = z.infer<typeof outboxRecord>;
export type Contents = Readonly<z.infer<typeof contents>>;

/** A notification on its way to one integration. */
export interface Entry {
  readonly notification: Notification;
  readonly integration: string;
  readonly contents: Contents;
  readonly keepFor: number;
  delivery: Delivery;
}

export function entryOf(notification: Notification, integration: string, contents: Contents, keepFor: number): Entry {
  const { id, receiver, createdAt } = notification;
  return {
    notification,
    integration,
    contents,
    keepFor,
    delivery: {
      notification: id,
      receiver,
      integration,
      state: 'waiting',
      attempts: 0,
      lastError: '',
      createdAt,
      sentAt: 0,
      receipt: '',
    },
  };
}

export function save({ notification, integration, contents: dedup, keepFor }: Entry): OutboxRecord {
  const { groupLabels, alerts } = notification;
  return {
    type: 'queued',
    integration,
    dedup: { firing: [...dedup.firing], resolved: [...dedup.resolved], at: dedup.at },
    keepFor,
    notification: {
      ...notification,
      groupLabels: groupLabels.toJSON(),
      routeLabels: { ...notification.routeLabels },
      alerts: alerts.map((alert) => ({ ...alert, ruleLabels: undefined, labels: alert.labels.toJSON() })),
    },
  };
}

export function load(saved: z.infer<typeof savedNotification>): Notification {
  return {
    ...saved,
    groupLabels: Labels.of(saved.groupLabels),
    alerts: saved.alerts.map((alert): Alert => ({
      ...alert,
      labels: Labels.of(alert.labels),
      value: alert.value ?? NaN,
    })),
  };
}
