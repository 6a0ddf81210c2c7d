import { z } from '../../../lib/schema.ts';
import { type Secret, httpKeys, httpKind, named } from '../http-kind.ts';
import { text } from '../kind.ts';
import { readWebhookUrl } from '../webhook-url.ts';
import { sendDiscord } from './send.ts';

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

/** One entry of `discord_configs`. */
export interface DiscordConfig {
  readonly url: Secret;
  /** Templates. */
  readonly texts: Readonly<Record<'title' | 'message' | 'content' | 'username' | 'avatar_url', string>>;
}

export const discordKind = httpKind({
  kind: 'discord',
  schema,
  read({ title, message, content, username, avatar_url, ...node }, place): DiscordConfig {
    return { url: readWebhookUrl(node, place), texts: { title, message, content, username, avatar_url } };
  },
  templates: ({ texts }) => texts,
  send: sendDiscord,
});
