import { z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, isSet, named, readSecret, readUrl, template, texts } from '../http-kind.ts';
import { type Place, text } from '../kind.ts';
import { FIXED, sendVictorops } from './send.ts';
import type { VictoropsConfig } from './settings.ts';

const schema = z.strictObject({
  ...httpKeys(true),
  api_key: text,
  api_key_file: text,
  api_url: text,
  routing_key: z.string({ error: 'missing Routing key in VictorOps config' }).min(1),
  message_type: template('CRITICAL'),
  state_message: named('victorops', 'state_message'),
  entity_display_name: named('victorops', 'entity_display_name'),
  monitoring_tool: named('victorops', 'monitoring_tool'),
  custom_fields: texts,
});

const API = 'https://alert.victorops.com/integrations/generic/20131114/alert';

export const victoropsKind = httpKind({
  kind: 'victorops',
  schema,
  read: readVictorops,
  templates: ({ texts: own, fields }: VictoropsConfig) => ({
    ...own,
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [`custom_fields.${name}`, value])),
  }),
  send: sendVictorops,
});

function readVictorops(node: z.infer<typeof schema>, place: Place): VictoropsConfig {
  const key = readSecret(node, 'api_key', place, 'victorops_api_key');
  if (!isSet(key)) place.complain([], 'no global VictorOps API Key set');
  for (const name of FIXED.filter((fixed) => fixed in node.custom_fields))
    place.complain(['custom_fields', name], `the field ${name} has a value of its own and cannot be a custom one`);
  const { routing_key, message_type, state_message, entity_display_name, monitoring_tool } = node;
  return {
    key,
    url: readUrl(node.api_url || place.global.victorops_api_url || API, 'api_url', place),
    texts: { routing_key, message_type, state_message, entity_display_name, monitoring_tool },
    fields: node.custom_fields,
  };
}
