import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, secretOf } from '../http-kind.ts';
import type { Render } from '../render.ts';
import type { VictoropsConfig } from './settings.ts';

/** Fields that every message has, and that custom fields cannot replace. */
export const FIXED = ['routing_key', 'message_type', 'state_message', 'entity_display_name', 'monitoring_tool', 'entity_id', 'entity_state'] as const; // prettier-ignore

const MAX_MESSAGE = 20_480;

/** Triggers or recovers the incident of the group (source: help.victorops.com, REST endpoint). */
export async function sendVictorops(config: VictoropsConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const { texts, fields } = config;
  const type = render.setting(texts.message_type, 'CRITICAL').trim() || 'CRITICAL';
  const own = Object.entries(fields).map(([name, template]) => [name, render.setting(template)]);
  const body = {
    ...(Object.fromEntries(own) as Record<string, string>),
    message_type: render.firing ? type : 'RECOVERY',
    entity_id: render.groupId,
    entity_display_name: render.title(texts.entity_display_name),
    state_message: render.body(texts.state_message, MAX_MESSAGE),
    monitoring_tool: render.setting(texts.monitoring_tool),
  };
  const url = `${config.url}/${encodeURIComponent(secretOf(config.key))}/${encodeURIComponent(render.setting(texts.routing_key))}`;
  return (await exchange({ url, body, refusal: () => '' })).attempt;
}
