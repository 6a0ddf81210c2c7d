import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, secretOf } from '../http-kind.ts';
import { jsonObject, textIn, withoutEmpty } from '../json.ts';
import type { Render } from '../render.ts';
import type { TelegramConfig } from './settings.ts';

const MAX_TEXT = 4096;

/** Sends one message by a bot (source: core.telegram.org/bots/api#sendmessage). */
export async function sendTelegram(config: TelegramConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const { parseMode, message } = config;
  const text = parseMode === 'HTML' ? render.htmlBody(message) : render.body(message);
  // Text that is cut within a tag is refused, so a page that is too long goes out as plain text.
  const tooLong = text.length > MAX_TEXT;
  const body = withoutEmpty({
    chat_id: secretOf(config.chat),
    message_thread_id: config.thread,
    text: tooLong ? render.body(message, MAX_TEXT) : text,
    parse_mode: tooLong ? '' : parseMode,
    disable_web_page_preview: true,
    disable_notification: config.silent,
  });
  const url = `${config.url}/bot${secretOf(config.token)}/sendMessage`;
  return (await exchange({ url, body, refusal: refusalIn })).attempt;
}

function refusalIn(answer: string): string {
  const json = jsonObject(answer);
  return json?.ok === true ? '' : `Telegram refused it: ${textIn(answer, 'description') ?? answer}`;
}
