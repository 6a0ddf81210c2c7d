/** Texts by name, with whom they were asked for: `app.kubernetes.io/name` → `web`. */
type Names = readonly (readonly [name: string, value: string])[];

/**
 * Labels or annotations of an object as labels of a series: names are sorted, written as label names behind `prefix_`, and
 * those that become the same get `_conflict1`, `_conflict2` …
 */
export function seriesLabels(prefix: string, names: Names): Record<string, string> {
  const sorted = [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [labelName(prefix, name), value]);
  const count = new Map<string, number>();
  for (const [name] of sorted) count.set(name, (count.get(name) ?? 0) + 1);
  const seen = new Map<string, number>();
  const labels: Record<string, string> = {};
  for (const [name, value] of sorted) {
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    labels[count.get(name) === 1 ? name : `${name}_conflict${number}`] = value;
  }
  return labels;
}

/** Characters that no label name may have become underscores. */
export function sanitize(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/gu, '_');
}

/** `camelCase` becomes `camel_case`, as all other label names are written. */
function labelName(prefix: string, name: string): string {
  return `${prefix}_${sanitize(name)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()}`;
}

/** Which names of labels or annotations of an object become labels; `*` stands for any text. */
export function allowNames(patterns: readonly string[]): (names: Names) => Names {
  if (patterns.includes('*')) return (names) => names;
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const globs = patterns.filter((pattern) => pattern.includes('*')).map((pattern) => pattern.split('*'));
  return (names) => names.filter(([name]) => exact.has(name) || globs.some((glob) => matchesGlob(glob, name)));
}

/** @param parts of the pattern between its asterisks */
function matchesGlob(parts: readonly string[], name: string): boolean {
  const [first, ...rest] = parts;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first)) return false;
  let place = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, place);
    if (found < 0) return false;
    place = found + part.length;
  }
  return name.length - last.length >= place && name.endsWith(last);
}
