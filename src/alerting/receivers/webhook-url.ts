import { type Secret, isSet, readSecret, readUrl } from './http-kind.ts';
import type { Place } from './kind.ts';

/** `webhook_url` or `webhook_url_file`; complains where neither is set, or both. */
export function readWebhookUrl(
  node: Readonly<Record<string, unknown>>,
  place: Place,
  globalKey = '',
  missing = 'one of webhook_url or webhook_url_file must be configured',
): Secret {
  const url = readSecret(node, 'webhook_url', place, globalKey);
  if (!isSet(url)) place.complain([], missing);
  readUrl(url.value, 'webhook_url', place);
  return url;
}
