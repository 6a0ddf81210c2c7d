/** How far a scan came, and whether what it read is well formed. */
export interface Scan {
  readonly ok: boolean;
  readonly end: number;
}

/**
 * Reads a number in Go's forms as far as Prometheus' lexer does: `1`, `.5`, `1_000`, `1e-3`, `0x1F`, `0755`. Not each text that it
 * accepts is a number (`0x`); the parser finds that out. On failure `end` is where the lexer gave up, which complaints show.
 */
export function scanNumber(text: string, start: number): Scan {
  let at = start;
  const hex = /0[xX]/y;
  hex.lastIndex = at;
  const isHex = hex.test(text);
  // A leading 0 is a digit like others; the lexer takes it on its own before it looks for `x`.
  if (isHex) at += 2;
  else if (text[at] === '0') at += 1;
  if (isHex && text[at] === '_') at += 1;
  const isDigit = isHex ? isHexDigit : isDecimalDigit;
  let dots = 0;
  let exponents = 0;
  if (text[at] === '.') at += 1;
  if (isDigit(text[at])) at += 1;
  for (;;) {
    const char = text[at];
    if (char === '.') {
      at += 1;
      if (dots++ > 0) return { ok: false, end: at };
      if (text[at] === '_' || text[at] === '.') return { ok: false, end: at + 1 };
      if (isHex) return { ok: false, end: at };
    } else if ((char === 'e' || char === 'E') && (!isHex || exponents > 0)) {
      at += 1;
      if (exponents++ > 0) return { ok: false, end: at };
      if (text[at] === '+' || text[at] === '-') at += 1;
      if (isOneOf(text[at], '._eE')) return { ok: false, end: at + 1 };
      if (at >= text.length) return { ok: false, end: at };
    } else if (char === '_') {
      at += 1;
      if (isOneOf(text[at], '._eE')) return { ok: false, end: at + 1 };
      if (at >= text.length) return { ok: false, end: at };
    } else if (isDigit(char)) {
      while (isDigit(text[at])) at += 1;
    } else break;
  }
  return { ok: at > start && !isAlphaNumeric(text[at]), end: at };
}

/** Goes on behind the leading digits of a duration: `h30m` of `1h30m`. Bad units (`hs`) are left to the parser. */
export function scanDuration(text: string, start: number): Scan {
  let at = start;
  if (!isOneOf(text[at], 'smhdwy')) return { ok: false, end: at };
  at += 1;
  if (text[at] === 's') at += 1;
  while (isDecimalDigit(text[at])) {
    while (isDecimalDigit(text[at])) at += 1;
    if (!isOneOf(text[at], 'smhdw')) return { ok: false, end: at };
    at += 1;
    if (text[at] === 's') at += 1;
  }
  return isAlphaNumeric(text[at]) ? { ok: false, end: at + 1 } : { ok: true, end: at };
}

function isOneOf(char: string | undefined, set: string): boolean {
  return char !== undefined && set.includes(char);
}

function isDecimalDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

function isHexDigit(char: string | undefined): boolean {
  return char !== undefined && /[0-9a-fA-F]/.test(char);
}

function isAlphaNumeric(char: string | undefined): boolean {
  return char !== undefined && /[a-zA-Z0-9_]/.test(char);
}
