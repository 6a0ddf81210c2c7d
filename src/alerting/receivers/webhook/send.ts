import type { HttpClient } from '../../../lib/http-client.ts';
import { readSecretFile } from '../../../lib/schema.ts';
import type { Notification } from '../../../model/alert.ts';
import type { Attempt } from '../../outbox/outbox.ts';
import type { PageContext } from '../../page/page.ts';
import { postJson } from '../json-poster.ts';
import { webhookBody } from '../webhook-body.ts';
import type { WebhookConfig } from './settings.ts';

export async function sendWebhook(
  client: HttpClient,
  config: WebhookConfig,
  notification: Notification,
  context: PageContext,
  signal: AbortSignal,
): Promise<Attempt> {
  let url: string;
  try {
    const template = config.urlFile === '' ? config.url : readSecretFile(config.urlFile);
    const whole = webhookBody(notification, 0, context.externalUrl);
    url = template.includes('{{') ? context.templates.text(template, whole, context.now) : template;
  } catch (error) {
    return { ok: false, retry: true, error: `url: ${(error as Error).message}` };
  }
  if (!/^https?:\/\/[^/]/.test(url))
    return { ok: false, retry: false, error: 'url: its template does not make an http or https URL' };
  const body = webhookBody(notification, config.maxAlerts, context.externalUrl);
  const { timeout, http } = config;
  return postJson(client, { url, body, timeout, signal, redirects: http.follow_redirects ?? true });
}
