/**
 * Characters that move, hide or recolour their neighbours: controls (but tab and line feed), marks of direction,
 * and characters without width.
 */
const HIDDEN =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text of others as it is, with what cannot be seen written as an escape: `\x1b[31m`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The first `most` characters, never half of a pair, visible; "…" says that there is more. */
export function clipped(text: string, most = 300): string {
  if (text.length <= most) return visible(text);
  const last = text.charCodeAt(most - 1);
  const end = last >= 0xd800 && last < 0xdc00 ? most - 1 : most;
  return `${visible(text.slice(0, end))}…`;
}
