import { printValue, sprint, sprintln } from './print.ts';
import { sprintf } from './printf.ts';
import {
  ANY, type FunctionMap, GoDuration, GoFunc, GoList, GoMap, type GoValue, SafeHtml, VALUE, isTrue, typeOf,
} from './values.ts'; // prettier-ignore

/** The functions every Go template has. `and`, `or` and `call` are run by the interpreter, which evaluates their arguments. */
export const BUILTINS: FunctionMap = {
  and: new GoFunc([VALUE, VALUE], () => undefined, true),
  or: new GoFunc([VALUE, VALUE], () => undefined, true),
  call: new GoFunc([VALUE, VALUE], () => undefined, true),
  not: new GoFunc([VALUE], (value: GoValue) => !isTrue(value)),
  len: new GoFunc([VALUE], length),
  index: new GoFunc([VALUE, VALUE], index, true),
  slice: new GoFunc([VALUE, VALUE], slice, true),
  print: new GoFunc([ANY], (...values: GoValue[]) => sprint(values), true),
  println: new GoFunc([ANY], (...values: GoValue[]) => sprintln(values), true),
  printf: new GoFunc(['string', ANY], (format: string, ...values: GoValue[]) => sprintf(format, values), true),
  html: new GoFunc([ANY], (...values: GoValue[]) => escapeHtml(joined(values)), true),
  js: new GoFunc([ANY], (...values: GoValue[]) => escapeJs(joined(values)), true),
  urlquery: new GoFunc([ANY], (...values: GoValue[]) => queryEscape(joined(values)), true),
  eq: new GoFunc([VALUE, VALUE], equal, true),
  ne: new GoFunc([VALUE, VALUE], (a: GoValue, b: GoValue) => !equal(a, b)),
  lt: new GoFunc([VALUE, VALUE], less),
  le: new GoFunc([VALUE, VALUE], (a: GoValue, b: GoValue) => less(a, b) || equal(a, b)),
  gt: new GoFunc([VALUE, VALUE], (a: GoValue, b: GoValue) => !(less(a, b) || equal(a, b))),
  ge: new GoFunc([VALUE, VALUE], (a: GoValue, b: GoValue) => !less(a, b)),
};

function joined(values: readonly GoValue[]): string {
  if (values.length === 1) return printValue(values[0], true);
  return sprint(values.map((value) => (value === undefined ? '<no value>' : value)));
}

function length(value: GoValue): GoValue {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
  if (value instanceof GoList) return BigInt(value.items.length);
  if (value instanceof GoMap) return BigInt(value.entries.size);
  if (value === undefined) throw new Error('reflect: call of reflect.Value.Type on zero Value');
  throw new Error(`len of type ${typeOf(value)}`);
}

function index(item: GoValue, ...indexes: GoValue[]): GoValue {
  if (item === undefined) throw new Error('index of untyped nil');
  let at: GoValue = item;
  for (const key of indexes) {
    if (at === undefined) throw new Error('index of nil pointer');
    if (at instanceof GoMap) {
      if (key === undefined) throw new Error('value is nil; should be of type string');
      if (typeof key !== 'string') throw new Error(`value has type ${typeOf(key)}; should be string`);
      at = at.entries.has(key) ? at.entries.get(key) : at.zero;
    } else if (at instanceof GoList) {
      const place = position(key, at.items.length);
      if (place === at.items.length) throw new Error('reflect: slice index out of range');
      at = at.items[place];
    } else if (typeof at === 'string') {
      const bytes = Buffer.from(at);
      const place = position(key, bytes.length);
      if (place === bytes.length) throw new Error('reflect: string index out of range');
      at = BigInt(bytes[place]);
    } else {
      throw new Error(`can't index item of type ${typeOf(at)}`);
    }
  }
  return at;
}

function slice(item: GoValue, ...indexes: GoValue[]): GoValue {
  if (item === undefined) throw new Error('slice of untyped nil');
  if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`);
  const text = typeof item === 'string' ? Buffer.from(item) : undefined;
  if (text !== undefined && indexes.length === 3) throw new Error('cannot 3-index slice a string');
  if (text === undefined && !(item instanceof GoList)) throw new Error(`can't slice item of type ${typeOf(item)}`);
  const size = text === undefined ? (item as GoList).items.length : text.length;
  const places = indexes.map((key) => position(key, size));
  const [from = 0, to = size, end = size] = places;
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  if (to > end) throw new Error(`invalid slice index: ${to} > ${end}`);
  if (text !== undefined) return text.subarray(from, to).toString();
  const list = item as GoList;
  return new GoList(list.type, list.items.slice(from, to), list.methods);
}

function position(key: GoValue, limit: number): number {
  if (key === undefined) throw new Error('cannot index slice/array with nil');
  if (typeof key !== 'bigint') throw new Error(`cannot index slice/array with type ${typeOf(key)}`);
  if (key < 0n || key > BigInt(limit)) throw new Error(`index out of range: ${key}`);
  return Number(key);
}

type Basic = {
  readonly kind: 'bool' | 'int' | 'float64' | 'string';
  readonly value: boolean | bigint | number | string;
};

function basic(value: GoValue): Basic | undefined {
  if (typeof value === 'boolean') return { kind: 'bool', value };
  if (typeof value === 'bigint') return { kind: 'int', value };
  if (typeof value === 'number') return { kind: 'float64', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (value instanceof GoDuration) return { kind: 'int', value: value.nanos };
  if (value instanceof SafeHtml) return { kind: 'string', value: value.text };
  return undefined;
}

function equal(first: GoValue, ...others: GoValue[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison');
  const a = basic(first);
  return others.some((other) => {
    const b = basic(other);
    if (first === undefined || other === undefined) return first === other;
    if (a?.kind !== b?.kind)
      throw new Error(`incompatible types for comparison: ${typeOf(first)} and ${typeOf(other)}`);
    if (a !== undefined) return a.value === b?.value;
    if (other instanceof GoMap || other instanceof GoList)
      throw new Error(`non-comparable type ${printValue(other)}: ${typeOf(other)}`);
    return first === other;
  });
}

function less(first: GoValue, second: GoValue): boolean {
  const [a, b] = [basic(first), basic(second)];
  if (a === undefined || b === undefined) throw new Error('invalid type for comparison');
  if (a.kind !== b.kind) throw new Error(`incompatible types for comparison: ${typeOf(first)} and ${typeOf(second)}`);
  if (a.kind === 'bool') throw new Error('invalid type for comparison');
  if (a.kind === 'string') return Buffer.compare(Buffer.from(a.value as string), Buffer.from(b.value as string)) < 0;
  return a.value < b.value;
}

const HTML: Readonly<Record<string, string>> = {
  '\0': '\ufffd', '"': '&#34;', "'": '&#39;', '&': '&amp;', '<': '&lt;', '>': '&gt;',
}; // prettier-ignore

export function escapeHtml(text: string): string {
  // oxlint-disable-next-line no-control-regex -- NUL is one of the characters that must not reach a page
  return text.replace(/[\0"'&<>]/g, (c) => HTML[c]);
}

function escapeJs(text: string): string {
  const plain: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'", '"': '\\"' };
  // oxlint-disable-next-line no-control-regex -- control characters are what is escaped
  return text.replace(/[\\'"<>&=\u0000-\u001f]|[^\u0000-\u007f]/gu, (c) => {
    if (plain[c] !== undefined) return plain[c];
    if (/^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(c) && c > '\u007f') return c;
    return `\\u${(c.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

/** url.QueryEscape */
export function queryEscape(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString())
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
