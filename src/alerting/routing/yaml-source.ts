import { type Path, type YamlSource, parseYaml } from '../../lib/schema/yaml.ts';

/** Keys whose values are truths, and those whose values are numbers; all else in a routing file is text. */
const TRUTHS = new Set([
  'send_resolved', 'continue', 'require_tls', 'smtp_require_tls', 'force_implicit_tls', 'smtp_force_implicit_tls',
  'insecure_skip_verify', 'follow_redirects', 'enable_http2', 'proxy_from_environment', 'short', 'short_fields', 'link_names',
  'update_message', 'disable_notifications', 'update_alerts', 'monospace', 'enabled', 'requested_ack', 'persistent_notifications',
  'enable_update', 'use_fips_sts_endpoint', 'use_aws_http_client',
]); // prettier-ignore
const NUMBERS = new Set(['max_alerts']);

/** Keys below which names are the user's own, so that they say nothing of the type. */
const OWN_NAMES = new Set(['match', 'match_re', 'headers', 'details', 'custom_fields', 'attributes', 'labels']);

/** YAML 1.1, which Alertmanager reads, has more words for these than YAML 1.2. */
const WORDS: Readonly<Record<string, boolean>> = { y: true, yes: true, on: true, n: false, no: false, off: false };

/**
 * The first document of a routing file as Alertmanager's YAML 1.1 reads it: `send_resolved: yes` is a truth, and a number or
 * a truth where a text is expected (`password: 0123`, `X-Priority: 1`) is the text that was written.
 */
export function routingSource(text: string, file: string): YamlSource {
  const source = parseYaml(text, file).withTexts((path) => !isTyped(path));
  return { ...source, value: withWords(source.value, []) };
}

function isTyped(path: Path): boolean {
  // Own data, which goes out with the types that it has in the file.
  if (path.includes('payload') || (path.includes('jira_configs') && path.includes('fields'))) return true;
  const key = String(path.at(-1));
  return (isTruth(path) || NUMBERS.has(key)) && !OWN_NAMES.has(String(path.at(-2)));
}

/** `html` is a truth for Pushover and a template for e-mail. */
function isTruth(path: Path): boolean {
  const key = String(path.at(-1));
  return TRUTHS.has(key) || (key === 'html' && path.includes('pushover_configs'));
}

function withWords(value: unknown, path: Path): unknown {
  if (Array.isArray(value)) return value.map((item, i) => withWords(item, [...path, i]));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withWords(item, [...path, key])]));
  if (typeof value !== 'string' || !isTyped(path) || !isTruth(path)) return value;
  return WORDS[value.toLowerCase()] ?? value;
}

/** The part of a document at `path`, which still knows where its values stand. */
export function sourceAt(source: YamlSource, path: Path): YamlSource {
  const value = path.reduce<unknown>(
    (at, step) => (at as Record<string | number, unknown> | undefined)?.[step],
    source.value,
  );
  return {
    ...source,
    value,
    complain: (below, message, key) => source.complain([...path, ...below], message, key),
  };
}
