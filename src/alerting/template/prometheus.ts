import { RE2JS } from 're2js';
import type { VectorAnswer, VectorSample } from '../../model/query.ts';
import { compareUtf8 } from '../../model/labels.ts';
import { formatHistogram } from '../../promql/histogram/index.ts';
import { parseDuration } from '../../lib/duration.ts';
import { queryEscape } from './builtins.ts';
import { Suspended } from './terms.ts';
import { formatFloat } from './numbers.ts';
import { printValue } from './print.ts';
import { formatTime } from './time.ts';
import {
  ANY, type FunctionMap, GoDuration, GoFunc, GoList, GoMap, GoStruct, GoTime, type GoValue, SafeHtml, stringMap, typeOf,
} from './values.ts'; // prettier-ignore

/** What the functions of a rule's template know of the moment. */
export interface PrometheusContext {
  /** Milliseconds. */
  readonly now: number;
  readonly externalUrl: string;
  /** Answers of the queries asked so far; a query that is not in it suspends the run with {@link QueryNeeded}. */
  readonly answers: ReadonlyMap<string, VectorAnswer | Error>;
}

/** Thrown where a template asks a query for the first time: answer it and run the template again. */
export class QueryNeeded extends Suspended {
  readonly expr: string;

  constructor(expr: string) {
    super('query needed');
    this.expr = expr;
  }
}

const RESULT = 'template.queryResult';
const SAMPLE = '*template.sample';

/**
 * Prometheus' template functions (source: docs/configuration/template_reference.md). Made anew for every expansion: those
 * that do not depend on it stand behind as the prototype.
 */
export function prometheusFunctions(context: PrometheusContext): FunctionMap {
  const own: FunctionMap = {
    query: new GoFunc(['string'], (expr: string) => query(expr, context)),
    now: new GoFunc([], () => context.now / 1000),
    externalURL: new GoFunc([], () => context.externalUrl),
    pathPrefix: new GoFunc([], () => pathOf(context.externalUrl)),
  };
  return Object.assign(Object.create(FIXED) as FunctionMap, own);
}

/** The names of all of them. */
export function prometheusFunctionNames(): string[] {
  return [...Object.keys(FIXED), 'query', 'now', 'externalURL', 'pathPrefix'];
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/^\/$/, url.endsWith('/') ? '/' : '') : '';
}

function query(expr: string, context: PrometheusContext): GoValue {
  const answer = context.answers.get(expr);
  if (answer === undefined) throw new QueryNeeded(expr);
  if (answer instanceof Error) throw answer;
  return new GoList(RESULT, answer.samples.map(toSample));
}

function toSample(sample: VectorSample): GoStruct {
  return new GoStruct(SAMPLE, { Labels: stringMap(sample.labels.toJSON()), Value: shownValue(sample) });
}

/** What templates are given as the value: of a histogram its text. */
export function shownValue({ value, histogram }: VectorSample): number | string {
  return histogram === undefined ? value : formatHistogram(histogram);
}

function present(sample: GoStruct | undefined): GoStruct {
  if (sample === undefined) throw new Error('runtime error: invalid memory address or nil pointer dereference');
  return sample;
}

function labelOf(sample: GoStruct | undefined, name: string): string {
  return ((present(sample).fields.Labels as GoMap).entries.get(name) as string | undefined) ?? '';
}

const TEXT_FUNCTIONS: FunctionMap = {
  args: new GoFunc(
    [ANY],
    (...values: GoValue[]) =>
      new GoMap('map[string]interface {}', new Map(values.map((value, i) => [`arg${i}`, value]))),
    true,
  ),
  reReplaceAll: new GoFunc(['string', 'string', 'string'], reReplaceAll),
  match: new GoFunc(['string', 'string'], (pattern: string, text: string) =>
    RE2JS.compile(pattern).matcher(text).find(),
  ),
  title: new GoFunc(['string'], title),
  toUpper: new GoFunc(['string'], (text: string) => text.toUpperCase()),
  toLower: new GoFunc(['string'], (text: string) => text.toLowerCase()),
  graphLink: new GoFunc(['string'], (expr: string) => `/graph?g0.expr=${queryEscape(expr)}&g0.tab=0`),
  tableLink: new GoFunc(['string'], (expr: string) => `/graph?g0.expr=${queryEscape(expr)}&g0.tab=1`),
  stripPort: new GoFunc(['string'], (address: string) => splitHostPort(address)?.host ?? address),
  stripDomain: new GoFunc(['string'], stripDomain),
  safeHtml: new GoFunc(['string'], (text: string) => new SafeHtml(text)),
  urlQueryEscape: new GoFunc(['string'], queryEscape),
};

