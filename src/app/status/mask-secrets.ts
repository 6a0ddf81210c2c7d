import { maskUrl } from '../../lib/http/mask-url.ts';

const SECRET =
  /^(password|bearer_token|credentials|api_key|token|secret|auth_password|routing_key|service_key|api_url|slack_api_url)$/;

/** Parts of a configuration whose values are hidden whatever they are called: headers and parameters carry keys under any name. */
const OPAQUE = new Set(['http_headers', 'headers', 'params']);

/** Returns a copy in which every inline secret and every secret inside a URL is replaced by `<secret>`. */
export function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value === 'string') return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? maskUrl(value) : value;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      (SECRET.test(key) && typeof item === 'string') || OPAQUE.has(key) ? hide(item) : maskSecrets(item),
    ]),
  );
}

/** The same shape with every text in it hidden, so that what is shown can still be read as a configuration. */
function hide(item: unknown): unknown {
  if (typeof item === 'string') return '<secret>';
  if (Array.isArray(item)) return item.map(hide);
  if (item === null || typeof item !== 'object') return item;
  return Object.fromEntries(Object.entries(item).map(([name, inner]) => [name, hide(inner)]));
}
