import { compareUtf8, quote } from '../../model/labels.ts';
import { formatFloat } from './numbers.ts';
import { printValue } from './print.ts';
import { GoDuration, GoList, GoMap, GoStruct, type GoValue, SafeHtml, sortedEntries, typeOf } from './values.ts';

interface Flags {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** Wider asks are refused as Go refuses those past a million. */
const MAX_WIDTH = 10_000;

const DIRECTIVE = /%([-+# 0]*)(?:\[(\d+)\])?(\*|\d+)?(?:(\.)(?:\[(\d+)\])?(\*|\d+)?)?(?:\[(\d+)\])?(.|$)/gsu;

/** fmt.Sprintf with its words for what does not fit: `%!d(string=hi)`, `%!v(MISSING)`, `%!(EXTRA int=1)`. */
export function sprintf(format: string, args: readonly GoValue[]): string {
  let next = 0;
  let reordered = false;
  const jump = (place: string | undefined) => {
    if (place === undefined) return;
    next = Number(place) - 1;
    reordered = true;
  };
  const text = format.replace(DIRECTIVE, (_whole, ...groups: (string | undefined)[]) => {
    const [flags = '', widthPlace, width, dot, precisionPlace, precision, place, verb = ''] = groups;
    let trouble = '';
    let minus = flags.includes('-');
    const number = (size: string | undefined, bad: string): number | undefined => {
      if (size === undefined) return undefined;
      const value = size === '*' ? Number(typeof args[next] === 'bigint' ? args[next++] : NaN) : Number(size);
      if (Number.isNaN(value)) next++;
      if (Number.isNaN(value) || Math.abs(value) > MAX_WIDTH) trouble += bad;
      return Number.isNaN(value) || Math.abs(value) > MAX_WIDTH ? undefined : value;
    };
    jump(widthPlace);
    let wide = number(width, '%!(BADWIDTH)');
    if (wide !== undefined && wide < 0) [minus, wide] = [true, -wide];
    jump(precisionPlace);
    let exact = dot === undefined ? undefined : number(precision ?? '0', '%!(BADPREC)');
    if (exact !== undefined && exact < 0) {
      trouble += '%!(BADPREC)';
      exact = undefined;
    }
    jump(place);
    if (verb === '') return `${trouble}%!(NOVERB)`;
    if (verb === '%') return `${trouble}%`;
    if (next < 0 || (reordered && next >= args.length)) return `${trouble}%!${verb}(BADINDEX)`;
    if (next >= args.length) return `${trouble}%!${verb}(MISSING)`;
    return (
      trouble +
      formatVerb(args[next++], verb, {
        minus,
        plus: flags.includes('+'),
        sharp: flags.includes('#'),
        space: flags.includes(' '),
        zero: flags.includes('0') && !minus,
        width: wide,
        precision: exact,
      })
    );
  });
  if (reordered || next >= args.length) return text;
  const extra = args.slice(next).map((arg) => (arg === undefined ? '<nil>' : `${typeOf(arg)}=${printValue(arg)}`));
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function formatVerb(value: GoValue, verb: string, flags: Flags): string {
  if (verb === 'T') return pad(typeOf(value), flags);
  if (value === undefined) return verb === 'v' ? pad('<nil>', flags) : `%!${verb}(<nil>)`;
  switch (typeof value) {
    case 'boolean':
      return verb === 't' || verb === 'v' ? pad(String(value), flags) : bad(value, verb, flags);
    case 'number':
      return formatFloatVerb(value, verb, flags);
    case 'bigint':
      return formatInt(value, verb, flags);
    case 'string':
      return formatString(value, verb, flags);
    default:
  }
  if (value instanceof SafeHtml) return formatString(value.text, verb, flags);
  if (value instanceof GoDuration && !'vs'.includes(verb)) return formatInt(value.nanos, verb, flags);
  const printable = !(value instanceof GoStruct || value instanceof GoMap || value instanceof GoList);
  if (verb === 'v' && flags.sharp) return goSyntax(value);
  if (verb === 'v' || printable || value.methods.String !== undefined) return pad(formatNested(value, flags), flags);
  return formatEach(value, verb, flags);
}

/** `%v` with `+` names the fields of structs. */
function formatNested(value: GoValue, flags: Flags): string {
  if (!flags.plus || !(value instanceof GoStruct) || value.methods.String !== undefined) return printValue(value);
  const fields = Object.entries(value.fields).map(([name, field]) => `${name}:${formatNested(field, flags)}`);
  return `${value.type.startsWith('*') ? '&' : ''}{${fields.join(' ')}}`;
}

/** Any other verb goes to each element. */
function formatEach(value: GoStruct | GoMap | GoList, verb: string, flags: Flags): string {
  if (value instanceof GoList) return `[${value.items.map((item) => formatVerb(item, verb, flags)).join(' ')}]`;
  if (value instanceof GoMap)
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${formatString(key, verb, flags)}:${formatVerb(item, verb, flags)}`)
      .join(' ')}]`;
  const fields = Object.values(value.fields).map((field) => formatVerb(field, verb, flags));
  return `${value.type.startsWith('*') ? '&' : ''}{${fields.join(' ')}}`;
}

function formatFloatVerb(value: number, verb: string, flags: Flags): string {
  const lower = verb === 'v' ? 'g' : verb === 'F' ? 'f' : verb.toLowerCase();
  if (lower !== 'e' && lower !== 'f' && lower !== 'g') return bad(value, verb, flags);
  const precision = flags.precision ?? (lower === 'g' ? undefined : 6);
  let text = formatFloat(value, lower, precision);
  if (verb === 'E' || verb === 'G') text = text.toUpperCase();
  return signed(text, flags, Number.isFinite(value));
}

function formatInt(value: bigint, verb: string, flags: Flags): string {
  const bases: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };
  const base = bases[verb];
  if (base !== undefined) {
    const magnitude = value < 0n ? -value : value;
    let digits = magnitude.toString(base).padStart(flags.precision ?? 0, '0');
    if (flags.precision === 0 && value === 0n) digits = '';
    const prefix = verb === 'O' ? '0o' : !flags.sharp ? '' : ({ x: '0x', X: '0X', o: '0', b: '0b' }[verb] ?? '');
    const text = prefix + (verb === 'X' ? digits.toUpperCase() : digits);
    return signed(value < 0n ? `-${text}` : text, flags, flags.precision === undefined);
  }
  const code = Number(value);
  const rune = value >= 0n && value <= 0x10ffffn ? String.fromCodePoint(code) : '\ufffd';
  if (verb === 'c') return pad(rune, flags);
  if (verb === 'q') return pad(`'${rune === "'" ? "\\'" : rune === '"' ? '"' : goQuote(rune).slice(1, -1)}'`, flags);
  if (verb === 'U')
    return pad(`U+${code.toString(16).toUpperCase().padStart(4, '0')}${flags.sharp ? ` '${rune}'` : ''}`, flags);
  return bad(value, verb, flags);
}

function formatString(value: string, verb: string, flags: Flags): string {
  const cut = flags.precision === undefined ? value : Array.from(value).slice(0, flags.precision).join('');
  switch (verb) {
    case 'v':
      return pad(flags.sharp ? goQuote(value) : cut, flags);
    case 's':
      return pad(cut, flags);
    case 'q':
      if (flags.sharp && !cut.includes('`')) return pad(`\`${cut}\``, flags);
      return pad(flags.plus ? asciiOnly(goQuote(cut)) : goQuote(cut), flags);
    case 'x':
    case 'X': {
      const hex = [...Buffer.from(value)].slice(0, flags.precision).map((byte) => byte.toString(16).padStart(2, '0'));
      const text = (flags.sharp ? '0x' : '') + hex.join(flags.space ? ' ' : '');
      return pad(verb === 'X' ? text.toUpperCase() : text, flags);
    }
    default:
      return bad(value, verb, flags);
  }
}

/** Places the sign, then fills with zeros behind it or spaces before it. */
function signed(text: string, flags: Flags, zeros: boolean): string {
  const negative = /^[-+]/.test(text);
  const sign = negative && (text[0] === '-' || flags.plus) ? text[0] : flags.plus ? '+' : flags.space ? ' ' : '';
  const keepsPlus = negative && text[0] === '+' && !flags.plus ? '+' : '';
  const digits = negative ? text.slice(1) : text;
  const head = sign === '' ? keepsPlus : sign;
  if (flags.zero && zeros && flags.width !== undefined) return head + digits.padStart(flags.width - head.length, '0');
  return pad(head + digits, { ...flags, zero: false });
}

function pad(text: string, flags: Flags): string {
  const missing = (flags.width ?? 0) - Array.from(text).length;
  if (missing <= 0) return text;
  if (flags.minus) return text + ' '.repeat(missing);
  return (flags.zero ? '0' : ' ').repeat(missing) + text;
}

/** The flags hold for the value in the complaint too. */
function bad(value: GoValue, verb: string, flags: Flags): string {
  return `%!${verb}(${typeOf(value)}=${formatVerb(value, 'v', flags)})`;
}

/** `%#v` of the composite values. */
function goSyntax(value: GoValue): string {
  if (value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (value instanceof GoList) return `${value.type}{${value.items.map(goSyntax).join(', ')}}`;
  if (value instanceof GoMap) {
    const entries = [...value.entries].sort(([a], [b]) => compareUtf8(a, b));
    return `${value.type}{${entries.map(([key, item]) => `${goQuote(key)}:${goSyntax(item)}`).join(', ')}}`;
  }
  if (value instanceof GoStruct)
    return `${value.type.replace(/^\*/, '&')}{${Object.entries(value.fields)
      .map(([name, field]) => `${name}:${goSyntax(field)}`)
      .join(', ')}}`;
  return printValue(value);
}

/** strconv.Quote: what cannot be seen stands as its number. */
function goQuote(text: string): string {
  return quote(text)
    .replace(/\\u00([0-9a-f]{2})/g, (_whole, hex: string) => ({ '07': '\\a', '0b': '\\v' })[hex] ?? `\\x${hex}`)
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, byNumber);
}

function asciiOnly(text: string): string {
  return text.replace(/[^ -~]/gu, byNumber);
}

function byNumber(c: string): string {
  const code = (c.codePointAt(0) as number).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}
