import type { Secret } from '../http-kind.ts';

type Text =
  | 'username' | 'color' | 'title' | 'title_link' | 'pretext' | 'text' | 'message_text' | 'footer' | 'fallback' | 'callback_id'
  | 'icon_emoji' | 'icon_url' | 'image_url' | 'thumb_url'; // prettier-ignore

/** One entry of `slack_configs`, with what `global` says filled in. */
export interface SlackConfig {
  /** The address of an incoming webhook; empty where a token is used. */
  readonly url: Secret;
  readonly token: Secret;
  /** Where messages are posted with a token. */
  readonly appUrl: string;
  readonly channel: string;
  /** Templates. */
  readonly texts: Readonly<Record<Text, string>>;
  readonly fields: readonly { readonly title: string; readonly value: string; readonly short: boolean }[];
  readonly actions: readonly {
    readonly type: string;
    readonly text: string;
    readonly url: string;
    readonly style: string;
    readonly name: string;
    readonly value: string;
    readonly confirm?: {
      readonly text: string;
      readonly title: string;
      readonly ok_text: string;
      readonly dismiss_text: string;
    } | null;
  }[];
  readonly linkNames: boolean;
  readonly markdownIn: readonly string[];
  /** Whether the message of a group is changed in place of posting another. */
  readonly updateMessage: boolean;
}
