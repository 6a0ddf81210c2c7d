/** Parts a template into text and the tokens of its actions (source: Go text/template, the documented syntax). */

export type TokenKind =
  | 'text' | 'left' | 'right' | 'space' | 'identifier' | 'keyword' | 'field' | 'variable' | 'dot' | 'nil' | 'bool'
  | 'number' | 'char-constant' | 'string' | 'raw-string' | 'pipe' | 'assign' | 'declare' | '(' | ')' | 'char'
  | 'error' | 'eof'; // prettier-ignore

export interface Token {
  readonly kind: TokenKind;
  /** The source text, or the complaint of an `error`. */
  readonly text: string;
  /** Place of the first UTF-16 unit. */
  readonly pos: number;
  /** From 1. */
  readonly line: number;
}

const KEYWORDS = new Set(['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'template', 'with']);

/** Tokens up to the end or to the first error, which is then the last. */
export function lex(source: string): Token[] {
  return new Lexer(source).run();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #pos = 0;
  #start = 0;
  #depth = 0;
  #line = 1;
  #counted = 0;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Token[] {
    while (this.#pos < this.#source.length && !this.#failed()) this.#text();
    if (!this.#failed()) this.#emit('eof', 'EOF');
    return this.#tokens;
  }

  #failed(): boolean {
    return this.#tokens.at(-1)?.kind === 'error';
  }

  /** Text up to the next action, then the action. */
  #text(): void {
    const open = this.#source.indexOf('{{', this.#pos);
    if (open < 0) {
      this.#pos = this.#source.length;
      return this.#emit('text');
    }
    const trims = /^-[ \t\r\n]/.test(this.#source.slice(open + 2, open + 4));
    const text = this.#source.slice(this.#start, open);
    this.#pos = this.#start + (trims ? text.replace(/[ \t\r\n]+$/, '') : text).length;
    if (this.#pos > this.#start) this.#emit('text');
    this.#start = open;
    this.#pos = open + 2 + (trims ? 2 : 0);
    if (this.#source.startsWith('/*', this.#pos)) return this.#comment();
    this.#emit('left', '{{');
    this.#depth = 0;
    this.#action();
  }

  #comment(): void {
    this.#start = this.#pos;
    const close = this.#source.indexOf('*/', this.#pos + 2);
    if (close < 0) return this.#error('unclosed comment');
    this.#pos = close + 2;
    const right = this.#atRight();
    if (right === 0) return this.#error('comment ends before closing delimiter');
    this.#closeAction(right);
  }

  /** Length of the closing delimiter that starts here, 0 where none does. */
  #atRight(): number {
    if (/[ \t\r\n]/.test(this.#source[this.#pos] ?? '') && this.#source.startsWith('-}}', this.#pos + 1)) return 4;
    return this.#source.startsWith('}}', this.#pos) ? 2 : 0;
  }

  #closeAction(length: number): void {
    this.#pos += length;
    if (length === 4) while (/[ \t\r\n]/.test(this.#source[this.#pos] ?? '')) this.#pos++;
    this.#start = this.#pos;
  }

  #action(): void {
    for (;;) {
      const right = this.#atRight();
      if (right > 0) {
        if (this.#depth > 0) return this.#error('unclosed left paren');
        this.#start = this.#pos + right - 2;
        this.#emit('right', '}}');
        return this.#closeAction(right);
      }
      if (this.#pos >= this.#source.length) return this.#error('unclosed action');
      this.#token();
      if (this.#failed()) return;
    }
  }

  #token(): void {
    const c = this.#peek();
    this.#pos += c.length;
    if (isSpace(c)) return this.#space();
    switch (c) {
      case '=':
        return this.#emit('assign');
      case ':':
        if (this.#peek() !== '=') {
          this.#pos += this.#peek().length;
          return this.#error('expected :=');
        }
        this.#pos++;
        return this.#emit('declare');
      case '|':
        return this.#emit('pipe');
      case '"':
        return this.#quoted('"', 'string', 'unterminated quoted string');
      case "'":
        return this.#quoted("'", 'char-constant', 'unterminated character constant');
      case '`':
        return this.#rawQuoted();
      case '$':
        return this.#fieldOrVariable('variable');
      case '(':
        this.#depth++;
        return this.#emit('(');
      case ')':
        if (--this.#depth < 0) return this.#error('unexpected right paren');
        return this.#emit(')');
      default:
    }
    if (c === '.' && !/[0-9]/.test(this.#peek()) && this.#pos < this.#source.length)
      return this.#fieldOrVariable('field');
    this.#pos -= c.length;
    if (/[.+\-0-9]/.test(c)) return this.#number();
    if (isWord(c)) return this.#identifier();
    this.#pos += c.length;
    return /^[\x20-\x7e]$/.test(c)
      ? this.#emit('char')
      : this.#error(`unrecognized character in action: ${describe(c)}`);
  }

  #space(): void {
    this.#pos--;
    while (isSpace(this.#peek()) && this.#atRight() !== 4) this.#pos++;
    if (this.#pos > this.#start) this.#emit('space');
  }

  #identifier(): void {
    while (isWord(this.#peek())) this.#pos += this.#peek().length;
    if (!this.#atTerminator()) return this.#badCharacter();
    const word = this.#source.slice(this.#start, this.#pos);
    if (KEYWORDS.has(word)) return this.#emit('keyword');
    if (word === 'nil') return this.#emit('nil');
    this.#emit(word === 'true' || word === 'false' ? 'bool' : 'identifier');
  }

  #fieldOrVariable(kind: 'field' | 'variable'): void {
    if (this.#atTerminator()) return this.#emit(kind === 'field' ? 'dot' : 'variable');
    while (isWord(this.#peek())) this.#pos += this.#peek().length;
    return this.#atTerminator() ? this.#emit(kind) : this.#badCharacter();
  }

  #badCharacter(): void {
    const c = this.#peek();
    this.#error(`bad character ${describe(c)}`);
  }

  #atTerminator(): boolean {
    const c = this.#peek();
    return c === '' || isSpace(c) || '.,|:)('.includes(c) || this.#source.startsWith('}}', this.#pos);
  }

  #number(): void {
    const bad = () => this.#error(`bad number syntax: ${JSON.stringify(this.#source.slice(this.#start, this.#pos))}`);
    if (!this.#scanNumber()) return bad();
    if (/[+-]/.test(this.#peek())) {
      this.#scanNumber();
      return bad();
    }
    this.#emit('number');
  }

  #scanNumber(): boolean {
    const accept = (pattern: RegExp) => {
      const match = pattern.exec(this.#source.slice(this.#pos, this.#pos + 400));
      this.#pos += match?.[0].length ?? 0;
    };
    accept(/^[+-]?/);
    accept(
      /^(0[xX][0-9a-fA-F_]*(\.[0-9a-fA-F_]*)?([pP][+-]?[0-9_]*)?|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(\.[0-9_]*)?([eE][+-]?[0-9_]*)?)i?/,
    );
    if (!isWord(this.#peek())) return true;
    this.#pos += this.#peek().length;
    return false;
  }

  #quoted(quote: string, kind: TokenKind, complaint: string): void {
    for (;;) {
      const c = this.#peek();
      this.#pos += c.length;
      if (c === '' || c === '\n') return this.#error(complaint);
      if (c === quote) return this.#emit(kind);
      if (c !== '\\') continue;
      if (this.#peek() === '' || this.#peek() === '\n') return this.#error(complaint);
      this.#pos += this.#peek().length;
    }
  }

  #rawQuoted(): void {
    const close = this.#source.indexOf('`', this.#pos);
    if (close < 0) return this.#error('unterminated raw quoted string');
    this.#pos = close + 1;
    this.#emit('raw-string');
  }

  #peek(): string {
    const code = this.#source.codePointAt(this.#pos);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #lineAt(pos: number): number {
    for (; this.#counted < pos; this.#counted++) if (this.#source[this.#counted] === '\n') this.#line++;
    return this.#line;
  }

  #emit(kind: TokenKind, text = this.#source.slice(this.#start, this.#pos)): void {
    this.#tokens.push({ kind, text, pos: this.#start, line: this.#lineAt(this.#start) });
    this.#start = this.#pos;
  }

  #error(complaint: string): void {
    this.#emit('error', complaint);
  }
}

function isSpace(c: string): boolean {
  return c === ' ' || c === '\t' || c === '\r' || c === '\n';
}

function isWord(c: string): boolean {
  return c !== '' && /^[\p{L}\p{Nd}_]$/u.test(c);
}

/** As Go's %#U: U+0040 '@'. */
function describe(c: string): string {
  if (c === '') return 'U+FFFFFFFFFFFFFFFF';
  const code = (c.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0');
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(c) ? `U+${code} '${c}'` : `U+${code}`;
}
