import type { LogRecord } from './api.ts';

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

/** A record's message for one line: without the time and level that have columns of their own, JSON as its words. */
export function lineOf({ message, level }: LogRecord): string {
  if (message.startsWith('{')) return wordsOfJson(message) ?? message;
  const behind = message.replace(STAMP, '');
  return level === '' ? behind : behind.replace(LEVEL, '');
}

function wordsOfJson(text: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const fields = parsed as Readonly<Record<string, unknown>>;
  const words = ['message', 'msg', 'event'].find((name) => typeof fields[name] === 'string');
  if (words === undefined) return undefined;
  const rest = Object.entries(fields)
    .filter(([name]) => name !== words && !SAID_ELSEWHERE.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [String(fields[words]), ...rest].join(' ');
}
