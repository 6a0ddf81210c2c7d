import type { Secret } from '../http-kind.ts';

/** One entry of `pushover_configs`. Durations in seconds. */
export interface PushoverConfig {
  readonly user: Secret;
  readonly token: Secret;
  /** Templates. */
  readonly texts: Readonly<Record<'title' | 'message' | 'url' | 'url_title' | 'device' | 'sound' | 'priority', string>>;
  readonly retry: number;
  readonly expire: number;
  /** 0 = none. */
  readonly ttl: number;
  readonly html: boolean;
  readonly monospace: boolean;
}
