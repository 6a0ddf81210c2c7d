import type { Secret } from '../http-kind.ts';

/** One entry of `discord_configs`. */
export interface DiscordConfig {
  readonly url: Secret;
  /** Templates. */
  readonly texts: Readonly<Record<'title' | 'message' | 'content' | 'username' | 'avatar_url', string>>;
}
