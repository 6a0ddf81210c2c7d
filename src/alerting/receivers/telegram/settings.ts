import type { Secret } from '../http-kind.ts';

/** One entry of `telegram_configs`. */
export interface TelegramConfig {
  readonly url: string;
  readonly token: Secret;
  /** A number, or the name of a public channel. */
  readonly chat: Secret;
  /** '' = the chat itself. */
  readonly thread: string;
  readonly message: string;
  readonly silent: boolean;
  readonly parseMode: '' | 'Markdown' | 'MarkdownV2' | 'HTML';
}
