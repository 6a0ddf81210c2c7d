import { parseYaml } from '../../lib/yaml.ts';

/** Keys whose values are secrets; webhook URLs often hold a token. */
const SECRET =
  /password|secret|token|credentials|api_key|routing_key|service_key|^url$|_url$|bearer|^values$|^secrets$/;
const NAMES_A_FILE = /_file$/;

/** A routing file as it was written, with `<secret>` in place of every secret, as Alertmanager shows its own. */
export function maskRouting(text: string, file: string): unknown {
  return mask(parseYaml(text, file).value, '');
}

function mask(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.map((item) => mask(item, key));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mask(item, name)]));
  const hidden = SECRET.test(key) && !NAMES_A_FILE.test(key) && value !== null && value !== '';
  return hidden ? '<secret>' : value;
}
