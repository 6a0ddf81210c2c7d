import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, secretOf } from '../http-kind.ts';
import { withoutEmpty } from '../json.ts';
import type { Render } from '../render.ts';
import type { DiscordConfig } from './settings.ts';

const MAX_TITLE = 256;
const MAX_DESCRIPTION = 4096;
const MAX_CONTENT = 2000;
const COLORS = { firing: 0x992d22, resolved: 0x2ecc71 };

/** Posts one embed to a webhook (source: discord.com/developers, Execute Webhook). */
export async function sendDiscord(
  { url, texts }: DiscordConfig,
  render: Render,
  exchange: Exchanging,
): Promise<Attempt> {
  const embed = {
    title: render.title(texts.title, MAX_TITLE),
    description: render.body(texts.message, MAX_DESCRIPTION),
    color: COLORS[render.data.status],
  };
  const avatar = render.setting(texts.avatar_url);
  const body = {
    content: render.body(texts.content, MAX_CONTENT),
    embeds: [embed],
    ...withoutEmpty({ username: render.setting(texts.username), avatar_url: URL.canParse(avatar) ? avatar : '' }),
  };
  return (await exchange({ url: secretOf(url), body, refusal: () => '' })).attempt;
}
