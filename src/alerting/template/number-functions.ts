import { parseDuration } from '../../lib/time/duration.ts';
import { formatFloat } from './numbers.ts';
import { printValue } from './print.ts';
import { formatTime } from './time.ts';
import { ANY, type FunctionMap, GoDuration, GoFunc, GoTime, type GoValue, typeOf } from './values.ts';

/** Those of Prometheus' template functions that are about numbers and times. */
export const NUMBER_FUNCTIONS: FunctionMap = {
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
