import { z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, isSet, named, readSecret, readUrl } from '../http-kind.ts';
import { type Place, text } from '../kind.ts';
import { sendTelegram } from './send.ts';
import type { TelegramConfig } from './settings.ts';

const schema = z.strictObject({
  ...httpKeys(true),
  api_url: text,
  bot_token: text,
  bot_token_file: text,
  chat_id: text.refine((value) => /^-?\d*$/.test(value), 'expected the number of a chat'),
  chat_id_file: text,
  message_thread_id: text,
  message: named('telegram', 'message'),
  disable_notifications: z.boolean().default(false),
  parse_mode: z.enum(['', 'Markdown', 'MarkdownV2', 'HTML']).default('HTML'),
});

export const telegramKind = httpKind({
  kind: 'telegram',
  schema,
  read: readTelegram,
  templates: ({ message }: TelegramConfig) => ({ message }),
  send: sendTelegram,
});

function readTelegram(node: z.infer<typeof schema>, place: Place): TelegramConfig {
  const token = readSecret(node, 'bot_token', place, 'telegram_bot_token');
  const chat = readSecret(node, 'chat_id', place);
  if (!isSet(token)) place.complain([], 'missing bot_token or bot_token_file on telegram_config');
  if (!isSet(chat)) place.complain([], 'missing chat_id or chat_id_file on telegram_config');
  return {
    url: readUrl(node.api_url || place.global.telegram_api_url || 'https://api.telegram.org', 'api_url', place),
    token,
    chat,
    thread: node.message_thread_id,
    message: node.message,
    silent: node.disable_notifications,
    parseMode: node.parse_mode,
  };
}
