import type { Secret } from '../http-kind.ts';

/** One entry of `pagerduty_configs`. */
export interface PagerdutyConfig {
  /** Of an integration with the Events API v2. */
  readonly routingKey: Secret;
  /** Of one with the Events API v1. */
  readonly serviceKey: Secret;
  readonly url: string;
  /** Templates. */
  readonly texts: Readonly<
    Record<'client' | 'client_url' | 'description' | 'severity' | 'source' | 'class' | 'component' | 'group', string>
  >;
  readonly details: Readonly<Record<string, string>>;
  readonly images: readonly { readonly src: string; readonly alt: string; readonly href: string }[];
  readonly links: readonly { readonly href: string; readonly text: string }[];
}
