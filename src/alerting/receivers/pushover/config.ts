import { duration, z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, isSet, named, readSecret, template } from '../http-kind.ts';
import { type Place, text } from '../kind.ts';
import { sendPushover } from './send.ts';
import type { PushoverConfig } from './settings.ts';

const schema = z.strictObject({
  ...httpKeys(true),
  user_key: text,
  user_key_file: text,
  token: text,
  token_file: text,
  title: named('pushover', 'title'),
  message: named('pushover', 'message'),
  url: named('pushover', 'url'),
  url_title: text,
  device: text,
  sound: text,
  priority: template('{{ if eq .Status "firing" }}2{{ else }}0{{ end }}'),
  retry: duration('1m'),
  expire: duration('1h'),
  ttl: duration().optional(),
  html: z.boolean().default(false),
  monospace: z.boolean().default(false),
});

export const pushoverKind = httpKind({
  kind: 'pushover',
  schema,
  read: readPushover,
  templates: ({ texts }: PushoverConfig) => texts,
  send: sendPushover,
});

function readPushover(node: z.infer<typeof schema>, place: Place): PushoverConfig {
  const user = readSecret(node, 'user_key', place);
  const token = readSecret(node, 'token', place);
  if (!isSet(user)) place.complain([], 'one of user_key or user_key_file must be configured');
  if (!isSet(token)) place.complain([], 'one of token or token_file must be configured');
  if (node.html && node.monospace) place.complain([], 'at most one of monospace & html must be configured');
  const { title, message, url, url_title, device, sound, priority } = node;
  return {
    user,
    token,
    texts: { title, message, url, url_title, device, sound, priority },
    retry: node.retry / 1000,
    expire: node.expire / 1000,
    ttl: (node.ttl ?? 0) / 1000,
    html: node.html,
    monospace: node.monospace,
  };
}
