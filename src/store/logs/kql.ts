import { StoreError } from '../errors.ts';

/** A log search, parsed. */
export type KqlNode =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly KqlNode[] }
  | { readonly kind: 'not'; readonly part: KqlNode }
  | { readonly kind: 'term'; readonly field: string; readonly term: KqlTerm }
  | { readonly kind: 'compare'; readonly field: string; readonly op: CompareOp; readonly value: string }
  | { readonly kind: 'all' };

/** What a value is compared with: the literal pieces between the wildcards, `['a', 'b']` for `a*b`. */
export interface KqlTerm {
  readonly pieces: readonly string[];
}

export type CompareOp = '<' | '<=' | '>' | '>=';

type Token =
  | { readonly kind: 'word'; readonly term: KqlTerm; readonly text: string; readonly at: number }
  | { readonly kind: 'phrase'; readonly text: string; readonly at: number }
  | { readonly kind: 'op'; readonly text: '(' | ')' | '{' | '}' | ':' | CompareOp; readonly at: number }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number };

const MAX_LENGTH = 10_000;
const MAX_DEPTH = 100;

/**
 * Parses the subset of Kibana's query language that docs/logs.md describes: words, "phrases", `field: value`,
 * `field: (a or b)`, `field: not a`, `a: { b: value }`, `field >= value`, `and`, `or`, `not`, brackets, `*` as wildcard. Words side by side must all match.
 * @throws {StoreError} `bad_query`, naming the place.
 */
export function parseKql(query: string): KqlNode {
  if (query.includes('\0')) throw new StoreError('bad_query', 'query has a NUL character');
  if (query.length > MAX_LENGTH) throw new StoreError('bad_query', `query is longer than ${MAX_LENGTH} characters`);
  const parser = new Parser(tokenize(query));
  return parser.whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  /** Names of the fields around `{ … }`, each with its dot. */
  #prefix = '';

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): KqlNode {
    if (this.#peek().kind === 'end') return { kind: 'all' };
    const node = this.#or('');
    if (this.#peek().kind !== 'end') this.#fail();
    return node;
  }

  /** `field` is set inside `field: ( … )`, where bare values belong to it. */
  #or(field: string): KqlNode {
    const parts = [this.#and(field)];
    while (this.#takeWord('or')) parts.push(this.#and(field));
    return parts.length === 1 ? parts[0] : { kind: 'or', parts };
  }

  #and(field: string): KqlNode {
    const parts = [this.#not(field)];
    for (;;) {
      if (this.#takeWord('and')) parts.push(this.#not(field));
      else if (this.#startsOperand()) parts.push(this.#not(field));
      else return parts.length === 1 ? parts[0] : { kind: 'and', parts };
    }
  }

  #not(field: string): KqlNode {
    if (!this.#takeWord('not')) return this.#primary(field);
    return this.#nested(() => ({ kind: 'not', part: this.#not(field) }));
  }

  #primary(field: string): KqlNode {
    if (this.#takeOp('(')) {
      const node = this.#nested(() => this.#or(field));
      if (!this.#takeOp(')')) this.#fail('a closing bracket');
      return node;
    }
    const token = this.#peek();
    if (token.kind !== 'word' && token.kind !== 'phrase') return this.#fail('a word');
    this.#at++;
    const next = this.#peek();
    if (field === '' && next.kind === 'op' && isRelation(next.text)) {
      this.#at++;
      const name = this.#prefix + token.text;
      return next.text === ':' ? this.#fieldValue(name) : this.#compare(name, next.text);
    }
    if (this.#prefix !== '' && field === '') this.#fail('a colon');
    return { kind: 'term', field, term: termOf(token) };
  }

  #fieldValue(field: string): KqlNode {
    if (this.#takeOp('{')) return this.#nestedFields(field);
    if (this.#takeWord('not')) return this.#nested(() => ({ kind: 'not', part: this.#fieldValue(field) }));
    if (this.#takeOp('(')) {
      const node = this.#nested(() => this.#or(field));
      if (!this.#takeOp(')')) this.#fail('a closing bracket');
      return node;
    }
    const token = this.#peek();
    if (token.kind !== 'word' && token.kind !== 'phrase') return this.#fail(`a value for ${field}`);
    if (token.kind === 'word' && token.text.startsWith('[')) this.#refuseRange(field, token.at);
    this.#at++;
    return { kind: 'term', field, term: termOf(token) };
  }

  /** `user: { name: x }` is `user.name: x`. */
  #nestedFields(field: string): KqlNode {
    const around = this.#prefix;
    this.#prefix = `${field}.`;
    const node = this.#nested(() => this.#or(''));
    this.#prefix = around;
    if (!this.#takeOp('}')) this.#fail('a closing brace');
    return node;
  }

  /** Lucene's form of a range. */
  #refuseRange(field: string, at: number): never {
    throw new StoreError('bad_query', `query, character ${at + 1}: ranges are written ${field} >= a and ${field} <= b`);
  }

  #compare(field: string, op: CompareOp): KqlNode {
    const token = this.#peek();
    if (token.kind !== 'word' && token.kind !== 'phrase') return this.#fail(`a value for ${field}`);
    this.#at++;
    return { kind: 'compare', field, op, value: token.text };
  }

  #nested<T>(work: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new StoreError('bad_query', 'query is nested too deeply');
    const result = work();
    this.#depth--;
    return result;
  }

  #startsOperand(): boolean {
    const token = this.#peek();
    if (token.kind === 'word') return !/^or$/i.test(token.text);
    return token.kind === 'phrase' || (token.kind === 'op' && token.text === '(');
  }

  #takeWord(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'word' || token.text.toLowerCase() !== word) return false;
    const next = this.#tokens[this.#at + 1];
    if (next.kind === 'op' && next.text === ':') return false;
    this.#at++;
    return true;
  }

  #takeOp(text: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'op' || token.text !== text) return false;
    this.#at++;
    return true;
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)];
  }

  #fail(expected?: string): never {
    const token = this.#peek();
    const found = token.kind === 'end' ? 'end of the query' : JSON.stringify(token.text);
    const want = expected === undefined ? '' : `, expected ${expected}`;
    throw new StoreError('bad_query', `query, character ${token.at + 1}: unexpected ${found}${want}`);
  }
}

function isRelation(text: string): text is ':' | CompareOp {
  return text === ':' || text.startsWith('<') || text.startsWith('>');
}

function termOf(token: Token): KqlTerm {
  return token.kind === 'word' ? token.term : { pieces: [token.text] };
}

function tokenize(query: string): Token[] {
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
      tokens.push({ kind: 'phrase', text, at: from });
      return at + 1;
    }
    if (query[at] === '\\' && at + 1 < query.length) at++;
    text += query[at];
  }
  throw new StoreError('bad_query', `query, character ${from + 1}: the phrase has no closing quote`);
}

function readWord(query: string, from: number, tokens: Token[]): number {
  const pieces = [''];
  let text = '';
  let at = from;
  for (; at < query.length && !/[\s(){}":<>]/.test(query[at]); at++) {
    const escaped = query[at] === '\\' && at + 1 < query.length;
    if (escaped) at++;
    text += query[at];
    if (query[at] === '*' && !escaped) pieces.push('');
    else pieces[pieces.length - 1] += query[at];
  }
  tokens.push({ kind: 'word', term: { pieces }, text, at: from });
  return at;
}
