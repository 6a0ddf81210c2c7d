import { goUnicode } from '../text/go-quote.ts';

/** Digits, base and largest value of an escape by the letter behind the backslash. */
const COUNTED: Readonly<Record<string, readonly [digits: number, base: number, max: number]>> = {
  x: [2, 16, 0xff],
  u: [4, 16, 0x10ffff],
  U: [8, 16, 0x10ffff],
};

/** Where a scan must look closer: the end, an escape, a line's end, and what is no valid Unicode. */
const STOPS: Readonly<Record<string, RegExp>> = {
  '"': /["\\\n\ufffd\ud800-\udfff]/gu,
  "'": /['\\\n\ufffd\ud800-\udfff]/gu,
  '`': /[`\ufffd\ud800-\udfff]/gu,
};

/**
 * The place behind the string literal whose quote stands at `at`.
 * Calls `fail` with Prometheus' words at the first fault; `fail` must throw.
 */
export function scanString(text: string, at: number, fail: (detail: string) => never): number {
  const quote = text[at];
  const stops = STOPS[quote];
  stops.lastIndex = at + 1;
  for (let stop = stops.exec(text); stop !== null; stop = stops.exec(text)) {
    if (stop[0] === quote) return stops.lastIndex;
    // Go reads U+FFFD for bytes that are no UTF-8, and cannot tell it from one that was written.
    if (stop[0] === '\ufffd' || isSurrogate(stop[0])) fail('invalid UTF-8 rune');
    if (stop[0] === '\n') break;
    stops.lastIndex = scanEscape(text, stops.lastIndex, quote, fail);
  }
  return fail(quote === '`' ? 'unterminated raw string' : 'unterminated quoted string');
}

function scanEscape(text: string, at: number, quote: string, fail: (detail: string) => never): number {
  const letter = charAt(text, at);
  if (letter === undefined) return fail('escape sequence not terminated');
  if (letter === quote || /[abfnrtv\\]/.test(letter)) return at + 1;
  const octal = letter >= '0' && letter <= '7';
  if (!octal && COUNTED[letter] === undefined) return fail(`unknown escape sequence ${goUnicode(letter)}`);
  const [digits, base, max] = octal ? [3, 8, 0xff] : COUNTED[letter];
  const first = octal ? at : at + 1;
  let value = 0;
  for (let i = first; i < first + digits; i++) {
    const char = charAt(text, i);
    if (char === undefined) return fail('escape sequence not terminated');
    const digit = parseInt(char, base);
    if (Number.isNaN(digit)) return fail(`illegal character ${goUnicode(char)} in escape sequence`);
    value = value * base + digit;
  }
  if (value > max || (value >= 0xd800 && value < 0xe000)) fail('escape sequence is an invalid Unicode code point');
  return first + digits;
}

function charAt(text: string, at: number): string | undefined {
  const code = text.codePointAt(at);
  return code === undefined ? undefined : String.fromCodePoint(code);
}

function isSurrogate(char: string): boolean {
  return char >= '\ud800' && char <= '\udfff';
}
