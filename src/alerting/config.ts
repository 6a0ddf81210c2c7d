import { duration, z } from '../lib/schema/schema.ts';
import { httpClientSchema } from '../lib/http/client.ts';

/** Section `alerting` of the configuration file. */
export const alertingSchema = z.strictObject({
  rule_files: z
    .array(z.string())
    .default(['rules/**/*.yaml', 'rules/**/*.yml'])
    .describe(
      'Files of rules and objectives (docs/objectives.md), as patterns with *, ? and **; relative to the configuration file. Files named *.test.yaml are tests and left out.',
    ),
  routing: z.string().optional().describe('An alertmanager.yml. Without one every alert goes to the console.'),
  playbooks: z.string().default('playbooks').describe('Folder with one Markdown page per alert, named after it.'),
  query: z
    .strictObject({
      url: z.string().describe('Base URL, such as https://mimir/prometheus.'),
      timeout: duration('2m').describe('Time for one query.'),
      http_config: httpClientSchema.optional().describe("Credentials and TLS, under Prometheus' keys."),
    })
    .optional()
    .describe('A Prometheus API to evaluate against. Default: the embedded store.'),
  evaluation_interval: duration('1m').describe('Interval of groups that name none.'),
  fields: z
    .strictObject({
      owner: z.string().default('').describe('Owner of alerts that neither rule nor target name one for.'),
      region: z
        .string()
        .default('')
        .describe('Region, where neither rule nor target name one. Default: identity.region.'),
      datacenter: z.string().default('').describe('Datacenter likewise. Default: identity.datacenter.'),
      affected: z.string().default('').describe('Affected system likewise.'),
    })
    .prefault({})
    .describe('What a page says where nothing closer to the alert says it.'),
  outage_tolerance: duration('1h').describe('After a longer absence, alerts start anew.'),
  for_grace_period: duration('10m').describe('A pending alert waits at least this long after a restart.'),
  outbox: z
    .strictObject({
      max_waiting: z.int().min(1).default(10_000).describe('Deliveries that may wait at once; the oldest gives way.'),
      give_up_after: duration('1d').describe('A delivery that failed for so long is given up.'),
      history: z.int().min(1).default(500).describe('Ended deliveries kept for the console.'),
    })
    .prefault({})
    .describe('Notifications on disk until they are delivered.'),
  reports: z
    .array(
      z.strictObject({
        schedule: z.string().default('0 7 1 * *').describe('When, as the five fields of cron.'),
        timezone: z.string().default('UTC').describe('Of the schedule, such as Europe/Berlin. Months are in UTC.'),
        receiver: z
          .string()
          .describe('A receiver of the routing file: its email_configs say to whom and by which server.'),
      }),
    )
    .default([])
    .describe('Mails on how the objectives did in the month before.'),
  max_alerts: z
    .int()
    .min(1)
    .default(50_000)
    .describe('Alerts held for routing at once; what comes on top is dropped and counted.'),
});

export type AlertingConfig = z.infer<typeof alertingSchema>;
