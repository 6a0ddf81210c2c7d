import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, isSet, secretOf } from '../http-kind.ts';
import { jsonOrText, withoutEmpty } from '../json.ts';
import type { Render } from '../render.ts';
import type { PagerdutyConfig } from './settings.ts';

const MAX_SUMMARY = 1024;
/** Bytes of an event; PagerDuty refuses longer ones, so the details that make it long are left out. */
const MAX_EVENT = 512_000;
const EVENTS_V1 = 'https://events.pagerduty.com/generic/2010-04-15/create_event.json';

/** Triggers or resolves the incident of the group (source: developer.pagerduty.com, Events API v2 and v1). */
export async function sendPagerduty(config: PagerdutyConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const version1 = !isSet(config.routingKey);
  const event = version1 ? eventOfV1(config, render) : eventOfV2(config, render);
  const message = { url: version1 ? EVENTS_V1 : config.url, refusal: () => '' };
  return (await exchange({ ...message, body: withinBound(event) })).attempt;
}

function eventOfV2(config: PagerdutyConfig, render: Render): Record<string, unknown> {
  const { texts } = config;
  const text = (key: keyof PagerdutyConfig['texts']) => render.setting(texts[key]);
  const shown = (record: Readonly<Record<string, string>>) =>
    withoutEmpty(Object.fromEntries(Object.entries(record).map(([key, value]) => [key, render.setting(value)])));
  return withoutEmpty({
    routing_key: render.setting(secretOf(config.routingKey)),
    dedup_key: render.groupId,
    event_action: render.firing ? 'trigger' : 'resolve',
    payload: withoutEmpty({
      summary: render.title(texts.description, MAX_SUMMARY),
      source: text('source') || 'crowsnest',
      severity: text('severity').toLowerCase() || 'error',
      class: text('class'),
      component: text('component'),
      group: text('group'),
      custom_details: detailsOf(config, render),
    }),
    client: text('client'),
    client_url: text('client_url'),
    images: config.images.map(shown).filter(({ src }) => src !== undefined),
    links: config.links.map(shown).filter(({ href }) => href !== undefined),
  });
}

function eventOfV1(config: PagerdutyConfig, render: Render): Record<string, unknown> {
  const { texts } = config;
  return withoutEmpty({
    service_key: render.setting(secretOf(config.serviceKey)),
    incident_key: render.groupId,
    event_type: render.firing ? 'trigger' : 'resolve',
    description: render.title(texts.description, MAX_SUMMARY),
    client: render.firing ? render.setting(texts.client) : '',
    client_url: render.firing ? render.setting(texts.client_url) : '',
    details: detailsOf(config, render),
  });
}

function detailsOf({ details }: PagerdutyConfig, render: Render): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details).map(([name, template]) => [name, jsonOrText(render.setting(template))]),
  );
}

/** An event without details says less than one with them, and more than one that is refused. */
function withinBound(event: Record<string, unknown>): Record<string, unknown> {
  if (Buffer.byteLength(JSON.stringify(event)) <= MAX_EVENT) return event;
  const note = { error: `details left out: the event was longer than ${MAX_EVENT} bytes` };
  const { payload, details } = event;
  if (details !== undefined) return { ...event, details: note };
  return { ...event, payload: { ...(payload as Record<string, unknown>), custom_details: note } };
}
