import { z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, isSet, named, readSecret, readUrl, template } from '../http-kind.ts';
import { type Place, text } from '../kind.ts';
import { sendRocketchat } from './send.ts';
import type { RocketchatConfig } from './settings.ts';

const schema = z.strictObject({
  ...httpKeys(false),
  api_url: text,
  channel: text,
  token: text,
  token_file: text,
  token_id: text,
  token_id_file: text,
  color: template('{{ if eq .Status "firing" }}red{{ else }}green{{ end }}'),
  title: named('rocketchat', 'title'),
  title_link: named('rocketchat', 'titlelink'),
  text: named('rocketchat', 'text'),
  emoji: named('rocketchat', 'emoji'),
  icon_url: named('rocketchat', 'iconurl'),
  image_url: text,
  thumb_url: text,
  fields: z.array(z.strictObject({ title: text, value: text, short: z.boolean().nullish() })).nullish(),
  short_fields: z.boolean().default(false),
  link_names: z.boolean().optional(),
  actions: z.array(z.strictObject({ type: text, text, url: text, msg: text })).nullish(),
});

export const rocketchatKind = httpKind({
  kind: 'rocketchat',
  schema,
  read: readRocketchat,
  templates: ({ texts }: RocketchatConfig) => texts,
  send: sendRocketchat,
});

function readRocketchat(node: z.infer<typeof schema>, place: Place): RocketchatConfig {
  const token = readSecret(node, 'token', place, 'rocketchat_token');
  const user = readSecret(node, 'token_id', place, 'rocketchat_token_id');
  if (!isSet(user)) place.complain([], 'no global Rocketchat TokenID set either inline or in a file');
  if (!isSet(token)) place.complain([], 'no global Rocketchat Token set either inline or in a file');
  const { channel, color, title, title_link, text: body, emoji, icon_url, image_url, thumb_url } = node;
  const url = node.api_url || place.global.rocketchat_api_url || 'https://open.rocket.chat';
  return {
    url: readUrl(url, 'api_url', place),
    token,
    user,
    texts: { channel, color, title, title_link, text: body, emoji, icon_url, image_url, thumb_url },
    fields: (node.fields ?? []).map(({ short, ...field }) => ({ ...field, short: short ?? node.short_fields })),
    actions: node.actions ?? [],
  };
}
