/** C0 and C1 controls, marks that reverse the direction of writing, and the two Unicode line ends. */
// oxlint-disable-next-line no-control-regex -- these are the characters to escape
const UNSAFE = /[\u{0}-\u{1f}\u{7f}-\u{9f}\u{61c}\u{200e}\u{200f}\u{2028}-\u{202e}\u{2066}-\u{2069}]/gu;

/** Returns `text` on one line, with every character that could drive a terminal or hide what is written as an escape such as `\x1b`. */
export function printableLine(text: string): string {
  return text.replaceAll(UNSAFE, escape);
}

/** Like {@link printableLine}, but line ends and tabs stay. */
export function printableText(text: string): string {
  return text.replaceAll(UNSAFE, (char) => (char === '\n' || char === '\t' ? char : escape(char)));
}

/** Returns JSON or double-quoted YAML in which such characters are `\u` escapes: it parses to the same value. Line ends stay. */
export function printableJson(json: string): string {
  return json.replaceAll(UNSAFE, (char) => (char === '\n' ? char : unicodeEscape(char)));
}

export function hasUnprintable(text: string): boolean {
  return text.search(UNSAFE) >= 0;
}

const SHORT: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` };

function escape(char: string): string {
  const code = char.charCodeAt(0);
  return SHORT[char] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(char));
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
