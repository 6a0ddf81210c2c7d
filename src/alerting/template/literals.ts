/** Go's literals: strings in quotes, runes, numbers. */

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92, "'": 39, '"': 34,
}; // prettier-ignore

const ESCAPE = /\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|)/g;

/** The text of a Go string literal with its quotes or backquotes; undefined where it is none. */
export function unquote(literal: string): string | undefined {
  if (literal.startsWith('`')) return literal.slice(1, -1).replaceAll('\r', '');
  const quote = literal[0];
  const inner = literal.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  const parts: Buffer[] = [];
  let from = 0;
  for (const match of inner.matchAll(ESCAPE)) {
    const [whole, simple, hex, octal, short, long] = match;
    parts.push(Buffer.from(inner.slice(from, match.index)));
    from = match.index + whole.length;
    if (simple !== undefined && !((simple === "'" || simple === '"') && simple !== quote)) {
      parts.push(Buffer.of(SIMPLE[simple]));
    } else if (hex !== undefined || (octal !== undefined && parseInt(octal, 8) < 256)) {
      parts.push(Buffer.of(hex === undefined ? parseInt(octal, 8) : parseInt(hex, 16)));
    } else if (short !== undefined || long !== undefined) {
      const code = parseInt(short ?? long, 16);
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
      parts.push(Buffer.from(String.fromCodePoint(code)));
    } else {
      return undefined;
    }
  }
  parts.push(Buffer.from(inner.slice(from)));
  return Buffer.concat(parts).toString();
}

export interface NumberLiteral {
  readonly value: bigint | number;
  readonly asInt?: bigint;
  readonly asFloat?: number;
}

const INTEGER =
  /^([+-]?)(0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[oO]_?[0-7]+(?:_[0-7]+)*|0[bB]_?[01]+(?:_[01]+)*|0(?:_?[0-7]+)*|[1-9][0-9]*(?:_[0-9]+)*)$/;
const FLOAT = /^[+-]?(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9]+)?$/;

/** What a number or rune literal can be, or the complaint about it. */
export function parseNumber(text: string): NumberLiteral | string {
  if (text.startsWith("'")) return rune(text);
  const integer = INTEGER.exec(text);
  if (integer !== null) {
    const digits = integer[2].replaceAll('_', '').replace(/^0([0-7]+)$/, '0o$1');
    const value = BigInt(digits) * (integer[1] === '-' ? -1n : 1n);
    if (value >= -(2n ** 63n) && value < 2n ** 63n) return { value, asInt: value, asFloat: Number(value) };
    if (value < 0n || value >= 2n ** 64n) return `integer overflow: ${JSON.stringify(text)}`;
    return { value, asFloat: Number(value) };
  }
  if (/[0-9a-f.]i$/i.test(text) || /^[+-]?0[xX][0-9a-f].*p/i.test(text))
    return `number not supported: ${JSON.stringify(text)}`;
  const value = FLOAT.test(text) ? Number(text.replaceAll('_', '')) : NaN;
  if (!Number.isFinite(value)) return `illegal number syntax: ${JSON.stringify(text)}`;
  if (!/[.eE]/.test(text)) return `integer overflow: ${JSON.stringify(text)}`;
  return Number.isSafeInteger(value) ? { value, asFloat: value, asInt: BigInt(value) } : { value, asFloat: value };
}

function rune(text: string): NumberLiteral | string {
  const runes = Array.from(unquote(text) ?? '');
  if (runes.length !== 1) return `malformed character constant: ${text}`;
  const value = BigInt(runes[0].codePointAt(0) as number);
  return { value, asInt: value, asFloat: Number(value) };
}
