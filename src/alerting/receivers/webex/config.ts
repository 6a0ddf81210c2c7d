import { z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, named, readUrl } from '../http-kind.ts';
import { text } from '../kind.ts';
import { sendWebex } from './send.ts';
import type { WebexConfig } from './settings.ts';

const schema = z.strictObject({
  ...httpKeys(true),
  api_url: text,
  room_id: z.string({ error: 'missing room_id on webex_config' }).min(1),
  message: named('webex', 'message'),
});

const API = 'https://webexapis.com/v1/messages';

export const webexKind = httpKind({
  kind: 'webex',
  schema,
  read(node, place): WebexConfig {
    const { authorization } = node.http_config ?? place.global.http_config ?? {};
    if (authorization === undefined) place.complain([], 'missing webex_configs.http_config.authorization');
    const url = readUrl(node.api_url || place.global.webex_api_url || API, 'api_url', place);
    return { url, room: node.room_id, message: node.message };
  },
  templates: ({ room, message }) => ({ room_id: room, message }),
  send: sendWebex,
});
