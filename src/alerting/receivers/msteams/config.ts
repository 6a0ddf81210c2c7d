import { z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, named } from '../http-kind.ts';
import { text } from '../kind.ts';
import { readWebhookUrl } from '../webhook-url.ts';
import { sendMsteams } from './send.ts';

const schema = z.strictObject({
  ...httpKeys(true),
  webhook_url: text,
  webhook_url_file: text,
  title: named('msteams', 'title'),
  summary: named('msteams', 'summary'),
  text: named('msteams', 'text'),
});

export const msteamsKind = httpKind({
  kind: 'msteams',
  schema,
  read: (node, place) => ({
    url: readWebhookUrl(node, place),
    title: node.title,
    summary: node.summary,
    text: node.text,
  }),
  templates: ({ title, summary, text: body }) => ({ title, summary, text: body }),
  send: sendMsteams,
});
