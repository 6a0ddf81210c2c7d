import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, secretOf } from '../http-kind.ts';
import { withoutEmpty } from '../json.ts';
import type { Render } from '../render.ts';
import type { OpsgenieConfig } from './settings.ts';

const MAX_MESSAGE = 130;
const MAX_DESCRIPTION = 15_000;

/** Opens or closes the alert whose alias is the group (source: docs.opsgenie.com, Alert API). */
export async function sendOpsgenie(config: OpsgenieConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const headers = { authorization: `GenieKey ${secretOf(config.key)}` };
  const call = async (method: string, path: string, body: object): Promise<Attempt> =>
    (await exchange({ url: `${config.url}/v2/alerts${path}`, method, headers, body, refusal: () => '' })).attempt;
  const source = render.setting(config.texts.source);
  if (!render.firing) return call('POST', `/${render.groupId}/close?identifierType=alias`, { source });
  const alert = alertOf(config, render, source);
  const opened = await call('POST', '', alert);
  if (!opened.ok || !config.updateAlerts) return opened;
  for (const part of ['message', 'description'] as const) {
    const path = `/${render.groupId}/${part}?identifierType=alias`;
    const updated = await call('PUT', path, { [part]: alert[part] ?? '' });
    if (!updated.ok) return updated;
  }
  return opened;
}

function alertOf({ texts, details, responders }: OpsgenieConfig, render: Render, source: string) {
  const list = (template: string) =>
    render
      .setting(template)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  return withoutEmpty({
    alias: render.groupId,
    message: render.title(texts.message, MAX_MESSAGE),
    description: render.body(texts.description, MAX_DESCRIPTION),
    details: { ...render.data.commonLabels, ...renderAll(details, render) },
    source,
    responders: responders.flatMap((one) => respondersOf(one, render)),
    tags: list(texts.tags),
    note: render.setting(texts.note),
    priority: render.setting(texts.priority),
    entity: render.setting(texts.entity),
    actions: list(texts.actions),
  });
}

/** `teams` is a list of names with commas. */
function respondersOf(one: OpsgenieConfig['responders'][number], render: Render): object[] {
  const { type, name, ...rest } = renderAll(one, render);
  if (type.toLowerCase() !== 'teams') return [withoutEmpty({ ...rest, name, type: type.toLowerCase() })];
  return name.split(',').map((team) => ({ name: team.trim(), type: 'team' }));
}

function renderAll<K extends string>(record: Readonly<Record<K, string>>, render: Render): Record<K, string> {
  const entries = Object.entries<string>(record).map(([key, value]) => [key, render.setting(value)]);
  return Object.fromEntries(entries) as Record<K, string>;
}
