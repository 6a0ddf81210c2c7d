import { z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, isSet, named, readSecret, readUrl } from '../http-kind.ts';
import { type Place, text } from '../kind.ts';
import { sendWechat } from './send.ts';
import type { WechatConfig } from './settings.ts';

const schema = z.strictObject({
  ...httpKeys(false),
  api_secret: text,
  api_secret_file: text,
  api_url: text,
  corp_id: text,
  message: named('wechat', 'message'),
  message_type: z.enum(['', 'text', 'markdown'], { error: 'expected text or markdown' }).default('text'),
  agent_id: named('wechat', 'agent_id'),
  to_user: named('wechat', 'to_user'),
  to_party: named('wechat', 'to_party'),
  to_tag: named('wechat', 'to_tag'),
});

export const wechatKind = httpKind({
  kind: 'wechat',
  schema,
  read: readWechat,
  templates: ({ texts }: WechatConfig) => texts,
  send: sendWechat,
});

function readWechat(node: z.infer<typeof schema>, place: Place): WechatConfig {
  const secret = readSecret(node, 'api_secret', place, 'wechat_api_secret');
  if (!isSet(secret)) place.complain([], 'no global Wechat Api Secret set either inline or in a file');
  const corp = node.corp_id || place.global.wechat_api_corp_id;
  if (corp === '') place.complain([], 'no global Wechat CorpID set');
  const { message, agent_id, to_user, to_party, to_tag } = node;
  const url = node.api_url || place.global.wechat_api_url || 'https://qyapi.weixin.qq.com/cgi-bin';
  return {
    secret,
    url: readUrl(url, 'api_url', place),
    type: node.message_type || 'text',
    texts: { corp_id: corp, message, agent_id, to_user, to_party, to_tag },
  };
}
