import { duration, z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, isSet, named, readSecret, readUrl, template, texts } from '../http-kind.ts';
import { type Place, text } from '../kind.ts';
import { sendPagerduty } from './send.ts';
import type { PagerdutyConfig } from './settings.ts';

const schema = z.strictObject({
  ...httpKeys(true),
  timeout: duration().optional(),
  routing_key: text,
  routing_key_file: text,
  service_key: text,
  service_key_file: text,
  url: text,
  client: named('pagerduty', 'client'),
  client_url: named('pagerduty', 'clientURL'),
  description: named('pagerduty', 'description'),
  severity: template('error'),
  source: text,
  class: text,
  component: text,
  group: text,
  details: texts,
  images: z.array(z.strictObject({ src: text, alt: text, href: text })).nullish(),
  links: z.array(z.strictObject({ href: text, text })).nullish(),
});

/** Details of every event, which an entry can override. */
const DETAILS = {
  firing: '{{ .Alerts.Firing | toJson }}',
  resolved: '{{ .Alerts.Resolved | toJson }}',
  num_firing: '{{ .Alerts.Firing | len }}',
  num_resolved: '{{ .Alerts.Resolved | len }}',
};

const EVENTS = 'https://events.pagerduty.com/v2/enqueue';

export const pagerdutyKind = httpKind({
  kind: 'pagerduty',
  schema,
  read: readPagerduty,
  templates: ({ texts: own, details }: PagerdutyConfig) => ({
    ...own,
    ...Object.fromEntries(Object.entries(details).map(([name, value]) => [`details.${name}`, value])),
  }),
  send: sendPagerduty,
});

function readPagerduty(node: z.infer<typeof schema>, place: Place): PagerdutyConfig {
  const routingKey = readSecret(node, 'routing_key', place);
  const serviceKey = readSecret(node, 'service_key', place);
  if (!isSet(routingKey) && !isSet(serviceKey))
    place.complain([], 'missing service or routing key in PagerDuty config');
  const { client, client_url, description, severity, source, component, group, class: kind } = node;
  return {
    routingKey,
    serviceKey,
    url: readUrl(node.url || place.global.pagerduty_url || EVENTS, 'url', place),
    texts: { client, client_url, description, severity, source: source || client, component, group, class: kind },
    details: { ...DETAILS, ...node.details },
    images: node.images ?? [],
    links: node.links ?? [],
  };
}
