import type { Secret } from '../http-kind.ts';

/** The texts of an attachment. */
export const ATTACHMENT = [
  'fallback', 'color', 'pretext', 'author_name', 'author_link', 'author_icon', 'title', 'title_link', 'text', 'image_url', 'thumb_url',
  'footer', 'footer_icon',
] as const; // prettier-ignore

export type AttachmentText = (typeof ATTACHMENT)[number];

export interface MattermostAttachment extends Readonly<Record<AttachmentText, string>> {
  readonly fields: readonly { readonly title: string; readonly value: string; readonly short: boolean }[];
}

/** One entry of `mattermost_configs`. Texts are templates. */
export interface MattermostConfig {
  readonly url: Secret;
  readonly texts: Readonly<Record<'channel' | 'username' | 'icon_url' | 'icon_emoji' | 'type', string>>;
  readonly attachments: readonly MattermostAttachment[];
  /** The text of the message itself, where the attachments are the entry's own. */
  readonly text: string;
  readonly card: string;
  readonly priority:
    | { readonly priority: string; readonly requested_ack: boolean; readonly persistent_notifications: boolean }
    | undefined;
}
