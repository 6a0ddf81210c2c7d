import type { HttpClient } from '../../../lib/http-client.ts';
import { HttpError } from '../../../lib/http-client.ts';
import { readSecretFile } from '../../../lib/schema.ts';
import type { Notification } from '../../../model/alert.ts';
import type { Attempt } from '../../outbox/outbox.ts';
import type { WebhookIntegration } from '../../routing/routing.ts';
import { webhookBody } from '../webhook-body.ts';

/** Answers longer than this are not read: only the status counts. */
const MAX_ANSWER = 1024 * 1024;

export async function sendWebhook(
  client: HttpClient,
  config: WebhookIntegration,
  notification: Notification,
  externalUrl: string,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    const url = config.urlFile === '' ? config.url : readSecretFile(config.urlFile);
    const body = JSON.stringify(webhookBody(notification, config.maxAlerts, externalUrl));
    const { status } = await client.request({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'crowsnest' },
      body,
      timeout: config.timeout,
      maxBytes: MAX_ANSWER,
      signal,
    });
    if (status >= 200 && status < 300) return { ok: true, receipt: `HTTP ${status}` };
    return { ok: false, retry: status >= 500 || status === 429, error: `unexpected status code ${status}` };
  } catch (error) {
    // The URL of a webhook often is its secret, and an HttpError's message starts with it.
    const words =
      error instanceof HttpError ? `${error.reason}: ${withoutUrl(error.message)}` : (error as Error).message;
    return { ok: false, retry: true, error: words };
  }
}

function withoutUrl(message: string): string {
  return message.replaceAll(/https?:\/\/[^\s]+?(?=:? |$)/g, '<secret>');
}
