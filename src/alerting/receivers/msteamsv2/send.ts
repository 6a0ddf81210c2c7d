import type { Attempt } from '../../outbox/outbox.ts';
import { type Exchanging, type Secret, secretOf } from '../http-kind.ts';
import type { Render } from '../render.ts';

/** Teams refuses messages above 28 KB. */
const MAX_TEXT = 20_000;

/** An adaptive card for a workflow of Microsoft Teams (source: adaptivecards.io, and Teams' "Post to a channel" workflow). */
export async function sendMsteamsV2(
  config: { readonly url: Secret; readonly title: string; readonly text: string },
  render: Render,
  exchange: Exchanging,
): Promise<Attempt> {
  const title = {
    type: 'TextBlock',
    text: render.title(config.title),
    weight: 'Bolder',
    size: 'Medium',
    wrap: true,
    style: 'heading',
    color: render.firing ? 'Attention' : 'Good',
  };
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.2',
    body: [title, { type: 'TextBlock', text: render.body(config.text, MAX_TEXT), wrap: true }],
    msteams: { width: 'full' },
  };
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card };
  const body = { type: 'message', attachments: [attachment] };
  return (await exchange({ url: secretOf(config.url), body })).attempt;
}
