import { matcher, quoted, regexEscaped, selector } from './names.ts';

/** The same thing under the names that metrics and logs have for it. */
const PAIRS = [
  ['namespace', 'kubernetes.namespace'],
  ['pod', 'kubernetes.pod.name'],
  ['container', 'kubernetes.container.name'],
  ['service', 'service.name'],
  ['node', 'host.name'],
] as const;

type Names = Readonly<Record<string, string>>;

/** The log query for what a series is about; '' where its labels name nothing that logs know. */
export function logQueryOf(labels: Names): string {
  return PAIRS.filter(([label]) => (labels[label] ?? '') !== '')
    .map(([label, field]) => `${field}: ${quoted(labels[label])}`)
    .join(' and ');
}

/** Selectors of the series about what wrote a log record, the narrowest first; none where its fields name nothing that series know. */
export function selectorsOf(fields: Names): string[] {
  const matchers = PAIRS.filter(([, field]) => (fields[field] ?? '') !== '').map(([label, field]) =>
    matcher(label, fields[field]),
  );
  const host = fields['host.name'] ?? '';
  // A machine that is no Kubernetes node is named by `instance`, with or without a port.
  const instance = host === '' ? [] : [selector('', [matcher('instance', `${regexEscaped(host)}(:[0-9]+)?`, '=~')])];
  if (matchers.length === 0) return [];
  return [...new Set([selector('', matchers), ...matchers.map((one) => selector('', [one])), ...instance])];
}

/** Where a piece of code in a playbook can be tried: a log search, a PromQL query, or nowhere. */
export function placeOfCode(code: string): { readonly view: 'logs' | 'metrics'; readonly query: string } | undefined {
  if (code.length > 2000) return undefined;
  const search = /^crowsnest logs (?:-\S+ )*'([^']+)'$/.exec(code) ?? /^crowsnest logs (?:-\S+ )*"([^"]+)"$/.exec(code);
  if (search !== null) return { view: 'logs', query: search[1] };
  if (/^(not )?[a-z@][\w.]*: \S/.test(code)) return { view: 'logs', query: code };
  const promql =
    /^\w+ *(by|without|\()|[{[](?:[^\]}]*="|\d+[smhd]\])|^[a-z_]+:[\w:]+$|^[a-z]+_\w+_(total|seconds|bytes|ratio)$/;
  return promql.test(code) && !/^(kubectl|curl|npm|systemctl)\b/.test(code)
    ? { view: 'metrics', query: code }
    : undefined;
}
