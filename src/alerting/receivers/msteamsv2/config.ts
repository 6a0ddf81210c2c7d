import { z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, named } from '../http-kind.ts';
import { text } from '../kind.ts';
import { readWebhookUrl } from '../webhook-url.ts';
import { sendMsteamsV2 } from './send.ts';

const schema = z.strictObject({
  ...httpKeys(true),
  webhook_url: text,
  webhook_url_file: text,
  title: named('msteamsv2', 'title'),
  text: named('msteamsv2', 'text'),
});

export const msteamsV2Kind = httpKind({
  kind: 'msteamsv2',
  schema,
  read: (node, place) => ({ url: readWebhookUrl(node, place), title: node.title, text: node.text }),
  templates: ({ title, text: body }) => ({ title, text: body }),
  send: sendMsteamsV2,
});
