import { maskSecretsOfUrl } from '../../lib/http/mask-url.ts';
import { type Path, parseYaml } from '../../lib/schema/yaml.ts';

/** Keys whose values are secrets, wherever they stand. */
const SECRETS =
  /^(.*_)?(password|secret|token|api_key|service_key|secret_key|user_key|token_id|webhook_url|credentials|client_certificate_key)$/;

/** Keys that are secrets in the lists of some kinds of receivers, and plain in others. */
const SECRETS_OF: Readonly<Record<string, readonly string[]>> = {
  webhook_configs: ['url'],
  slack_configs: ['api_url'],
  pagerduty_configs: ['routing_key'],
  global: ['slack_api_url'],
};

/** A routing file as it was written, with `<secret>` in place of every secret, as Alertmanager shows its own. */
export function maskRouting(text: string, file: string): unknown {
  return mask(parseYaml(text, file).value, []);
}

function mask(value: unknown, path: Path): unknown {
  if (Array.isArray(value)) return value.map((item, i) => mask(item, [...path, i]));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mask(item, [...path, name])]));
  if (value === null || value === '') return value;
  if (isSecret(path)) return '<secret>';
  return typeof value === 'string' ? maskSecretsOfUrl(value) : value;
}

function isSecret(path: Path): boolean {
  const key = String(path.findLast((step) => typeof step === 'string'));
  // Headers, and what a request for a token has beside the secret.
  if (path.includes('http_headers') || path.includes('endpoint_params') || path.includes('proxy_connect_header'))
    return key !== 'files';
  // The key of a certificate, which may stand in the file itself.
  if (key === 'key' && path.includes('tls_config')) return true;
  return (
    SECRETS.test(key) || Object.entries(SECRETS_OF).some(([list, keys]) => path.includes(list) && keys.includes(key))
  );
}
