import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, secretOf } from '../http-kind.ts';
import type { Render } from '../render.ts';
import type { PushoverConfig } from './settings.ts';

const API = 'https://api.pushover.net/1/messages.json';
const MAX_TITLE = 250;
const MAX_MESSAGE = 1024;
const MAX_URL = 512;
const MAX_URL_TITLE = 100;

/** Sends one message (source: pushover.net/api). The parameters are in the body, so that no log of a proxy has the token. */
export async function sendPushover(config: PushoverConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const { texts } = config;
  const message = config.html ? render.htmlBody(texts.message, MAX_MESSAGE) : render.body(texts.message, MAX_MESSAGE);
  const form = new URLSearchParams({
    token: render.setting(secretOf(config.token)),
    user: render.setting(secretOf(config.user)),
    title: render.title(texts.title, MAX_TITLE),
    // An empty message is refused.
    message: message.trim() || '(no details)',
    priority: render.setting(texts.priority, '2').trim(),
    retry: String(config.retry),
    expire: String(config.expire),
  });
  const optional = {
    url: render.title(texts.url, MAX_URL),
    url_title: render.title(texts.url_title, MAX_URL_TITLE),
    device: render.setting(texts.device),
    sound: render.setting(texts.sound),
    ttl: config.ttl > 0 ? String(config.ttl) : '',
    html: config.html ? '1' : '',
    monospace: config.monospace ? '1' : '',
  };
  for (const [name, value] of Object.entries(optional)) if (value !== '') form.set(name, value);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return (await exchange({ url: API, headers, body: form.toString(), refusal: () => '' })).attempt;
}
