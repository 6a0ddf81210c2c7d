import { compileRegex } from '../../lib/text/bounded-regex.ts';
import { between } from './methods.ts';
import { printValue } from './print.ts';
import { humanizeDuration, toFloat } from './number-functions.ts';
import { WORD, reReplaceAll } from './text-functions.ts';
import { formatTime } from './time.ts';
import {
  ANY, type FunctionMap, GoDuration, GoFunc, GoList, GoMap, GoStruct, GoTime, type GoValue, SafeHtml, typeOf,
} from './values.ts'; // prettier-ignore

/** Alertmanager's template functions (source: docs/notifications.md). `now` is passed in, milliseconds. */
export function alertmanagerFunctions(now: number): FunctionMap {
  return {
    ...FUNCTIONS,
    now: new GoFunc([], () => new GoTime(now)),
    since: new GoFunc(['time.Time'], (time: GoTime) => between(time, new GoTime(now))),
  };
}

const FUNCTIONS: FunctionMap = {
  toUpper: new GoFunc(['string'], (text: string) => text.toUpperCase()),
  toLower: new GoFunc(['string'], (text: string) => text.toLowerCase()),
  // Unlike Prometheus' function of the name, the rest of each word goes to lower case.
  title: new GoFunc(['string'], (text: string) =>
    text.replace(WORD, (word) => word.toLowerCase().replace(/\p{L}/u, (letter) => letter.toUpperCase())),
  ),
  trimSpace: new GoFunc(['string'], (text: string) => text.trim()),
  join: new GoFunc(['string', '[]string'], (separator: string, list: GoList | undefined) =>
    (list?.items ?? []).map((item) => printValue(item)).join(separator),
  ),
  match: new GoFunc(['string', 'string'], (pattern: string, text: string) =>
    compileRegex(pattern).matcher(text).find(),
  ),
  reReplaceAll: new GoFunc(['string', 'string', 'string'], reReplaceAll),
  safeHtml: new GoFunc(['string'], (text: string) => new SafeHtml(text)),
  safeUrl: new GoFunc(['string'], (text: string) => new SafeHtml(text, 'template.URL')),
  urlUnescape: new GoFunc(['string'], urlUnescape),
  stringSlice: new GoFunc(['string'], (...items: string[]) => new GoList('[]string', items), true),
  date: new GoFunc(['string', 'time.Time'], (layout: string, time: GoTime) => formatTime(time, layout)),
  tz: new GoFunc(['string', 'time.Time'], inZone),
  humanizeDuration: new GoFunc([ANY], (value: GoValue) => humanizeDuration(toFloat(value))),
  toJson: new GoFunc([ANY], (value: GoValue) => goJson(value)),
  base64encode: new GoFunc(['string'], (text: string) => pad(Buffer.from(text).toString('base64url'))),
  base64decode: new GoFunc(['string'], (text: string) => Buffer.from(text, 'base64url').toString()),
  list: new GoFunc([ANY], (...items: GoValue[]) => new GoList('[]interface {}', items), true),
  append: new GoFunc(
    ['[]interface {}', ANY],
    (list: GoList, ...items: GoValue[]) => new GoList(list.type, [...list.items, ...items]),
    true,
  ),
  dict: new GoFunc([ANY], dict, true),
  routeLabels: new GoFunc(['string'], () => ''),
};

function pad(text: string): string {
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

function urlUnescape(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw new Error(`invalid URL escape ${JSON.stringify(/%.{0,2}/.exec(text)?.[0] ?? '')}`, { cause: error });
  }
}

function inZone(name: string, time: GoTime): GoTime {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name === '' ? 'UTC' : name }).resolvedOptions();
    return new GoTime(time.ms, timeZone);
  } catch (error) {
    throw new Error(`unknown time zone ${name}`, { cause: error });
  }
}

function dict(...values: GoValue[]): GoMap {
  if (values.length % 2 !== 0) throw new Error('dict requires an even number of arguments');
  const entries = new Map<string, GoValue>();
  for (let i = 0; i < values.length; i += 2) {
    const key = values[i];
    if (typeof key !== 'string') throw new Error('dict keys must be strings');
    entries.set(key, values[i + 1]);
  }
  return new GoMap('map[string]interface {}', entries);
}

/** encoding/json: keys of maps sorted, those of structs by their tags, and `<>&` as numbers. */
export function goJson(value: GoValue): string {
  return JSON.stringify(plain(value)).replaceAll(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function plain(value: GoValue): unknown {
  if (value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof GoList) return value.items.map(plain);
  if (value instanceof GoMap)
    return Object.fromEntries(
      [...value.entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, plain(item)]),
    );
  if (value instanceof GoStruct)
    return Object.fromEntries(
      Object.entries(value.fields).map(([name, field]) => [jsonName(value, name), plain(field)]),
    );
  if (value instanceof GoTime) return formatTime(value, '2006-01-02T15:04:05.999999999Z07:00');
  if (value instanceof GoDuration) return Number(value.nanos);
  if (value instanceof SafeHtml) return value.text;
  if (value instanceof GoFunc) throw new Error(`json: unsupported type: ${typeOf(value)}`);
  return value;
}

const TAGS: Readonly<Record<string, string>> = {
  NotificationReason: 'notification_reason',
  ExternalURL: 'externalURL',
  GeneratorURL: 'generatorURL',
};

/** The structs of a notification name their fields in lower camel case, pairs as they are. */
function jsonName(struct: GoStruct, name: string): string {
  if (struct.type === 'template.Pair') return name;
  return TAGS[name] ?? name[0].toLowerCase() + name.slice(1);
}
