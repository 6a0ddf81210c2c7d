import { z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, isSet, named, readSecret, readUrl, texts } from '../http-kind.ts';
import { type Place, text } from '../kind.ts';
import { sendOpsgenie } from './send.ts';
import type { OpsgenieConfig } from './settings.ts';

const TYPES = /^(team|teams|user|escalation|schedule)$/i;

const responder = z
  .strictObject({ id: text, name: text, username: text, type: text })
  .refine(({ id, name, username }) => id !== '' || name !== '' || username !== '', 'a responder needs one of id, username and name')
  .refine(({ type }) => type.includes('{{') || TYPES.test(type), 'the type of a responder is team, teams, user, escalation or schedule'); // prettier-ignore

const schema = z.strictObject({
  ...httpKeys(true),
  api_key: text,
  api_key_file: text,
  api_url: text,
  message: named('opsgenie', 'message'),
  description: named('opsgenie', 'description'),
  source: named('opsgenie', 'source'),
  details: texts,
  entity: text,
  responders: z.array(responder).nullish(),
  actions: text,
  tags: text,
  note: text,
  priority: text,
  update_alerts: z.boolean().default(false),
});

export const opsgenieKind = httpKind({
  kind: 'opsgenie',
  schema,
  read: readOpsgenie,
  templates: ({ texts: own, details }: OpsgenieConfig) => ({
    ...own,
    ...Object.fromEntries(Object.entries(details).map(([name, value]) => [`details.${name}`, value])),
  }),
  send: sendOpsgenie,
});

function readOpsgenie(node: z.infer<typeof schema>, place: Place): OpsgenieConfig {
  const key = readSecret(node, 'api_key', place, 'opsgenie_api_key');
  if (!isSet(key)) place.complain([], 'no global OpsGenie API Key set either inline or in a file');
  const { message, description, source, entity, actions, tags, note, priority } = node;
  const url = node.api_url || place.global.opsgenie_api_url || 'https://api.opsgenie.com';
  return {
    key,
    url: readUrl(url, 'api_url', place),
    texts: { message, description, source, entity, actions, tags, note, priority },
    details: node.details,
    responders: node.responders ?? [],
    updateAlerts: node.update_alerts,
  };
}
