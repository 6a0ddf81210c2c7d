import { httpClientSchema } from '../../lib/http-client.ts';
import { duration, z } from '../../lib/schema.ts';

const secret = z.union([z.string(), z.number().transform(String)]);

/** The wording keeps the value, which may be a secret, out of the complaint. */
const unsupported = z
  .undefined({
    error: 'this is not supported yet, not even in part; use email_configs, webhook_configs or console_configs',
  })
  .optional();

const notYet = (use: string) =>
  z.undefined({ error: `this is not supported yet, not even in part; ${use}` }).optional();

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const emailConfig = z.strictObject({
  send_resolved: z.boolean().default(false),
  to: z.string(),
  from: z.string().optional(),
  hello: z.string().optional(),
  smarthost: z.string().optional(),
  auth_username: z.string().optional(),
  auth_password: secret.optional(),
  auth_password_file: z.string().optional(),
  auth_secret: notYet('use auth_password'),
  auth_identity: z.string().optional(),
  require_tls: z.boolean().optional(),
  tls_config: httpClientSchema.shape.tls_config,
  headers: z.record(z.string(), z.string()).optional(),
  html: z.string().optional(),
  text: z.string().optional(),
});

const webhookConfig = z.strictObject({
  send_resolved: z.boolean().default(true),
  url: z.string().optional(),
  url_file: z.string().optional(),
  max_alerts: z.int().min(0).default(0),
  timeout: duration().optional(),
  http_config: httpClientSchema.optional(),
});

const consoleConfig = z.strictObject({ send_resolved: z.boolean().default(true) });

const nullable = <T extends z.ZodType>(schema: T) =>
  z
    .array(schema)
    .nullish()
    .transform((value) => value ?? []);

const OTHER_INTEGRATIONS = [
  'discord_configs', 'incidentio_configs', 'jira_configs', 'mattermost_configs', 'msteams_configs', 'msteamsv2_configs',
  'opsgenie_configs', 'pagerduty_configs', 'pushover_configs', 'rocketchat_configs', 'slack_configs', 'sns_configs',
  'telegram_configs', 'victorops_configs', 'webex_configs', 'wechat_configs',
] as const; // prettier-ignore

type OtherIntegration = (typeof OTHER_INTEGRATIONS)[number];

const receiver = z.strictObject({
  name: z.string({ error: 'missing name in receiver' }).min(1, 'missing name in receiver'),
  email_configs: nullable(emailConfig),
  webhook_configs: nullable(webhookConfig),
  console_configs: nullable(consoleConfig),
  ...(Object.fromEntries(OTHER_INTEGRATIONS.map((key) => [key, unsupported])) as Record<
    OtherIntegration,
    typeof unsupported
  >),
});

const matchLabels = z.record(z.string(), text).nullish();
const matchRegexes = z.record(z.string(), z.string({ error: 'expected a regular expression, not nothing' })).nullish();
const matchers = z.array(z.string()).nullish();

const routeOptions = {
  receiver: z.string().optional(),
  group_by: z.array(z.string()).nullish(),
  group_wait: duration().optional(),
  group_interval: duration().optional(),
  repeat_interval: duration().optional(),
  match: matchLabels,
  match_re: matchRegexes,
  matchers,
  continue: z.boolean().default(false),
  mute_time_intervals: notYet('remove it, or mute with an alert rule and an inhibit rule'),
  active_time_intervals: notYet('remove it, or mute with an alert rule and an inhibit rule'),
};

export type RouteNode = z.infer<z.ZodObject<typeof routeOptions>> & { readonly routes?: readonly RouteNode[] | null };

const route: z.ZodType<RouteNode> = z.strictObject({
  ...routeOptions,
  routes: z.array(z.lazy(() => route)).nullish(),
});

const inhibitRule = z.strictObject({
  name: z.string().optional(),
  source_match: matchLabels,
  source_match_re: matchRegexes,
  source_matchers: matchers,
  target_match: matchLabels,
  target_match_re: matchRegexes,
  target_matchers: matchers,
  equal: z.array(z.string()).nullish(),
});

/** Keys of `global` that only integrations use which are not supported yet; they do no harm. */
const passedOver = Object.fromEntries(
  [
    'slack_api_url', 'slack_api_url_file', 'slack_app_token', 'slack_app_token_file', 'slack_app_url', 'pagerduty_url',
    'opsgenie_api_key', 'opsgenie_api_key_file', 'opsgenie_api_url', 'victorops_api_key', 'victorops_api_key_file',
    'victorops_api_url', 'wechat_api_url', 'wechat_api_secret', 'wechat_api_secret_file', 'wechat_api_corp_id',
    'telegram_api_url', 'telegram_bot_token', 'telegram_bot_token_file', 'webex_api_url', 'jira_api_url',
    'rocketchat_api_url', 'rocketchat_token', 'rocketchat_token_file', 'rocketchat_token_id', 'rocketchat_token_id_file',
    'mattermost_webhook_url', 'mattermost_webhook_url_file',
  ].map((key) => [key, z.unknown().optional()]),
); // prettier-ignore

const global = z.strictObject({
  resolve_timeout: duration('5m'),
  http_config: httpClientSchema.optional(),
  smtp_from: z.string().optional(),
  smtp_hello: z.string().optional(),
  smtp_smarthost: z.string().optional(),
  smtp_auth_username: z.string().optional(),
  smtp_auth_password: secret.optional(),
  smtp_auth_password_file: z.string().optional(),
  smtp_auth_secret: notYet('use smtp_auth_password'),
  smtp_auth_secret_file: notYet('use smtp_auth_password_file'),
  smtp_auth_identity: z.string().optional(),
  smtp_require_tls: z.boolean().optional(),
  smtp_tls_config: httpClientSchema.shape.tls_config,
  ...passedOver,
});

/** Alertmanager's own file, with `console_configs` besides. */
export const routingFileSchema = z.strictObject({
  global: global.nullish().transform((value) => value ?? global.parse({})),
  templates: z.array(z.string()).nullish(),
  route: route.optional(),
  receivers: nullable(receiver),
  inhibit_rules: nullable(inhibitRule),
  time_intervals: notYet('remove it'),
  mute_time_intervals: notYet('remove it'),
});

export type RoutingFile = z.infer<typeof routingFileSchema>;
export type InhibitNode = z.infer<typeof inhibitRule>;
export type GlobalNode = RoutingFile['global'];
export type EmailNode = z.infer<typeof emailConfig>;
export type WebhookNode = z.infer<typeof webhookConfig>;
