import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, secretOf } from '../http-kind.ts';
import { jsonObject, textIn, withoutEmpty } from '../json.ts';
import type { Render } from '../render.ts';
import type { RocketchatConfig } from './settings.ts';

const MAX_TITLE = 1024;
const MAX_TEXT = 5000;

/** Posts one message with an attachment (source: developer.rocket.chat, chat.postMessage). */
export async function sendRocketchat(config: RocketchatConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const { texts, fields, actions } = config;
  const setting = (key: keyof RocketchatConfig['texts']) => render.setting(texts[key]);
  const attachment = withoutEmpty({
    title: render.title(texts.title, MAX_TITLE),
    title_link: setting('title_link'),
    text: render.body(texts.text, MAX_TEXT),
    image_url: setting('image_url'),
    thumb_url: setting('thumb_url'),
    color: setting('color'),
    fields: fields.map(({ title, value, short }) => ({
      short,
      title: render.setting(title),
      value: render.setting(value),
    })),
    actions: actions.map((action) =>
      withoutEmpty(Object.fromEntries(Object.entries(action).map(([key, value]) => [key, render.setting(value)]))),
    ),
  });
  const body = withoutEmpty({
    channel: setting('channel'),
    emoji: setting('emoji'),
    avatar: setting('icon_url'),
    attachments: [attachment],
  });
  const headers = { 'x-auth-token': secretOf(config.token), 'x-user-id': secretOf(config.user) };
  const url = `${config.url}/api/v1/chat.postMessage`;
  return (await exchange({ url, headers, body, refusal: refusalIn })).attempt;
}

function refusalIn(answer: string): string {
  const json = jsonObject(answer);
  return json?.success === true ? '' : `Rocket.Chat refused it: ${textIn(answer, 'error') ?? answer}`;
}
