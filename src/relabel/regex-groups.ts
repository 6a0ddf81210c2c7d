import { compileRegex } from '../lib/text/bounded-regex.ts';

/** The groups of a match by number and name; group 0 is the whole text. */
export type Groups = (group: string) => string;

/**
 * Matches whole texts against an RE2 pattern as relabeling does (`^(?s:…)$`) and gives the groups, undefined without a match.
 * @throws {Error} with RE2's own words when the pattern is not valid.
 */
export function compileGroups(pattern: string): (text: string) => Groups | undefined {
  if (pattern === '(.*)') return (text) => (group) => (group === '0' || group === '1' ? text : '');
  const regex = compileRegex(`^(?s:${pattern})$`);
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
