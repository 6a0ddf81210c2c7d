const SECRET =
  /^(password|bearer_token|credentials|api_key|token|secret|auth_password|routing_key|service_key|api_url|slack_api_url)$/;

/** A copy in which every secret that stands inline, and every password inside a URL, reads `<secret>`. */
export function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value === 'string') return value.replace(/^(\w+:\/\/[^/:@\s]*):[^@/\s]+@/, '$1:<secret>@');
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      (SECRET.test(key) && typeof item === 'string') || key === 'http_headers' || key === 'headers'
        ? hide(item)
        : maskSecrets(item),
    ]),
  );
}

/** Headers carry keys under any name, so their values are hidden whatever they are called. */
function hide(item: unknown): unknown {
  if (item === null || typeof item !== 'object') return '<secret>';
  return Object.fromEntries(Object.keys(item).map((name) => [name, '<secret>']));
}
