import { RE2JS } from 're2js';

/** The groups of a match by number and name; group 0 is the whole text. */
export type Groups = (group: string) => string;

/**
 * Matches whole texts against an RE2 pattern as relabeling does (`^(?s:…)$`) and gives the groups, undefined without a match.
 * @throws {Error} with RE2's own words when the pattern is not valid.
 */
export function compileGroups(pattern: string): (text: string) => Groups | undefined {
  if (pattern === '(.*)') return (text) => (group) => (group === '0' || group === '1' ? text : '');
  const regex = RE2JS.compile(`^(?s:${pattern})$`);
  const names = regex.namedGroups();
  const count = regex.groupCount();
  return (text) => {
    const matcher = regex.matcher(text);
    if (!matcher.find()) return undefined;
    return (group) => {
      const index = /^\d+$/.test(group) ? Number(group) : names[group];
      return index === undefined || index > count ? '' : (matcher.group(index) ?? '');
    };
  };
}

/** Go's `Regexp.Expand`: `$1`, `$name`, `${name}`, `$$`; the longest name counts, so `$1x` is the group `1x`. */
export function expand(template: string, groups: Groups): string {
  if (!template.includes('$')) return template;
  return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare?: string, braced?: string) =>
    whole === '$$' ? '$' : groups(bare ?? braced ?? ''),
  );
}

/** Go's `os.Expand`, as Prometheus applies it to external labels: `$NAME` and `${NAME}`, `$$` is a dollar sign. */
export function expandNames(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare?: string, braced?: string) =>
    whole === '$$' ? '$' : (values[bare ?? braced ?? ''] ?? ''),
  );
}

const REMEMBERED = 1024;

/**
 * Whether an RE2 pattern matches anywhere in a text. Answers are kept, for the same names come at every scrape.
 * @throws {Error} with RE2's own words when the pattern is not valid.
 */
export function compileSearch(pattern: string): (text: string) => boolean {
  const regex = RE2JS.compile(pattern);
  const answers = new Map<string, boolean>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    if (answers.size >= REMEMBERED) answers.clear();
    const answer = regex.matcher(text).find();
    answers.set(text, answer);
    return answer;
  };
}

/** As {@link compileSearch}, but the empty pattern matches nothing: it excludes nothing. */
export function compileExclude(pattern: string): (text: string) => boolean {
  return pattern === '' ? () => false : compileSearch(pattern);
}
