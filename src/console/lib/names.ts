/** Metric names that the parser would read as something else. */
const NOT_A_METRIC = /^(?:bool|on|ignoring|group_left|group_right|atan2|inf|nan)$/i;

/** Whether a metric's name can be written before the braces, or must stand quoted in them. */
export function isPlainMetric(name: string): boolean {
  return /^[a-zA-Z_:][\w:]*$/.test(name) && !NOT_A_METRIC.test(name);
}

/** A label's name as matchers and `by (…)` take it: quoted where it is no plain word. */
export function labelName(name: string): string {
  return /^[a-zA-Z_]\w*$/.test(name) ? name : quoted(name);
}

/** `job="node"`, or `"http.route"="/"`. */
export function matcher(name: string, value: string, op = '='): string {
  return `${labelName(name)}${op}${quoted(value)}`;
}

/** `up{job="node"}`, or `{"http.server.duration", job="node"}` for a name that is no plain word. */
export function selector(metric: string, matchers: readonly string[] = []): string {
  if (metric === '') return `{${matchers.join(', ')}}`;
  if (!isPlainMetric(metric)) return `{${[quoted(metric), ...matchers].join(', ')}}`;
  return matchers.length === 0 ? metric : `${metric}{${matchers.join(', ')}}`;
}

/** `up{job="node"}` for a label set. */
export function seriesText(labels: Readonly<Record<string, string>>): string {
  const { __name__: name = '', ...rest } = labels;
  return selector(
    name,
    Object.entries(rest).map(([label, value]) => matcher(label, value)),
  );
}

/** A text in double quotes, as PromQL and KQL read it. */
export function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** The text with all that means something in a regular expression escaped. */
export function regexEscaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/** The expression that is most likely wanted of a metric, by its type. */
export function firstQuery(metric: string, type: string): string {
  const part = (ending: string) => selector(`${metric}${ending}`);
  if (type === 'counter') return `rate(${part('')}[5m])`;
  if (type === 'histogram') return `histogram_quantile(0.95, sum by (le) (rate(${part('_bucket')}[5m])))`;
  if (type === 'summary') return `rate(${part('_sum')}[5m]) / rate(${part('_count')}[5m])`;
  return part('');
}
