import { consoleKind } from './console/config.ts';
import { discordKind } from './discord/config.ts';
import { emailKind } from './email/config.ts';
import { incidentioKind } from './incidentio/config.ts';
import { jiraKind } from './jira/config.ts';
import { mattermostKind } from './mattermost/config.ts';
import { msteamsKind } from './msteams/config.ts';
import { msteamsV2Kind } from './msteamsv2/config.ts';
import { opsgenieKind } from './opsgenie/config.ts';
import { pagerdutyKind } from './pagerduty/config.ts';
import { pushoverKind } from './pushover/config.ts';
import { rocketchatKind } from './rocketchat/config.ts';
import { slackKind } from './slack/config.ts';
import { snsKind } from './sns/config.ts';
import { telegramKind } from './telegram/config.ts';
import { victoropsKind } from './victorops/config.ts';
import { webexKind } from './webex/config.ts';
import { webhookKind } from './webhook/config.ts';
import { wechatKind } from './wechat/config.ts';
import type { ReceiverKind } from './kind.ts';

/** Every kind of receiver; adding one adds a folder and a line here. In a receiver they are sent to in this order. */
export const RECEIVER_KINDS: readonly ReceiverKind[] = [
  emailKind,
  webhookKind,
  consoleKind,
  slackKind,
  pagerdutyKind,
  opsgenieKind,
  msteamsV2Kind,
  msteamsKind,
  discordKind,
  telegramKind,
  pushoverKind,
  victoropsKind,
  snsKind,
  webexKind,
  jiraKind,
  rocketchatKind,
  mattermostKind,
  wechatKind,
  incidentioKind,
];
