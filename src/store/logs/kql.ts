import { StoreError } from '../errors.ts';
import { type CompareOp, type KqlTerm, type Token, tokenize } from './kql-tokens.ts';
import { refuseLucene } from './lucene.ts';

export type { CompareOp, KqlTerm } from './kql-tokens.ts';

/** A log search, parsed. */
export type KqlNode =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly KqlNode[] }
  | { readonly kind: 'not'; readonly part: KqlNode }
  | { readonly kind: 'term'; readonly field: string; readonly term: KqlTerm }
  | { readonly kind: 'compare'; readonly field: string; readonly op: CompareOp; readonly value: string }
  | { readonly kind: 'all' };

const MAX_LENGTH = 10_000;
const MAX_DEPTH = 100;

/**
 * Parses the subset of Kibana's query language that docs/logs.md describes: words, "phrases", `field: value`,
 * `field: (a or b)`, `field: not a`, `a: { b: value }`, `field >= value`, `and`, `or`, `not`, brackets, `*` as wildcard. Words side by side must all match.
 * Of Lucene's language it takes what can mean only one thing: `a|b`, `&&`, `||`, `field:>5`, `_exists_:field`, `*:*`.
 * @throws {StoreError} `bad_query`, naming the place; also for Lucene's other signs, which would find nothing here.
 */
export function parseKql(query: string): KqlNode {
  if (query.includes('\0')) throw new StoreError('bad_query', 'query has a NUL character');
  if (query.length > MAX_LENGTH) throw new StoreError('bad_query', `query is longer than ${MAX_LENGTH} characters`);
  const tokens = tokenize(query);
  refuseLucene(tokens);
  return new Parser(tokens).whole();
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
    while (this.#takeWord('or') || this.#takeWord('||') || this.#takeWord('|')) parts.push(this.#and(field));
    return parts.length === 1 ? parts[0] : { kind: 'or', parts };
  }

  #and(field: string): KqlNode {
    const parts = [this.#not(field)];
    for (;;) {
      if (this.#takeWord('and') || this.#takeWord('&&')) parts.push(this.#not(field));
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
      if (next.text !== ':') return this.#compare(name, next.text);
      return name === '_exists_' ? this.#exists() : this.#fieldValue(name);
    }
    if (this.#prefix !== '' && field === '') this.#fail('a colon');
    return termNode(field, token);
  }

  /** `_exists_: name` is `name: *`. */
  #exists(): KqlNode {
    const token = this.#peek();
    if (token.kind !== 'word' && token.kind !== 'phrase') return this.#fail('the name of a field');
    this.#at++;
    return { kind: 'term', field: token.text, term: { pieces: ['', ''] } };
  }

  #fieldValue(field: string): KqlNode {
    this.#refuseRange(field);
    if (this.#takeOp('{')) return this.#nestedFields(field);
    if (this.#takeWord('not')) return this.#nested(() => ({ kind: 'not', part: this.#fieldValue(field) }));
    if (this.#takeOp('(')) {
      const node = this.#nested(() => this.#or(field));
      if (!this.#takeOp(')')) this.#fail('a closing bracket');
      return node;
    }
    const token = this.#peek();
    if (token.kind === 'op' && isRelation(token.text) && token.text !== ':') {
      this.#at++;
      return this.#compare(field, token.text);
    }
    if (token.kind !== 'word' && token.kind !== 'phrase') return this.#fail(`a value for ${field}`);
    this.#at++;
    return termNode(field, token);
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

  /** Lucene's ranges: `[a TO b]`, `{a TO b}`. */
  #refuseRange(field: string): void {
    const [first, second, third] = this.#tokens.slice(this.#at);
    const to = first.text === '{' ? third : first.text.startsWith('[') && first.kind === 'word' ? second : undefined;
    if (to?.text === 'TO')
      throw new StoreError(
        'bad_query',
        `query, character ${first.at + 1}: ranges are written ${field} >= a and ${field} <= b`,
      );
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
    if (token.kind === 'word') return !/^(or|\|\|?)$/i.test(token.raw);
    return token.kind === 'phrase' || (token.kind === 'op' && token.text === '(');
  }

  #takeWord(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'word' || token.raw.toLowerCase() !== word) return false;
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

/** `a|b` is either; the parts are cut where no `\\` stands before the sign. */
function termNode(field: string, token: Token & { kind: 'word' | 'phrase' }): KqlNode {
  const terms = token.kind === 'word' ? token.terms : [{ pieces: [token.text] }];
  const parts = terms.map((term): KqlNode => ({ kind: 'term', field, term }));
  return parts.length === 1 ? parts[0] : { kind: 'or', parts };
}
