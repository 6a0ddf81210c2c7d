/**
 * The name behind `U__…`, the form that URLs and old formats carry UTF-8 names in: `__` is `_`, `_2d_` the code point 0x2d.
 * A text that is not in that form comes back as it is (source: prometheus/common model.UnescapeName).
 */
export function unescapeName(text: string): string {
  if (!text.startsWith('U__')) return text;
  let name = '';
  let i = 3;
  while (i < text.length) {
    if (text[i] !== '_') {
      name += text[i++];
      continue;
    }
    if (text[i + 1] === '_') {
      name += '_';
      i += 2;
      continue;
    }
    const escape = /^_([0-9a-fA-F]{1,6})_/.exec(text.slice(i, i + 8));
    const codePoint = escape === null ? Number.NaN : Number.parseInt(escape[1], 16);
    if (escape === null || codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) return text;
    name += String.fromCodePoint(codePoint);
    i += escape[0].length;
  }
  return name;
}
