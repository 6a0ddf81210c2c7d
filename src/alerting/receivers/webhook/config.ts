import { duration, validate, z } from '../../../lib/schema/schema.ts';
import { clientOf, httpConfig } from '../http-config.ts';
import { type Integration, type ReceiverKind, checkedTemplates, text } from '../kind.ts';
import { sendWebhook } from './send.ts';
import type { WebhookConfig } from './settings.ts';

const schema = z.strictObject({
  send_resolved: z.boolean().default(true),
  url: text,
  url_file: text,
  max_alerts: z.int().min(0).default(0),
  timeout: duration().optional(),
  payload: z.unknown().optional(),
  http_config: httpConfig.nullish(),
});

export const webhookKind: ReceiverKind = {
  key: 'webhook_configs',
  read(source, place) {
    const node = validate(source, schema);
    const { url, url_file } = node;
    if (url === '' && url_file === '') place.complain([], 'one of url or url_file must be configured');
    if (url !== '' && url_file !== '') place.complain([], 'at most one of url & url_file must be configured');
    if (url !== '' && !url.includes('{{') && !/^https?:\/\/[^/]/.test(url))
      place.complain(['url'], 'expected an http or https URL');
    return webhookIntegration(
      {
        sendResolved: node.send_resolved,
        url,
        urlFile: place.pathOf(url_file),
        maxAlerts: node.max_alerts,
        // As in Alertmanager 0 stands for the default.
        timeout: node.timeout || 30_000,
        payload: node.payload ?? undefined,
        http: node.http_config ?? place.global.http_config ?? {},
      },
      checkedTemplates({ url, ...templatesIn(node.payload, 'payload') }, place),
    );
  },
};

/** Every text of the payload, by its path. */
function templatesIn(value: unknown, path: string): Record<string, string> {
  if (typeof value === 'string') return { [path]: value };
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => Object.entries(templatesIn(item, `${path}.${key}`))),
  );
}

function webhookIntegration(config: WebhookConfig, templates: Integration['templates']): Integration {
  const client = clientOf(config.http);
  return {
    kind: 'webhook',
    sendResolved: config.sendResolved,
    templates,
    send: (notification, context, signal) => sendWebhook(client, config, notification, context, signal),
    close: () => client.close(),
  };
}
