import { StoreError } from '../errors.ts';

/** What a value is compared with: the literal pieces between the wildcards, `['a', 'b']` for `a*b`. */
export interface KqlTerm {
  readonly pieces: readonly string[];
}

export type CompareOp = '<' | '<=' | '>' | '>=';

/** A piece of a query; `at` is where it begins. */
export type Token =
  | {
      readonly kind: 'word';
      readonly terms: readonly KqlTerm[];
      readonly text: string;
      readonly raw: string;
      readonly at: number;
    }
  | { readonly kind: 'phrase'; readonly text: string; readonly at: number; readonly end: number }
  | { readonly kind: 'op'; readonly text: '(' | ')' | '{' | '}' | ':' | CompareOp; readonly at: number }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number };

/**
 * Cuts a query into words, "phrases" and signs, with an end.
 * @throws {StoreError} `bad_query` for a phrase that does not end.
 */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < query.length) {
    const char = query[at];
    if (/\s/.test(char)) {
      at++;
    } else if (char === '"') {
      at = readPhrase(query, at, tokens);
    } else if (char === '(' || char === ')' || char === ':' || char === '{' || char === '}') {
      tokens.push({ kind: 'op', text: char, at: at++ });
    } else if (char === '<' || char === '>') {
      const text = query[at + 1] === '=' ? (`${char}=` as const) : char;
      tokens.push({ kind: 'op', text, at });
      at += text.length;
    } else {
      at = readWord(query, at, tokens);
    }
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}

function readPhrase(query: string, from: number, tokens: Token[]): number {
  let text = '';
  for (let at = from + 1; at < query.length; at++) {
    if (query[at] === '"') {
      tokens.push({ kind: 'phrase', text, at: from, end: at + 1 });
      return at + 1;
    }
    if (query[at] === '\\' && at + 1 < query.length) at++;
    text += query[at];
  }
  throw new StoreError('bad_query', `query, character ${from + 1}: the phrase has no closing quote`);
}

/** A word, and its alternatives where it is `a|b`; `raw` is as it was written, with each `\\`. */
function readWord(query: string, from: number, tokens: Token[]): number {
  const terms: string[][] = [['']];
  let text = '';
  let at = from;
  for (; at < query.length && !/[\s(){}":<>]/.test(query[at]); at++) {
    const escaped = query[at] === '\\' && at + 1 < query.length;
    if (escaped) at++;
    text += query[at];
    const pieces = terms[terms.length - 1];
    if (query[at] === '*' && !escaped) pieces.push('');
    else if (query[at] === '|' && !escaped) terms.push(['']);
    else pieces[pieces.length - 1] += query[at];
  }
  const whole = terms.filter((pieces) => pieces.length > 1 || pieces[0] !== '');
  const given = whole.length === 0 ? [[text]] : whole;
  tokens.push({ kind: 'word', terms: given.map((pieces) => ({ pieces })), text, raw: query.slice(from, at), at: from });
  return at;
}
