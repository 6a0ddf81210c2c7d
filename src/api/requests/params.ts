import type { FastifyRequest } from 'fastify';
import type { Matcher } from '../../model/matcher.ts';
import { parseDuration } from '../../lib/time/duration.ts';
import { compileMatch } from '../../lib/text/match.ts';
import { ApiError, badParameter, messageOf } from '../answers/errors.ts';
import type { QueryLanguage } from '../types.ts';

/** The earliest and the latest time that a `Date` can hold; they stand for "not given". Milliseconds. */
export const MIN_TIME = -8_640_000_000_000_000;
export const MAX_TIME = 8_640_000_000_000_000;

/** Go's durations end here: 2^63 nanoseconds. Milliseconds. */
const MAX_DURATION = 2 ** 63 / 1e6;

/** Parameters of the URL and of a form body alike; the body's stand first, as in Go's `FormValue`. */
export function paramsOf(request: FastifyRequest): URLSearchParams {
  const mark = request.url.indexOf('?');
  const query = mark < 0 ? '' : request.url.slice(mark + 1);
  const body = request.body instanceof URLSearchParams ? request.body : undefined;
  const params = new URLSearchParams(body);
  for (const [name, value] of new URLSearchParams(query)) params.append(name, value);
  return params;
}

const FLOAT = /^[+-]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** Seconds as a float, as Go reads it; undefined for anything else and for what overflows. */
function parseFloatSeconds(text: string): number | undefined {
  if (!FLOAT.test(text)) return undefined;
  const value = Number(text.replaceAll('_', ''));
  return Number.isFinite(value) ? value : undefined;
}

/** What Go takes for a float beside numbers; undefined for any other text. */
function parseGoSpecial(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN;
  return /^[+-]?inf(inity)?$/i.test(text) ? Infinity : undefined;
}

/** The years that Go's clients write for the least and the greatest time there is. */
const BOUNDS: ReadonlyMap<string, number> = new Map([
  ['-292273086-05-16T16:47:06Z', MIN_TIME],
  ['292277025-08-18T07:12:54.999999999Z', MAX_TIME],
]);

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Milliseconds as Go's `time.Parse` reads RFC 3339: no 24th hour, but an offset of 24 hours; a comma for the point. */
function parseRfc3339(text: string): number | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const [fraction = '', sign, offsetHour = '0', offsetMinute = '0'] = match.slice(7);
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!exists || hour > 23 || minute > 59 || second > 59 || Number(offsetHour) > 24 || Number(offsetMinute) > 60)
    return undefined;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -60_000 : 60_000);
  return date.getTime() + Number(fraction.padEnd(3, '0').slice(0, 3)) - offset;
}

/** Milliseconds of a Unix time in seconds or an RFC 3339 text. @throws {Error} in Prometheus' words. */
export function parseTime(text: string): number {
  const seconds = parseFloatSeconds(text);
  if (seconds !== undefined) {
    // As Prometheus: whole seconds, and the rest rounded to milliseconds away from zero.
    const whole = Math.trunc(seconds);
    const rest = Math.sign(seconds) * Math.round(Math.abs(seconds - whole) * 1000);
    return Math.min(MAX_TIME, Math.max(MIN_TIME, whole * 1000 + rest));
  }
  const ms = parseRfc3339(text) ?? BOUNDS.get(text);
  if (ms === undefined) throw new Error(`cannot parse ${JSON.stringify(text)} to a valid timestamp`);
  return ms;
}

/** Milliseconds of a number of seconds or a duration (`1m30s`). @throws {Error} in Prometheus' words. */
export function parseStep(text: string): number {
  const seconds = parseGoSpecial(text) ?? parseFloatSeconds(text);
  if (seconds !== undefined) {
    const ms = seconds * 1000;
    if (Math.abs(ms) > MAX_DURATION)
      throw new Error(`cannot parse ${JSON.stringify(text)} to a valid duration. It overflows int64`);
    return ms;
  }
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`cannot parse ${JSON.stringify(text)} to a valid duration`);
  return ms;
}

/** The parameter through `parse`; `fallback` where it is absent or empty. */
export function timeParam(params: URLSearchParams, name: string, fallback: number): number {
  const text = params.get(name) ?? '';
  if (text === '') return fallback;
  return parsed(name, () => parseTime(text), `invalid time value for '${name}': `);
}

/** A parameter that must be there. */
export function required<T>(params: URLSearchParams, name: string, parse: (text: string) => T): T {
  return parsed(name, () => parse(params.get(name) ?? ''));
}

export function parsed<T>(name: string, parse: () => T, prefix = ''): T {
  try {
    return parse();
  } catch (error) {
    throw badParameter(name, `${prefix}${messageOf(error)}`);
  }
}

/** `limit` of queries and series: 0 = none. */
export function limitParam(params: URLSearchParams): number {
  const text = params.get('limit') ?? '';
  if (text === '') return 0;
  if (!/^[+-]?\d+$/.test(text))
    throw badParameter('limit', `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  const limit = Number(text);
  if (!Number.isSafeInteger(limit))
    throw badParameter('limit', `strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`);
  if (limit < 0) throw badParameter('limit', 'limit must be non-negative');
  return limit;
}

/** A whole number for endpoints that have no words of Prometheus', held between `least` and `most`. */
export function countParam(params: URLSearchParams, name: string, fallback: number, most: number): number {
  const text = params.get(name) ?? '';
  if (text === '') return fallback;
  if (!/^\d+$/.test(text)) throw badParameter(name, `expected a whole number, not ${JSON.stringify(text)}`);
  return Math.min(most, Math.max(1, Number(text)));
}

/** Characters of a text that is searched for. */
const MAX_TEXT = 100_000;

/** A text that a store can search for; '' where it is absent. */
export function textParam(params: URLSearchParams, name: string): string {
  const text = params.get(name) ?? '';
  if (text.includes('\0')) throw badParameter(name, 'a NUL character cannot be searched for');
  if (text.length > MAX_TEXT) throw badParameter(name, `longer than ${MAX_TEXT} characters`);
  return text;
}

/** Go's `strconv.ParseBool`; undefined for any other text. */
export function parseBool(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  return undefined;
}

/** Prometheus names the parameter in the complaint of some endpoints only. */
export function matcherSets(
  params: URLSearchParams,
  language: QueryLanguage,
  options: { readonly named: boolean; readonly allowEmpty?: boolean },
): (readonly Matcher[])[] {
  try {
    const sets = params.getAll('match[]').map((text) => language.parseSelector(text));
    if (!options.allowEmpty && sets.some((matchers) => matchers.every(matchesEmpty)))
      throw new Error('match[] must contain at least one non-empty matcher');
    return sets;
  } catch (error) {
    throw options.named ? badParameter('match[]', messageOf(error)) : new ApiError('bad_data', messageOf(error));
  }
}

function matchesEmpty({ op, value }: Matcher): boolean {
  return compileMatch(op, value)('');
}
