import { goQuote, goQuoteRune } from '../text/go-quote.ts';
import { ParseError } from './parse-error.ts';
import { scanString } from './scan-string.ts';
import { scanDuration, scanNumber } from './scan-number.ts';
import { KEYWORDS } from './token.ts';
import type { Token, TokenType } from './token.ts';

/**
 * Cuts an expression into tokens, one at a call, so that complaints come in the order of the text.
 * What a character means depends on where it stands: in braces, behind `[` before the first number, or elsewhere
 * (source: Prometheus 3.15, promql/parser/lex.go).
 */
export class Lexer {
  readonly text: string;
  #at = 0;
  #parens = 0;
  #inBraces = false;
  #inBrackets = false;
  /** Behind `[`, until the first number: words are then only those of duration expressions. */
  #inDuration = false;
  #gotColon = false;
  /** Stays set once a range was seen, as in Prometheus. */
  #gotDuration = false;

  constructor(text: string) {
    this.text = text;
  }

  /** @throws {ParseError} where no token can be read. At the end of the text gives `eof` again and again. */
  next(): Token {
    this.#skipBlanks();
    if (this.#inBraces) return this.#insideBraces();
    return this.#inDuration ? this.#insideDuration() : this.#outside();
  }

  #skipBlanks(): void {
    const blank = this.#inDuration ? BLANKS : BLANKS_AND_COMMENTS;
    blank.lastIndex = this.#at;
    blank.test(this.text);
    this.#at = blank.lastIndex;
  }

  #outside(): Token {
    const { text } = this;
    const start = this.#at;
    const char = text[start];
    if (char === undefined) return this.#end();
    if (isDigit(char) || (char === '.' && isDigit(text[start + 1]))) return this.#numberOrDuration();
    if (char === '"' || char === "'" || char === '`') return this.#string();
    if (isAlpha(char) || char === ':') return this.#inBrackets ? this.#wordInBrackets() : this.#word();
    if (char === '!' && text[start + 1] !== '=') {
      this.#fail(`unexpected character after '!': ${goQuoteRune(this.#charAt(start + 1))}`);
    }
    if (char === '=' && text[start + 1] === '~') this.#fail(`unexpected character after '=': '~'`);
    switch (char) {
      case '(':
      case ')':
        return this.#paren(char);
      case '{':
        this.#inBraces = true;
        return this.#token('{', 1);
      case '[':
        return this.#openBracket();
      case ']':
        if (!this.#inBrackets) this.#fail("unexpected right bracket ']'");
        this.#inBrackets = false;
        return this.#token(']', 1);
    }
    const operator = OPERATOR.exec(text.slice(start, start + 2));
    if (operator === null) this.#fail(`unexpected character: ${goQuoteRune(this.#charAt(start))}`);
    return this.#token(operator[0] as TokenType, operator[0].length);
  }

  #end(): Token {
    if (this.#parens !== 0) this.#fail('unclosed left parenthesis');
    if (this.#inBrackets) this.#fail('unclosed left bracket');
    return this.#token('eof', 0);
  }

  #paren(char: '(' | ')'): Token {
    const token = this.#token(char, 1);
    this.#parens += char === '(' ? 1 : -1;
    if (this.#parens < 0) this.#fail("unexpected right parenthesis ')'");
    return token;
  }

  #openBracket(): Token {
    if (this.#inBrackets) this.#fail("unexpected left bracket '['");
    this.#inBrackets = true;
    this.#inDuration = true;
    this.#gotColon = false;
    return this.#token('[', 1);
  }

  #insideBraces(): Token {
    const { text } = this;
    const start = this.#at;
    const char = text[start];
    if (char === undefined) this.#fail('unexpected end of input inside braces');
    if (isAlpha(char)) return this.#token('identifier', lengthOf(NAME, text, start));
    switch (char) {
      case '"':
      case "'":
      case '`':
        return this.#string();
      case ',':
        return this.#token(',', 1);
      case '=':
        return text[start + 1] === '~' ? this.#token('=~', 2) : this.#token('=', 1);
      case '!':
        if (text[start + 1] === '~') return this.#token('!~', 2);
        if (text[start + 1] === '=') return this.#token('!=', 2);
        this.#fail(`unexpected character after '!' inside braces: ${goQuoteRune(this.#charAt(start + 1))}`);
        break;
      case '{':
        this.#fail("unexpected left brace '{'");
        break;
      case '}':
        this.#inBraces = false;
        return this.#token('}', 1);
    }
    return this.#fail(`unexpected character inside braces: ${goQuoteRune(this.#charAt(start))}`);
  }

