import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, secretOf } from '../http-kind.ts';
import { jsonObject, textIn, withoutEmpty } from '../json.ts';
import type { Render } from '../render.ts';
import type { WechatConfig } from './settings.ts';

const MAX_TEXT = 2000;

/** Fetches a token, then sends one message of an application (source: developer.work.weixin.qq.com). */
export async function sendWechat(config: WechatConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const { texts, type } = config;
  const setting = (key: keyof WechatConfig['texts']) => render.setting(texts[key]);
  const query = new URLSearchParams({ corpid: setting('corp_id'), corpsecret: secretOf(config.secret) });
  const login = await exchange({
    url: `${config.url}/gettoken?${query.toString()}`,
    method: 'GET',
    refusal: (answer) => (textIn(answer, 'access_token') === undefined ? `no token: ${answer}` : ''),
  });
  if (!login.attempt.ok) return login.attempt;
  const body = {
    [type]: { content: render.body(texts.message, MAX_TEXT) },
    ...withoutEmpty({
      touser: setting('to_user'),
      toparty: setting('to_party'),
      totag: setting('to_tag'),
      agentid: setting('agent_id'),
    }),
    safe: '0',
    msgtype: type,
  };
  const token = new URLSearchParams({ access_token: textIn(login.answer, 'access_token') ?? '' });
  const url = `${config.url}/message/send?${token.toString()}`;
  return (await exchange({ url, body, refusal: refusalIn })).attempt;
}

function refusalIn(answer: string): string {
  const json = jsonObject(answer);
  return json?.errcode === 0 ? '' : `WeChat refused it: ${textIn(answer, 'errmsg') ?? answer}`;
}
