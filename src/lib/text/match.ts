import { compileRegex } from './bounded-regex.ts';

export type StringTest = (text: string) => boolean;

/**
 * Whether a text satisfies `op value`, with regular expressions in RE2 that match the whole text (`^(?s:…)$`).
 * Patterns that are plain words, alternatives of words, or `.*` / `.+` never reach the engine.
 * @throws {Error} with RE2's own words when the pattern is not valid, or that it is too large.
 */
export function compileMatch(op: '=' | '!=' | '=~' | '!~', value: string): StringTest {
  switch (op) {
    case '=':
      return (text) => text === value;
    case '!=':
      return (text) => text !== value;
    case '=~':
      return compileAnchored(value);
    case '!~': {
      const test = compileAnchored(value);
      return (text) => !test(text);
    }
  }
}

/** A linear-time test of the whole text against an RE2 pattern in which `.` matches line ends too. */
export function compileAnchored(pattern: string): StringTest {
  if (pattern === '' || isLiteral(pattern)) return (text) => text === pattern;
  if (pattern === '.*') return () => true;
  if (pattern === '.+') return (text) => text !== '';
  const words = setOfLiterals(pattern);
  if (words !== undefined) return (text) => words.has(text);
  return pattern.length < LONG ? compiled(pattern) : kept(pattern);
}

/** Characters of a pattern whose compiling costs milliseconds or more: a query asks for it several times. */
const LONG = 1000;
const KEPT = 8;
const longOnes = new Map<string, StringTest>();

function kept(pattern: string): StringTest {
  let test = longOnes.get(pattern);
  if (test !== undefined) return test;
  test = compiled(pattern);
  if (longOnes.size >= KEPT) longOnes.clear();
  longOnes.set(pattern, test);
  return test;
}

function compiled(pattern: string): StringTest {
  // Alone first: `a)|(b` is no pattern, though it would be one within the brackets.
  compileRegex(pattern);
  const regex = compileRegex(`^(?s:${pattern})$`);
  return remember((text) => regex.matcher(text).find());
}

/**
 * The texts that an anchored pattern can match, where it is one word or `a|b|c`, with escaped punctuation such as `10\\.0`;
 * undefined for any other pattern.
 */
export function setOfLiterals(pattern: string): ReadonlySet<string> | undefined {
  const isGroup = pattern.startsWith('(') && pattern.endsWith(')') && !pattern.endsWith('\\)');
  const inner = isGroup ? pattern.slice(1, -1) : pattern;
  const words = new Set<string>();
  let word = '';
  for (let i = 0; i < inner.length; i++) {
    const character = inner[i];
    if (character === '|') {
      words.add(word);
      word = '';
    } else if (character === '\\') {
      const escaped = inner[++i];
      if (escaped === undefined || !/[!-/:-@[-`{-~]/.test(escaped)) return undefined;
      word += escaped;
    } else if ('^$.?*+()[]{}'.includes(character)) {
      return undefined;
    } else {
      word += character;
    }
  }
  return words.add(word);
}

function isLiteral(pattern: string): boolean {
  return !/[\\^$.|?*+()[\]{}]/.test(pattern);
}

const REMEMBERED = 1024;

/** Keeps the newest answers: label values come again at every scrape and every rule, and RE2 in JavaScript costs 0.8 µs. */
function remember(test: StringTest): StringTest {
  const answers = new Map<string, boolean>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    if (answers.size >= REMEMBERED) answers.clear();
    const answer = test(text);
    answers.set(text, answer);
    return answer;
  };
}
