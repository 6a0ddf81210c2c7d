import type { Secret } from '../http-kind.ts';

/** One entry of `wechat_configs`. */
export interface WechatConfig {
  readonly secret: Secret;
  readonly url: string;
  readonly type: 'text' | 'markdown';
  /** Templates. */
  readonly texts: Readonly<Record<'corp_id' | 'message' | 'agent_id' | 'to_user' | 'to_party' | 'to_tag', string>>;
}
