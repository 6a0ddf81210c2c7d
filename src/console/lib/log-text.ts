import type { LogRecord } from './api.ts';

/** Narrows a search to records whose field has a value, or to those without it. */
export type Filter = (name: string, value: string, not: boolean) => void;

const STAMP = /^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?\]?\s+/;
const LEVEL = /^\[?(?:trace|debug|info|notice|warn|warning|error|err|fatal|critical)\]?:?\s+/i;

const SAID_ELSEWHERE = new Set([
  'time',
  'timestamp',
  '@timestamp',
  'ts',
  'level',
  'severity',
  'log.level',
  'pid',
  'hostname',
]);

const WORDS = ['message', 'msg', 'event'];

/** A longer message is shown as it is: reading its fields would hold up the page. */
const LONGEST_READ = 64 * 1024;
/** What one line can show. */
const LONGEST_LINE = 2000;

/** A record's message for one line: without the time and level that have columns of their own, JSON as its words. */
export function lineOf({ message, level }: LogRecord): string {
  const fields = jsonFields(message);
  const words = fields && WORDS.find((name) => name in fields);
  if (fields !== undefined && words !== undefined) {
    const rest = Object.entries(fields).filter(([name]) => name !== words && !SAID_ELSEWHERE.has(name));
    return [fields[words], ...rest.map(([name, value]) => `${name}=${value}`)].join(' ').slice(0, LONGEST_LINE);
  }
  const behind = message.slice(0, LONGEST_LINE).replace(STAMP, '');
  return level === '' ? behind : behind.replace(LEVEL, '');
}

/** Fields that a message of JSON or logfmt names, as texts; none for any other message. */
export function fieldsOfMessage(message: string): Readonly<Record<string, string>> {
  return jsonFields(message) ?? logfmtFields(message);
}

function jsonFields(message: string): Record<string, string> | undefined {
  if (!message.startsWith('{') || message.length > LONGEST_READ) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    return undefined;
  }
  // A field may have any name, `__proto__` too.
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(parsed as Record<string, unknown>))
    fields[name] = typeof value === 'string' ? value : JSON.stringify(value);
  return fields;
}

const PAIR = /(?:^|\s)([a-zA-Z_@][\w.@-]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?=\s|$)/g;

/** Pairs of `name=value`, where a line has two or more of them: a lone one may be part of a sentence. */
function logfmtFields(message: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [, name, inQuotes, plain] of message.slice(0, 8192).matchAll(PAIR))
    fields[name] ??= inQuotes?.replace(/\\(.)/g, '$1') ?? plain;
  return Object.keys(fields).length < 2 ? {} : fields;
}
