import { z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, named } from '../http-kind.ts';
import { text } from '../kind.ts';
import { readWebhookUrl } from '../webhook-url.ts';
import { sendDiscord } from './send.ts';
import type { DiscordConfig } from './settings.ts';

const schema = z.strictObject({
  ...httpKeys(true),
  webhook_url: text,
  webhook_url_file: text,
  title: named('discord', 'title'),
  message: named('discord', 'message'),
  content: named('discord', 'content'),
  username: text,
  avatar_url: text,
});

export const discordKind = httpKind({
  kind: 'discord',
  schema,
  read({ title, message, content, username, avatar_url, ...node }, place): DiscordConfig {
    return { url: readWebhookUrl(node, place), texts: { title, message, content, username, avatar_url } };
  },
  templates: ({ texts }) => texts,
  send: sendDiscord,
});
