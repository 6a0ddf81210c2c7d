import type { HttpConfig } from '../http-config.ts';

/** One entry of `webhook_configs`, with what `global` says filled in. */
export interface WebhookConfig {
  readonly sendResolved: boolean;
  /** A template, as is the content of `urlFile`. */
  readonly url: string;
  readonly urlFile: string;
  /** 0 = all. */
  readonly maxAlerts: number;
  /** The body in place of version 4's: each text in it is a template. */
  readonly payload?: unknown;
  /** Milliseconds. */
  readonly timeout: number;
  readonly http: Partial<HttpConfig>;
}
