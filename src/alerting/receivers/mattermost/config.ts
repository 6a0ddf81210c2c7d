import { z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, named } from '../http-kind.ts';
import { type Place, text } from '../kind.ts';
import { readWebhookUrl } from '../webhook-url.ts';
import { sendMattermost } from './send.ts';
import { ATTACHMENT, type AttachmentText, type MattermostAttachment, type MattermostConfig } from './settings.ts';

const field = z.strictObject({ title: text, value: text, short: z.boolean().nullish() });

const attachment = z.strictObject({
  ...(Object.fromEntries(ATTACHMENT.map((key) => [key, text])) as Record<AttachmentText, typeof text>),
  fields: z.array(field).nullish(),
});

const schema = z.strictObject({
  ...httpKeys(true),
  webhook_url: text,
  webhook_url_file: text,
  channel: text,
  username: named('mattermost', 'username'),
  icon_url: text,
  icon_emoji: text,
  type: text,
  ...attachment.shape,
  fallback: named('mattermost', 'fallback'),
  color: named('mattermost', 'color'),
  title: named('mattermost', 'title'),
  title_link: named('mattermost', 'titlelink'),
  text: named('mattermost', 'text'),
  attachments: z.array(attachment).nullish(),
  props: z.strictObject({ card: text }).nullish(),
  priority: z
    .strictObject({
      priority: text,
      requested_ack: z.boolean().default(false),
      persistent_notifications: z.boolean().default(false),
    })
    .nullish(),
});

export const mattermostKind = httpKind({
  kind: 'mattermost',
  schema,
  read: readMattermost,
  templates: ({ texts, text: body, attachments: [{ title, fallback }] }: MattermostConfig) => ({
    ...texts, text: body, title, fallback,
  }), // prettier-ignore
  send: sendMattermost,
});

function readMattermost(node: z.infer<typeof schema>, place: Place): MattermostConfig {
  const missing = 'missing webhook_url or webhook_url_file on mattermost_config';
  const { channel, username, icon_url, icon_emoji, type } = node;
  const own = (node.attachments ?? []).map(toAttachment);
  return {
    url: readWebhookUrl(node, place, 'mattermost_webhook_url', missing),
    texts: { channel, username, icon_url, icon_emoji, type },
    attachments: own.length > 0 ? own : [toAttachment(node)],
    text: own.length > 0 ? node.text : '',
    card: node.props?.card ?? '',
    priority: node.priority ?? undefined,
  };
}

function toAttachment({ fields, ...node }: z.infer<typeof attachment>): MattermostAttachment {
  const texts = Object.fromEntries(ATTACHMENT.map((key) => [key, node[key]])) as Record<AttachmentText, string>;
  return { ...texts, fields: (fields ?? []).map((one) => ({ ...one, short: one.short ?? false })) };
}
