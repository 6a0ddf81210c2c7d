import { type Token, lex } from './lex.ts';
import { unquote } from './literals.ts';

/** A template that cannot be parsed or executed; the message has Go's words. */
export class TemplateError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TemplateError';
  }
}

/** Nesting of parentheses and of blocks; bounds the recursion of parser and interpreter. */
const MAX_DEPTH = 200;

/** The tokens of a text and how far its parser is: what is in scope, how deep it is nested, and complaints in Go's words. */
export class ParserState {
  /** The name of the whole text. */
  readonly file: string;
  readonly source: string;
  readonly hasFunction: (name: string) => boolean;
  readonly #tokens: readonly Token[];
  /** Place of the token that comes next; set it back to read on from there again. */
  next = 0;
  /** The furthest token looked at: Go names its line in every complaint. */
  #furthest = 0;
  variables = ['$'];
  rangeDepth = 0;
  #depth = 0;
  /** Line at which the action under way began, 0 outside. */
  actionLine = 0;

  constructor(file: string, source: string, hasFunction: (name: string) => boolean) {
    this.file = file;
    this.source = source;
    this.hasFunction = hasFunction;
    this.#tokens = lex(source);
  }

  /** Goes one deeper; `leave` comes back. */
  enter(what: 'nesting' | 'expression'): void {
    if (++this.#depth > MAX_DEPTH) this.fail(`max ${what} depth exceeded`);
  }

  leave(): void {
    this.#depth--;
  }

  /** The next token, be it a space. */
  takeAny(): Token {
    return this.#tokens[this.#look(this.next++)];
  }

  unquoted(token: Token): string {
    return unquote(token.text) ?? this.fail('invalid syntax');
  }

  #look(index: number): number {
    const at = Math.min(index, this.#tokens.length - 1);
    this.#furthest = Math.max(this.#furthest, at);
    return at;
  }

  peek(): Token {
    return this.#tokens[this.#look(this.next)];
  }

  /** Skips spaces and answers the token behind them without taking it. */
  peekNonSpace(): Token {
    while (this.peek().kind === 'space') this.next++;
    return this.peek();
  }

  take(): Token {
    const token = this.peekNonSpace();
    this.next++;
    return token;
  }

  expectRight(context: string): void {
    const token = this.take();
    if (token.kind !== 'right') this.unexpected(token, context);
  }

  unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') return this.fail(`unexpected ${printToken(token)} in ${context}`);
    let extra = '';
    if (this.actionLine !== 0 && this.actionLine !== token.line)
      extra = `${token.text.endsWith(' action') ? '' : ' in action'} started at ${this.file}:${this.actionLine}`;
    return this.fail(token.text + extra);
  }

  fail(words: string): never {
    throw new TemplateError(`template: ${this.file}:${this.#tokens[this.#furthest].line}: ${words}`);
  }
}

function printToken(token: Token): string {
  if (token.kind === 'eof') return 'EOF';
  if (token.kind === 'keyword' || token.kind === 'dot' || token.kind === 'nil') return `<${token.text}>`;
  const runes = Array.from(token.text);
  return runes.length > 10 ? `${JSON.stringify(runes.slice(0, 10).join(''))}...` : JSON.stringify(token.text);
}
