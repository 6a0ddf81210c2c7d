import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, secretOf } from '../http-kind.ts';
import { withoutEmpty } from '../json.ts';
import type { Render } from '../render.ts';
import type { MattermostAttachment, MattermostConfig } from './settings.ts';

const MAX_TEXT = 16_000;

/** Posts to an incoming webhook (source: developers.mattermost.com, Incoming webhooks and Message attachments). */
export async function sendMattermost(config: MattermostConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const { texts, priority } = config;
  const setting = (key: keyof MattermostConfig['texts']) => render.setting(texts[key]);
  const body = withoutEmpty({
    text: render.body(config.text, MAX_TEXT),
    channel: setting('channel'),
    username: setting('username'),
    icon_url: setting('icon_url'),
    icon_emoji: setting('icon_emoji'),
    type: setting('type'),
    attachments: config.attachments.map((attachment) => attachmentOf(attachment, render)),
    props: config.card === '' ? undefined : { card: render.body(config.card, MAX_TEXT) },
    priority: priority && withoutEmpty({ ...priority, priority: render.setting(priority.priority) }),
  });
  return (await exchange({ url: secretOf(config.url), body, refusal: () => '' })).attempt;
}

function attachmentOf({ fields, text, title, fallback, ...rest }: MattermostAttachment, render: Render) {
  const settings = Object.entries<string>(rest).map(([key, value]) => [key, render.setting(value)]);
  return withoutEmpty({
    fallback: render.title(fallback),
    ...Object.fromEntries(settings),
    title: render.title(title),
    text: render.body(text, MAX_TEXT),
    fields: fields.map((one) => ({ ...one, title: render.setting(one.title), value: render.setting(one.value) })),
  });
}
