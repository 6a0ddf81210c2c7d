import { consoleKind } from './console/config.ts';
import { emailKind } from './email/config.ts';
import type { ReceiverKind } from './kind.ts';
import { webhookKind } from './webhook/config.ts';

/** Every kind of receiver; adding one adds a folder and a line here. */
export const RECEIVER_KINDS: readonly ReceiverKind[] = [emailKind, webhookKind, consoleKind];

/** Alertmanager's other kinds, refused by name. */
export const OTHER_KINDS = [
  'discord_configs', 'incidentio_configs', 'jira_configs', 'mattermost_configs', 'msteams_configs', 'msteamsv2_configs',
  'opsgenie_configs', 'pagerduty_configs', 'pushover_configs', 'rocketchat_configs', 'slack_configs', 'sns_configs',
  'telegram_configs', 'victorops_configs', 'webex_configs', 'wechat_configs',
] as const; // prettier-ignore
