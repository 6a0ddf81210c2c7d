import type { Attempt } from '../../outbox/outbox.ts';
import type { Exchanging } from '../http-kind.ts';
import type { Render } from '../render.ts';
import type { WebexConfig } from './settings.ts';

const MAX_MESSAGE = 7000;

/** Posts one message to a room (source: developer.webex.com, Create a Message). */
export async function sendWebex(config: WebexConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const body = { markdown: render.body(config.message, MAX_MESSAGE), roomId: render.setting(config.room) };
  return (await exchange({ url: config.url, body, refusal: () => '' })).attempt;
}
