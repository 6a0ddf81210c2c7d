import { compileRegex } from '../lib/text/bounded-regex.ts';

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
  const regex = compileRegex(pattern);
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
