import type { Output } from './output.ts';
import { type HtmlContext, HtmlWalk } from './html-context.ts';
import { printValue } from './print.ts';
import { type GoValue, SafeHtml } from './values.ts';

/** What html/template writes in place of a value that is not safe where it stands. */
const REFUSED = 'ZgotmplZ';

const URL_ATTRIBUTES = new Set(['action', 'archive', 'background', 'cite', 'classid', 'codebase', 'data', 'formaction', 'href', 'icon', 'longdesc', 'manifest', 'poster', 'profile', 'src', 'usemap']); // prettier-ignore

/** Writes a template's text as it is and each value escaped for the place where it stands, as html/template does. */
export class HtmlOutput implements Output {
  readonly #walk = new HtmlWalk();
  #parts: string[] = [];
  length = 0;

  text(text: string): void {
    this.#walk.text(text);
    this.#write(text);
  }

  value(value: GoValue, escaper: 'html' | 'urlquery' | undefined): void {
    const text = escapeFor(this.#walk.context, value, escaper);
    this.#walk.value(text);
    this.#write(text);
  }

  toString(): string {
    return this.#parts.join('');
  }

  #write(text: string): void {
    this.#parts.push(text);
    this.length += text.length;
  }
}

function escapeFor(context: HtmlContext, value: GoValue, escaper: 'html' | 'urlquery' | undefined): string {
  // Unlike text/template, html/template shows nothing for nil.
  const text = value === undefined ? '' : printValue(value);
  const trusted = value instanceof SafeHtml ? value.type : undefined;
  switch (context.kind) {
    case 'text':
      return trusted === 'template.HTML' || escaper === 'html' ? text : escapeText(text);
    case 'comment':
      return '';
    case 'tag':
      return /^[a-zA-Z0-9]+$/.test(text) ? text.toLowerCase() : REFUSED;
    case 'raw':
      if (context.element === 'script') return escapeScript(value);
      return context.element === 'style' ? filterCss(text) : escapeText(text);
    case 'attribute':
      return escapeAttribute(context, value, text, escaper);
  }
}

function escapeAttribute(
  context: Extract<HtmlContext, { kind: 'attribute' }>,
  value: GoValue,
  text: string,
  escaper: 'html' | 'urlquery' | undefined,
): string {
  const plain = value instanceof SafeHtml && value.type === 'template.HTML' ? text.replaceAll(/<[^>]*>/g, '') : text;
  const name = context.name.replace(/^[^:]*:/, '');
  let safe = plain;
  if (name.startsWith('on')) safe = escapeScript(value);
  else if (name === 'style') safe = filterCss(plain);
  else if (URL_ATTRIBUTES.has(name)) safe = escapeUrl(context.value, value, plain, escaper);
  if (context.quote === '')
    return safe === '' ? REFUSED : escapeText(safe).replaceAll(/[\t\n\v\f\r =`]/g, (c) => `&#${c.charCodeAt(0)};`);
  return escaper === 'html' ? safe : escapeText(safe);
}

function escapeText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- NUL is one of the characters that must not reach a page
  return text.replaceAll(
    /[\0"&'+<>]/g,
    (c) =>
      ({ '\0': '\ufffd', '"': '&#34;', '&': '&amp;', "'": '&#39;', '+': '&#43;', '<': '&lt;', '>': '&gt;' })[c] ?? c,
  );
}

/** `before` is what stands of the address so far: only its start can name a scheme. */
function escapeUrl(before: string, value: GoValue, text: string, escaper: string | undefined): string {
  if (/[?#]/.test(before)) return escaper === 'urlquery' ? text : percentEncode(text, /[A-Za-z0-9._~-]/);
  const vouched = value instanceof SafeHtml && value.type === 'template.URL';
  if (before === '' && !vouched && !isSafeScheme(text)) return `#${REFUSED}`;
  return percentEncode(text, /[A-Za-z0-9._~!#$&*+,/:;=?@[\]-]/, true);
}

function isSafeScheme(url: string): boolean {
  const scheme = /^([^:/?#]*):/.exec(url);
  return scheme === null || ['http', 'https', 'mailto'].includes(scheme[1].toLowerCase());
}

function percentEncode(text: string, keep: RegExp, keepEncoded = false): string {
  const bytes = Buffer.from(text);
  let result = '';
  for (let i = 0; i < bytes.length; i++) {
    const c = String.fromCharCode(bytes[i]);
    const encoded = keepEncoded && c === '%' && /^[0-9a-fA-F]{2}$/.test(bytes.toString('latin1', i + 1, i + 3));
    result += (bytes[i] < 128 && keep.test(c)) || encoded ? c : `%${bytes[i].toString(16).padStart(2, '0')}`;
  }
  return result;
}

/** A JavaScript value that cannot end the script it stands in. */
function escapeScript(value: GoValue): string {
  if (value === undefined) return ' null ';
  if (typeof value === 'number' || typeof value === 'bigint') return ` ${printValue(value)} `;
  if (typeof value === 'boolean') return ` ${value} `;
  return JSON.stringify(printValue(value)).replaceAll(
    /[<>&'\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Lets plain values through: no quotes, brackets, comments or functions. */
function filterCss(text: string): string {
  const risky = /["'`()/;@[\\\]{}<>\0]|--|expression|-moz-binding/i.test(text);
  return risky ? REFUSED : text;
}
