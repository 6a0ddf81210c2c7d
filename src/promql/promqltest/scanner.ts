import { parseNumber } from '../syntax/parse-number.ts';
import { goQuote } from '../text/go-quote.ts';
import { ParseError } from '../syntax/parse-error.ts';
import { scanString } from '../syntax/scan-string.ts';

const NUMBER = /(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?|(?:[iI][nN][fF]|[nN][aA][nN])(?![A-Za-z0-9_:])/y;

/** Walks over a series description. Complains as Prometheus' parser does, naming what it met. */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  startsWith(word: string): boolean {
    return this.text.startsWith(word, this.at);
  }

  /** Steps over `word` where it comes next. */
  accept(word: string): boolean {
    if (!this.startsWith(word)) return false;
    this.at += word.length;
    return true;
  }

  /** Steps over what the sticky `pattern` matches here, and gives it. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  /** One or more blanks. */
  acceptSpace(): boolean {
    return this.match(/[ \t\n\r]+/y) !== undefined;
  }

  number(): number | undefined {
    const start = this.at;
    const text = this.match(NUMBER)?.toLowerCase();
    if (text === undefined) return undefined;
    if (text === 'inf') return Infinity;
    if (text === 'nan') return NaN;
    const rest = this.match(/(?!x)[A-Za-z0-9_:]+/y);
    if (rest !== undefined) this.fail(`bad number or duration syntax: ${goQuote(text + rest)}`, start);
    const value = parseNumber(text);
    if (typeof value !== 'number') this.fail(value.error, start);
    return value;
  }

  signedNumber(): number | undefined {
    const start = this.at;
    const sign = this.accept('-') ? -1 : this.accept('+') ? 1 : undefined;
    const value = this.number();
    if (value === undefined && sign !== undefined) this.at = start;
    return value === undefined ? undefined : (sign ?? 1) * value;
  }

  /** A string literal with its quotes, undefined where none comes next. */
  stringToken(): string | undefined {
    const start = this.at;
    if (!/["'`]/.test(this.text[start] ?? '')) return undefined;
    this.at = scanString(this.text, start, (detail) => this.fail(detail, start));
    return this.text.slice(start, this.at);
  }

  /** The count behind `x`. */
  repetition(): number {
    const start = this.at;
    const text = this.match(/[\d.]+/y);
    if (text === undefined) this.unexpected();
    if (!/^\d+$/.test(text)) {
      this.fail(
        `invalid repetition in series values: strconv.ParseUint: parsing ${goQuote(text)}: invalid syntax`,
        start,
      );
    }
    return Number(text);
  }

  unexpected(context = 'series values', expected = '', at = this.at): never {
    const wanted = expected === '' ? '' : `, expected ${expected}`;
    this.fail(`unexpected ${describe(this.text.slice(at))} in ${context}${wanted}`, at);
  }

  fail(problem: string, at = this.at): never {
    throw new ParseError(problem, { start: at, end: Math.min(at + 1, this.text.length) }, this.text);
  }
}

function describe(rest: string): string {
  if (rest === '') return 'end of input';
  const word = /^[A-Za-z][A-Za-z0-9_:]*/.exec(rest)?.[0];
  if (word !== undefined) return `identifier ${goQuote(word)}`;
  const number = /^[\d.]+/.exec(rest)?.[0];
  if (number !== undefined) return `number ${goQuote(number)}`;
  const space = /^\s+/.exec(rest)?.[0];
  if (space !== undefined) return goQuote(space);
  return rest[0] === '+' || rest[0] === '-' ? `<op:${rest[0]}>` : goQuote(rest[0]);
}
