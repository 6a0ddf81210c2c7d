import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, secretOf } from '../http-kind.ts';
import { jsonObject, textIn, withoutEmpty } from '../json.ts';
import type { Render } from '../render.ts';
import type { SlackConfig } from './settings.ts';

/** UTF-16 units of a title; Slack cuts longer ones. */
const MAX_TITLE = 1024;
const MAX_TEXT = 30_000;

/** Messages that were posted, by channel and group, so that they can be changed: lost at a restart, after which one more is posted. */
const posted = new WeakMap<SlackConfig, Map<string, { readonly channel: string; readonly ts: string }>>();
const MAX_POSTED = 10_000;

/** Posts one message with an attachment, or changes the one that was posted for the group (source: docs.slack.dev, chat.postMessage). */
export async function sendSlack(config: SlackConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const token = secretOf(config.token);
  const url = secretOf(config.url) || config.appUrl;
  const known = config.updateMessage ? messagesOf(config).get(render.groupId) : undefined;
  const body = slackMessage(config, render);
  const { attempt, answer } = await exchange({
    url: known === undefined ? url : url.replace(/chat\.postMessage$/, 'chat.update'),
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    body: known === undefined ? body : { ...body, channel: known.channel, ts: known.ts },
    refusal: refusalIn,
  });
  if (config.updateMessage) remember(config, render, attempt.ok, answer);
  return attempt;
}

function slackMessage(config: SlackConfig, render: Render) {
  const { texts, fields, actions } = config;
  const setting = (key: keyof SlackConfig['texts']) => render.setting(texts[key]);
  const attachment = {
    title: render.title(texts.title, MAX_TITLE),
    title_link: setting('title_link'),
    pretext: setting('pretext') || undefined,
    text: render.body(texts.text, MAX_TEXT),
    fallback: render.title(texts.fallback, MAX_TITLE),
    callback_id: setting('callback_id'),
    fields: fields.length === 0 ? undefined : fields.map(({ title, value, short }) => ({ title: render.setting(title), value: render.setting(value), short })),
    actions: actions.length === 0 ? undefined : actions.map((action) => actionOf(action, render)),
    image_url: setting('image_url') || undefined,
    thumb_url: setting('thumb_url') || undefined,
    footer: setting('footer'),
    color: setting('color'),
    mrkdwn_in: config.markdownIn,
  }; // prettier-ignore
  return withoutEmpty({
    channel: render.setting(config.channel),
    username: setting('username'),
    icon_emoji: setting('icon_emoji'),
    icon_url: setting('icon_url'),
    link_names: config.linkNames,
    text: setting('message_text'),
    attachments: [attachment],
  });
}

function actionOf({ confirm, ...action }: SlackConfig['actions'][number], render: Render) {
  const rendered = (texts: Readonly<Record<string, string>>) =>
    withoutEmpty(Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, render.setting(value)])));
  return { ...rendered(action), ...(confirm ? { confirm: rendered(confirm) } : {}) };
}

/** Slack answers 200 to what it refuses: a webhook with a text other than `ok`, the API with `{"ok":false,"error":…}`. */
function refusalIn(answer: string): string {
  const json = jsonObject(answer);
  if (json === undefined) return answer.trim() === 'ok' ? '' : `Slack answered ${JSON.stringify(answer)}`;
  return json.ok === true ? '' : `Slack refused it: ${textIn(answer, 'error') ?? answer}`;
}

function messagesOf(config: SlackConfig) {
  let messages = posted.get(config);
  if (messages === undefined) posted.set(config, (messages = new Map()));
  return messages;
}

/** A group that has ended begins with a new message; so does one whose message is gone. */
function remember(config: SlackConfig, render: Render, ok: boolean, answer: string): void {
  const messages = messagesOf(config);
  messages.delete(render.groupId);
  const { ts, channel } = jsonObject(answer) ?? {};
  if (!ok || !render.firing || typeof ts !== 'string' || typeof channel !== 'string') return;
  messages.set(render.groupId, { ts, channel });
  const [oldest] = messages.keys();
  if (messages.size > MAX_POSTED) messages.delete(oldest);
}
