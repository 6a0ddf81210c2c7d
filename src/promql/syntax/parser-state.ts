import type { Features } from './features.ts';
import { Lexer } from './lexer.ts';
import { ParseError } from './parse-error.ts';
import { describeToken } from './token.ts';
import type { Token, TokenType } from './token.ts';

/**
 * Highest tree that is accepted. Chains (`a or b or …`) make it high without nesting; whoever walks a tree goes down it
 * by recursion, and the stack is not endless.
 */
export const MAX_HEIGHT = 1000;

/** Deepest nesting of parentheses, calls and signs. Parsing takes about a kilobyte of the stack for each level. */
export const MAX_NESTING = 256;

/** The place in the text, one token of foresight, and who answers for a token that does not fit. */
export class ParserState {
  readonly text: string;
  readonly features: Features;
  /** Height of the tree that was built last. */
  height = 0;
  readonly #lexer: Lexer;
  #peeked: Token | undefined;
  #last: Token = { type: 'eof', text: '', start: 0, end: 0 };
  #depth = 0;
  #context = '';
  #expected = '';

  constructor(text: string, features: Features) {
    this.text = text;
    this.features = features;
    this.#lexer = new Lexer(text);
  }

  /** The next token, which stays. Reading it may already complain, so it is only asked for where the grammar needs it. */
  peek(): Token {
    return (this.#peeked ??= this.#lexer.next());
  }

  next(): Token {
    const token = this.peek();
    this.#peeked = undefined;
    this.#last = token;
    return token;
  }

  /** Takes the next token if it is of this type. */
  take(type: TokenType): Token | undefined {
    return this.peek().type === type ? this.next() : undefined;
  }

  expect(type: TokenType): Token {
    return this.peek().type === type ? this.next() : this.unexpected();
  }

  /** End of the token that was taken last. */
  get end(): number {
    return this.#last.end;
  }

  /**
   * Runs `parse` so that a token that does not fit is reported as unexpected `in context, expected …`.
   * This stands for the error rules of Prometheus' grammar: the innermost construct that has one answers.
   */
  within<T>(context: string, expected: string, parse: () => T): T {
    const outer = [this.#context, this.#expected] as const;
    this.#context = context;
    this.#expected = expected;
    const result = parse();
    [this.#context, this.#expected] = outer;
    return result;
  }

  /** Complains about the next token. Without words of its own, those of the construct around it. */
  unexpected(context: string = this.#context, expected: string = this.#expected): never {
    const token = this.peek();
    const where = context === '' ? '' : ` in ${context}`;
    const what = expected === '' ? '' : `, expected ${expected}`;
    this.fail(`unexpected ${describeToken(token)}${where}${what}`, token);
  }

  fail(detail: string, pos: { readonly start: number; readonly end: number }): never {
    throw new ParseError(detail, { start: pos.start, end: pos.end }, this.text);
  }

  /** Goes one level down the grammar; bounds the recursion before a tree exists. */
  nest<T>(parse: () => T): T {
    if (++this.#depth > MAX_NESTING) this.#tooDeep('nested', MAX_NESTING);
    const result = parse();
    this.#depth--;
    return result;
  }

  /** Notes that a node was put on top of trees of at most this height. */
  grow(below: number): void {
    this.height = below + 1;
    if (this.height > MAX_HEIGHT) this.#tooDeep('chained', MAX_HEIGHT);
  }

  #tooDeep(how: string, limit: number): never {
    this.fail(`expression is ${how} deeper than ${limit} levels`, this.#last);
  }
}
