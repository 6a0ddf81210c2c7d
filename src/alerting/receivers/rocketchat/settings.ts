import type { Secret } from '../http-kind.ts';

type Text = 'channel' | 'color' | 'title' | 'title_link' | 'text' | 'emoji' | 'icon_url' | 'image_url' | 'thumb_url';

/** One entry of `rocketchat_configs`. */
export interface RocketchatConfig {
  readonly url: string;
  readonly token: Secret;
  readonly user: Secret;
  /** Templates. */
  readonly texts: Readonly<Record<Text, string>>;
  readonly fields: readonly { readonly title: string; readonly value: string; readonly short: boolean }[];
  readonly actions: readonly Readonly<Record<'type' | 'text' | 'url' | 'msg', string>>[];
}