  #insideDuration(): Token {
    const { text } = this;
    const start = this.#at;
    const char = text[start];
    if (char === undefined) this.#fail('unexpected end of input in duration expression');
    if (isDigit(char) || (char === '.' && isDigit(text[start + 1]))) {
      this.#gotDuration = true;
      this.#inDuration = false;
      return this.#numberOrDuration();
    }
    switch (char) {
      case ']':
        this.#inBrackets = false;
        this.#inDuration = false;
        return this.#token(']', 1);
      case ':':
        return this.#colonInDuration();
      case '(':
      case ')':
        return this.#paren(char);
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case '^':
      case ',':
        return this.#token(char, 1);
    }
    const word = this.#durationWord();
    if (word !== undefined) return word;
    return this.#fail(`unexpected character in duration expression: ${goQuoteRune(this.#charAt(start))}`);
  }

  #colonInDuration(): Token {
    const token = this.#token(':', 1);
    if (!this.#gotDuration) this.#fail('unexpected colon before duration in duration expression');
    if (this.#gotColon) this.#fail('unexpected repeated colon in duration expression');
    this.#gotColon = true;
    return token;
  }

  /** Behind the first number in brackets. */
  #wordInBrackets(): Token {
    const char = this.text[this.#at];
    if (char === ':') {
      if (this.#gotColon) this.#fail("unexpected colon ':'");
      this.#gotColon = true;
      return this.#token(':', 1);
    }
    return this.#durationWord() ?? this.#fail(`unexpected character: ${goQuoteRune(char)}, expected ':'`);
  }

  #durationWord(): Token | undefined {
    const length = lengthOf(LETTERS, this.text, this.#at);
    const word = this.text.slice(this.#at, this.#at + length).toLowerCase();
    if (word !== 'step' && word !== 'range' && word !== 'min_of' && word !== 'max_of') return undefined;
    return this.#token(word, length);
  }

  #word(): Token {
    const start = this.#at;
    const length = lengthOf(METRIC, this.text, start);
    const word = this.text.slice(start, start + length);
    const keyword = KEYWORDS.get(word.toLowerCase());
    if (keyword === undefined) return this.#token(word.includes(':') ? 'metric identifier' : 'identifier', length);
    // The fill words came late to the language: without a parenthesis they are still names of metrics.
    const contextual = keyword === 'fill' || keyword === 'fill_left' || keyword === 'fill_right';
    if (contextual && lengthOf(OPENING, this.text, start + length) === 0) return this.#token('identifier', length);
    return this.#token(keyword, length);
  }

  #string(): Token {
    const end = scanString(this.text, this.#at, (detail) => this.#fail(detail));
    return this.#token('string', end - this.#at);
  }

  #numberOrDuration(): Token {
    const { text } = this;
    const start = this.#at;
    const number = scanNumber(text, start);
    if (number.ok) return this.#token('number', number.end - start);
    const duration = scanDuration(text, number.end);
    if (duration.ok) return this.#token('duration', duration.end - start);
    return this.#fail(`bad number or duration syntax: ${goQuote(text.slice(start, duration.end))}`);
  }

  #charAt(at: number): string | undefined {
    const code = this.text.codePointAt(at);
    return code === undefined ? undefined : String.fromCodePoint(code);
  }

  #token(type: TokenType, length: number): Token {
    const start = this.#at;
    this.#at = start + length;
    return { type, text: this.text.slice(start, this.#at), start, end: this.#at };
  }

  #fail(detail: string): never {
    throw new ParseError(detail, { start: this.#at, end: this.text.length }, this.text);
  }
}

// Sticky patterns keep their place in `lastIndex`, which is set before each use.
const BLANKS = /[ \t\r\n]*/y;
const BLANKS_AND_COMMENTS = /(?:[ \t\r\n]|#[^\r\n]*)*/y;
const NAME = /[a-zA-Z0-9_]+/y;
const METRIC = /[a-zA-Z0-9_:]+/y;
const LETTERS = /[a-zA-Z_]+/y;
const OPENING = /[ \t\r\n]*\(/y;

const OPERATOR = /^(?:==|!=|<=|>=|<\/|>\/|[-+*/%^<>=,@])/;

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

function isAlpha(char: string): boolean {
  return /[a-zA-Z_]/.test(char);
}

function lengthOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex - at : 0;
}
