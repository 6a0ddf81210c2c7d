import { goQuote } from '../text/go-quote.ts';

/** The value of a number token, or why it has none, in the words of Go's strconv. */
export function parseNumber(text: string): number | { readonly error: string } {
  const digits = text.replaceAll('_', '');
  if (/^(?:inf|nan)$/i.test(text)) return text[0] === 'i' || text[0] === 'I' ? Infinity : NaN;
  if (/^0[xX]/.test(digits)) return parseHex(digits.slice(2), text);
  // As in Go, a leading 0 makes it octal, unless another digit or form says that it is not.
  if (/^0[0-7]+$/.test(digits) && BigInt(`0o${digits}`) <= MAX_INT64) return Number(`0o${digits}`);
  if (!/^(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(digits)) return invalid(text);
  const value = Number(digits);
  if (Number.isFinite(value)) return value;
  return { error: `strconv.ParseFloat: parsing ${goQuote(text)}: value out of range` };
}

const MAX_INT64 = 2n ** 63n - 1n;

function parseHex(digits: string, text: string): number | { readonly error: string } {
  // A hexadecimal float needs an exponent in Go, and the lexer knows none, so what does not fit into an integer is no number.
  if (!/^[\da-fA-F]{1,1000}$/.test(digits) || BigInt(`0x${digits}`) > MAX_INT64) return invalid(text);
  return Number(BigInt(`0x${digits}`));
}

function invalid(text: string): { readonly error: string } {
  return { error: `strconv.ParseFloat: parsing ${goQuote(text)}: invalid syntax` };
}

/** Nanoseconds of each unit, from the largest to the smallest. */
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['y', 365n * 86_400_000_000_000n],
  ['w', 7n * 86_400_000_000_000n],
  ['d', 86_400_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
]);
const ORDER = [...UNITS.keys()];

/** Seconds of a duration token, or why it is none, in the words of Prometheus' `model.ParseDuration`. */
export function parseDurationSeconds(text: string): number | { readonly error: string } {
  const notValid = { error: `not a valid duration string: ${goQuote(text)}` };
  let total = 0n;
  let last = -1;
  let rest = text;
  while (rest !== '') {
    const part = /^(\d+)(\D+)/.exec(rest);
    if (part === null) return notValid;
    const [all, count, unit] = part;
    const size = UNITS.get(unit);
    if (count.replace(/^0+/, '').length > 20 || BigInt(count) > 2n ** 64n - 1n) return notValid;
    if (size === undefined) return { error: `unknown unit ${goQuote(unit)} in duration ${goQuote(text)}` };
    if (ORDER.indexOf(unit) <= last) return notValid;
    last = ORDER.indexOf(unit);
    total += BigInt(count) * size;
    if (total > MAX_INT64) return { error: 'duration out of range' };
    rest = rest.slice(all.length);
  }
  return Number(total) / 1e9;
}

/** Whether so many seconds fit into Go's 64-bit nanoseconds. */
export function fitsDuration(seconds: number): boolean {
  return !(Math.abs(seconds) > 2 ** 63 / 1e9);
}

/** What Go makes of NaN, and of a duration that 64-bit nanoseconds just do not hold; milliseconds. */
const LEAST = -Math.trunc(2 ** 63 / 1e6);

/** Whole milliseconds, cut as Go cuts its nanoseconds: in whole numbers, which a double of so many nanoseconds divided is not. */
export function secondsToMs(seconds: number): number {
  const nanos = Math.round(seconds * 1e9);
  return nanos < 2 ** 63 ? Number(BigInt(nanos) / 1_000_000n) : LEAST;
}
