import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, type Secret, secretOf } from '../http-kind.ts';
import type { Render } from '../render.ts';

const MAX_TEXT = 20_000;
const COLORS = { firing: '8C1A1A', resolved: '2DC72D' };

/** A message card for an incoming webhook of Microsoft Teams, the form before workflows. */
export async function sendMsteams(
  config: { readonly url: Secret; readonly title: string; readonly summary: string; readonly text: string },
  render: Render,
  exchange: Exchanging,
): Promise<Attempt> {
  const body = {
    '@context': 'http://schema.org/extensions',
    type: 'MessageCard',
    title: render.title(config.title),
    summary: render.title(config.summary),
    text: render.body(config.text, MAX_TEXT),
    themeColor: COLORS[render.data.status],
  };
  const { attempt } = await exchange({ url: secretOf(config.url), body, refusal: refusalIn });
  return attempt;
}

/** Teams answers 200 with words to what its own service refused behind it. */
function refusalIn(answer: string): string {
  return answer.includes('Microsoft Teams endpoint returned HTTP error') ? answer : '';
}
