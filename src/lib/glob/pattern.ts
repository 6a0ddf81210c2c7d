import { compileAnchored } from '../text/match.ts';

/**
 * The pattern language of every path in the configuration and on the command line:
 *
 *   *        any characters within a name
 *   ?        one character within a name
 *   [a-z]    one of a set; [!a-z] and [^a-z] one that is not in it
 *   {a,b}    either, also nested
 *   **       as a whole name: any number of folders; as the last name, every file below
 *
 * As in a shell, `*`, `?` and `**` do not find names that begin with a dot, and `**` does not follow links. Matching is
 * linear in the length of the name, whatever the pattern.
 */

/** Whether a path is a pattern rather than the name of one file. */
export function hasMagic(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** The parts of a pattern between slashes. `**` after `**` says nothing more, and would cost a walk for each level. */
export function partsOf(pattern: string): string[] {
  const parts = pattern.split('/').filter((part, i) => part !== '' || i === 0);
  return parts.filter((part, i) => part !== '**' || parts[i - 1] !== '**');
}

/**
 * Returns the test of one name, for one part of a pattern.
 * @throws {Error} that quotes the part when it is not valid.
 */
export function compileName(part: string, hidden = false): (name: string) => boolean {
  const matches = compilePart(part);
  const findsHidden = hidden || part.startsWith('.');
  return (name) => (findsHidden || !name.startsWith('.')) && matches(name);
}

/**
 * Returns the test of a whole path, for exclusions: there `*` and `**` match hidden names too.
 * @throws {Error} that quotes the pattern when it is not valid.
 */
export function compilePath(pattern: string): (path: string) => boolean {
  const source = pattern.split('/').map(translate).join('/').replaceAll('.*.*/', '(?:.*/)?');
  return compile(source, pattern);
}

/** One star and nothing else, as nearly every pattern has it, needs no regular expression. */
function compilePart(part: string): (name: string) => boolean {
  const [before, after, more] = part.split('*');
  if (after === undefined || more !== undefined || hasMagic(before + after)) return compile(translate(part), part);
  return (name) => name.length >= part.length - 1 && name.startsWith(before) && name.endsWith(after);
}

function compile(source: string, pattern: string): (text: string) => boolean {
  try {
    return compileAnchored(source);
  } catch (error) {
    throw new Error(`${pattern}: syntax error in pattern`, { cause: error });
  }
}

/** One part of a pattern as a regular expression of RE2. */
function translate(part: string): string {
  if (part === '**') return '.*.*';
  let pattern = '';
  let braces = 0;
  for (let i = 0; i < part.length; i++) {
    const char = part[i];
    const close = char === '[' ? part.indexOf(']', i + 2) : -1;
    if (char === '[' && close < 0) throw new Error(`${part}: syntax error in pattern`);
    if (char === '*') pattern += '[^/]*';
    else if (char === '?') pattern += '[^/]';
    else if (close > 0) {
      pattern += `[${part
        .slice(i + 1, close)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`;
      i = close;
    } else if (char === '{') [pattern, braces] = [`${pattern}(?:`, braces + 1];
    else if (char === '}' && braces > 0) [pattern, braces] = [`${pattern})`, braces - 1];
    else if (char === ',' && braces > 0) pattern += '|';
    else pattern += char.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  }
  return pattern + ')'.repeat(braces);
}