function mustCompile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new Error(
      `regexp: Compile(${pattern.includes('`') ? JSON.stringify(pattern) : `\`${pattern}\``}): ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** Go's replacement syntax is `$1`, `${name}`, `$name` and `$$`; an unknown group is empty. */
export function reReplaceAll(pattern: string, replacement: string, text: string): string {
  const regex = mustCompile(pattern);
  const matcher = regex.matcher(text);
  const names = regex.namedGroups();
  let result = '';
  let from = 0;
  while (matcher.find()) {
    // Go takes no empty match right behind another match.
    if (matcher.end() === from && from > 0) continue;
    result += text.slice(from, matcher.start());
    result += replacement.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
      if (whole === '$$') return '$';
      const name = braced ?? bare ?? '';
      const group = /^\d+$/.test(name) ? Number(name) : names[name];
      return group === undefined || group > matcher.groupCount() ? '' : (matcher.group(group) ?? '');
    });
    from = matcher.end();
  }
  return result + text.slice(from);
}

const WORD = /[\p{L}\p{N}\p{M}_]+(?:['’.:·][\p{L}\p{N}\p{M}_]+)*/gu;

/** The first letter of each word in upper case, the rest as it is. */
export function title(text: string): string {
  return text.replace(WORD, (word) => word.replace(/\p{L}/u, (letter) => letter.toUpperCase()));
}

function splitHostPort(address: string): { host: string; port: string } | undefined {
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(address);
  return match === null ? undefined : { host: match[1] ?? match[2], port: match[3] };
}

function stripDomain(address: string): string {
  const split = splitHostPort(address);
  const host = split?.host ?? address;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(':')) return address;
  const short = host.split('.')[0];
  return split === undefined || split.port === '' ? short : `${short}:${split.port}`;
}

const NUMBER_FUNCTIONS: FunctionMap = {
  humanize: new GoFunc([ANY], (value: GoValue) => humanize(toFloat(value))),
  humanize1024: new GoFunc([ANY], (value: GoValue) => humanize1024(toFloat(value))),
  humanizeDuration: new GoFunc([ANY], (value: GoValue) => humanizeDuration(toFloat(value))),
  humanizePercentage: new GoFunc([ANY], (value: GoValue) => `${short(toFloat(value) * 100)}%`),
  humanizeTimestamp: new GoFunc([ANY], humanizeTimestamp),
  toTime: new GoFunc([ANY], (value: GoValue) => toTime(toFloat(value))),
  toDuration: new GoFunc([ANY], (value: GoValue) => new GoDuration(BigInt(Math.trunc(toFloat(value) * 1e9)))),
  parseDuration: new GoFunc(['string'], parseSeconds),
};

/** %.4g, with Go's words for infinity. */
function short(value: number): string {
  const text = formatFloat(value, 'g', 4);
  return value === Infinity ? '+Inf' : text;
}

const FLOAT = /^[+-]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][+-]?\d+)?$/;

export function toFloat(value: GoValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof GoDuration) return Number(value.nanos) / 1e9;
  if (typeof value !== 'string') throw new Error(`can't convert ${typeOf(value)} to float`);
  if (/^[+-]?inf(inity)?$/i.test(value)) return value.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(value)) return NaN;
  if (!FLOAT.test(value) && !/^[+-]?0x[0-9a-f]+p[+-]?\d+$/i.test(value))
    throw new Error(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`);
  const number = Number(value);
  if (Number.isFinite(number)) return number;
  throw new Error(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: value out of range`);
}

