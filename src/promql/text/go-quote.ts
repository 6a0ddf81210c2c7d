/** Neither a control character nor a separator: what Go prints as it is (`unicode.IsPrint`). */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** A text in double quotes as Go's `strconv.Quote` writes it. */
export function goQuote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let quoted = '';
  for (const char of text) quoted += char === '"' ? '\\"' : escapeRune(char);
  return `"${quoted}"`;
}

/** The first character of `text` in single quotes (Go's `%q`); the end of the input prints as U+FFFD. */
export function goQuoteRune(text: string | undefined): string {
  if (text === undefined) return "'\ufffd'";
  return `'${text === "'" ? "\\'" : escapeRune(text)}'`;
}

/** Go's `%#U`: `U+0071 'q'`. */
export function goUnicode(char: string): string {
  const hex = codePoint(char).toString(16).toUpperCase().padStart(4, '0');
  return PRINTABLE.test(char) ? `U+${hex} '${char}'` : `U+${hex}`;
}

function escapeRune(char: string): string {
  const named = NAMED[char];
  if (named !== undefined) return named;
  if (PRINTABLE.test(char)) return char;
  const code = codePoint(char);
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

function codePoint(char: string): number {
  return char.codePointAt(0) as number;
}

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
};

const TO_UTF8 = new TextEncoder();
const FROM_UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The value of a string token, quotes and escapes as in Go. The lexer has vouched for the escapes.
 * `\x` and octal escapes name bytes. A byte 0xNN that is part of no UTF-8 becomes the lone surrogate U+DCNN, which no
 * well-formed text holds, so that checks can find it and {@link goQuote} can write it back.
 */
export function goUnquote(token: string): string {
  const inner = token.slice(1, -1);
  if (token[0] === '`' || !inner.includes('\\')) return inner;
  const bytes: number[] = [];
  const pattern = /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([abfnrtv\\'"]))|[^\\]+/g;
  for (const [all, hex, octal, short, long, simple] of inner.matchAll(pattern)) {
    if (hex !== undefined) bytes.push(parseInt(hex, 16));
    else if (octal !== undefined) bytes.push(parseInt(octal, 8));
    else if (short !== undefined || long !== undefined)
      append(bytes, String.fromCodePoint(parseInt(short ?? long, 16)));
    else if (simple !== undefined) bytes.push(SIMPLE[simple]);
    else append(bytes, all);
  }
  return decode(Uint8Array.from(bytes));
}

function append(bytes: number[], text: string): void {
  for (const byte of TO_UTF8.encode(text)) bytes.push(byte);
}

function decode(bytes: Uint8Array): string {
  const text = FROM_UTF8.decode(bytes);
  if (!text.includes('\ufffd')) return text;
  let exact = '';
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes[i]);
    const char = FROM_UTF8.decode(bytes.subarray(i, i + length));
    const whole = !char.includes('\ufffd') || (bytes[i] === 0xef && bytes[i + 1] === 0xbf && bytes[i + 2] === 0xbd);
    exact += whole ? char : String.fromCharCode(0xdc00 + bytes[i]);
    i += whole ? length : 1;
  }
  return exact;
}

function sequenceLength(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** The text with U+FFFD for everything that is no valid Unicode, as JSON can carry it. */
export function toWellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, '\ufffd');
}
