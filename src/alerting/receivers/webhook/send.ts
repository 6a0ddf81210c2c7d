import type { HttpClient } from '../../../lib/http/client.ts';
import { readSecretFile } from '../../../lib/schema/schema.ts';
import type { Notification } from '../../../model/alert.ts';
import type { Attempt } from '../../outbox/outbox.ts';
import type { PageContext } from '../../page/page.ts';
import { exchange } from '../exchange.ts';
import { jsonOrText } from '../json.ts';
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
  const whole = webhookBody(notification, config.maxAlerts, context.externalUrl);
  let body: unknown = whole;
  try {
    if (config.payload !== undefined)
      body = payloadOf(config.payload, (text) => context.templates.text(text, whole, context.now));
  } catch (error) {
    return { ok: false, retry: false, error: `payload: ${(error as Error).message}` };
  }
  const { timeout, http } = config;
  const options = { timeout, signal, redirects: http.follow_redirects ?? true };
  return (await exchange(client, { url, body }, options)).attempt;
}

/** A text that renders to JSON becomes the value that it says, so that `{{ .Alerts | toJson }}` is a list. */
function payloadOf(value: unknown, render: (template: string) => string): unknown {
  if (typeof value === 'string') return value.includes('{{') ? jsonOrText(render(value)) : value;
  if (Array.isArray(value)) return value.map((item) => payloadOf(item, render));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, payloadOf(item, render)]));
}