const LARGE = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const LARGE_1024 = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];
const SMALL = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];

function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return short(value);
  return Math.abs(value) >= 1 ? scaleDown(value, 1000, LARGE) : scaleUp(value);
}

function humanize1024(value: number): string {
  return Math.abs(value) <= 1 || !Number.isFinite(value) ? short(value) : scaleDown(value, 1024, LARGE_1024);
}

function scaleDown(value: number, by: number, prefixes: readonly string[]): string {
  let [rest, prefix] = [value, ''];
  for (const next of prefixes) {
    if (Math.abs(rest) < by) break;
    [rest, prefix] = [rest / by, next];
  }
  return short(rest) + prefix;
}

function scaleUp(value: number): string {
  let [rest, prefix] = [value, ''];
  for (const next of SMALL) {
    if (Math.abs(rest) >= 1) break;
    [rest, prefix] = [rest * 1000, next];
  }
  return short(rest) + prefix;
}

/** Seconds as `1d 2h 3m 4s`, or with a prefix below one second. */
export function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return short(value);
  if (value === 0) return '0s';
  if (Math.abs(value) < 1) return `${scaleUp(value)}s`;
  const sign = value < 0 ? '-' : '';
  const whole = Math.floor(Math.abs(value));
  const [seconds, minutes, hours, days] = [
    whole % 60,
    Math.floor(whole / 60) % 60,
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 86_400),
  ];
  if (days !== 0) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`;
  if (hours !== 0) return `${sign}${hours}h ${minutes}m ${seconds}s`;
  return minutes === 0 ? `${sign}${short(Math.abs(value))}s` : `${sign}${minutes}m ${seconds}s`;
}

function toTime(seconds: number): GoTime {
  if (!Number.isFinite(seconds)) throw new Error('value is NaN or Inf');
  if (Math.abs(seconds * 1e9) > 2 ** 63)
    throw new Error(`${printValue(seconds)} cannot be represented as a nanoseconds timestamp since it overflows int64`);
  // As in Go by way of nanoseconds, which cuts 1700000000.123 down to .122.
  return new GoTime(Number(BigInt(Math.trunc(seconds * 1e9)) / 1_000_000n));
}

function humanizeTimestamp(value: GoValue): string {
  const seconds = toFloat(value);
  if (!Number.isFinite(seconds)) return short(seconds);
  return formatTime(toTime(seconds), '2006-01-02 15:04:05.999999999 -0700 MST');
}

function parseSeconds(text: string): number {
  const negative = text.startsWith('-');
  const ms = parseDuration(negative ? text.slice(1) : text);
  if (ms === undefined)
    throw new Error(text === '' ? 'empty duration string' : `not a valid duration string: ${JSON.stringify(text)}`);
  return (negative ? -ms : ms) / 1000;
}

const SAMPLE_FUNCTIONS: FunctionMap = {
  first: new GoFunc([RESULT], (result: GoList | undefined) => {
    if (result === undefined || result.items.length === 0) throw new Error('first() called on vector with no elements');
    return result.items[0];
  }),
  label: new GoFunc(['string', SAMPLE], (name: string, sample: GoStruct) => labelOf(sample, name)),
  value: new GoFunc([SAMPLE], (sample: GoStruct | undefined) => present(sample).fields.Value),
  strvalue: new GoFunc([SAMPLE], (sample: GoStruct) => labelOf(sample, '__value__')),
  sortByLabel: new GoFunc(['string', RESULT], (name: string, result: GoList) => {
    const by = (sample: GoValue) => labelOf(sample as GoStruct, name);
    return new GoList(
      RESULT,
      [...result.items].sort((a, b) => compareUtf8(by(a), by(b))),
    );
  }),
};

const FIXED: FunctionMap = { ...TEXT_FUNCTIONS, ...NUMBER_FUNCTIONS, ...SAMPLE_FUNCTIONS };
