import { duration, z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, isSet, readSecret, readUrl } from '../http-kind.ts';
import { text } from '../kind.ts';
import { sendIncidentio } from './send.ts';
import type { IncidentioConfig } from './settings.ts';

const schema = z.strictObject({
  ...httpKeys(true),
  timeout: duration().optional(),
  url: text,
  url_file: text,
  alert_source_token: text,
  alert_source_token_file: text,
  max_alerts: z.int().min(0).default(0),
});

export const incidentioKind = httpKind({
  kind: 'incidentio',
  schema,
  read(node, place): IncidentioConfig {
    const url = readSecret(node, 'url', place);
    if (!isSet(url)) place.complain([], 'one of url or url_file must be configured');
    readUrl(url.value, 'url', place);
    return { url, token: readSecret(node, 'alert_source_token', place), maxAlerts: node.max_alerts };
  },
  templates: () => ({}),
  send: sendIncidentio,
});
