/** Number to text as Go's strconv.FormatFloat does it: the verbs e, f and g, exact, ties to the even digit. */

export type FloatVerb = 'e' | 'f' | 'g';

/** Beyond this many places a float64 has only zeros. */
const MAX_PLACES = 1100;

/** `precision` undefined asks for the shortest text that reads back as the same number. */
export function formatFloat(value: number, verb: FloatVerb, precision?: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  return sign + (precision === undefined ? shortest(magnitude, verb) : exact(magnitude, verb, precision));
}

function shortest(value: number, verb: FloatVerb): string {
  const [mantissa, exponent] = value.toExponential().split('e');
  const digits = mantissa.replace('.', '');
  return lay(digits, Number(exponent), verb, undefined);
}

function exact(value: number, verb: FloatVerb, precision: number): string {
  if (verb === 'f') return fixed(value, precision);
  const wanted = verb === 'g' ? Math.max(1, precision) : precision + 1;
  const { digits, exponent } = significant(value, wanted);
  return lay(digits, exponent, verb, precision);
}

/** Puts digits `d.ddd × 10^exponent` into the form of the verb. */
function lay(digits: string, exponent: number, verb: FloatVerb, precision: number | undefined): string {
  if (verb === 'e') return scientific(digits, exponent);
  if (verb === 'f') return positional(digits, exponent);
  const threshold = precision === undefined ? 6 : Math.max(1, precision);
  const trimmed = digits.replace(/0+$/, '') || '0';
  return exponent < -4 || exponent >= threshold ? scientific(trimmed, exponent) : positional(trimmed, exponent);
}

function scientific(digits: string, exponent: number): string {
  const tail = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits[0]}${tail}e${exponent < 0 ? '-' : '+'}${power}`;
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (exponent >= digits.length - 1) return digits + '0'.repeat(exponent - digits.length + 1);
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** JavaScript's toFixed stops at 1e21 and rounds ties up, so the decimal is worked out on the exact binary fraction. */
function fixed(value: number, places: number): string {
  const kept = Math.min(places, MAX_PLACES);
  const text = scaled(value, kept)
    .toString()
    .padStart(kept + 1, '0');
  if (places === 0) return text;
  return `${text.slice(0, text.length - kept)}.${text.slice(text.length - kept)}${'0'.repeat(places - kept)}`;
}

/** `count` significant digits, rounded to even. */
function significant(value: number, count: number): { digits: string; exponent: number } {
  if (value === 0) return { digits: '0'.repeat(count), exponent: 0 };
  const kept = Math.min(count, MAX_PLACES);
  let exponent = Number(value.toExponential().split('e')[1]);
  let digits = scaled(value, kept - 1 - exponent).toString();
  if (digits.length > kept) {
    digits = digits.slice(0, kept);
    exponent++;
  }
  return { digits: digits + '0'.repeat(count - kept), exponent };
}

/** `value × 10^places` as the nearest integer, ties to even. */
function scaled(value: number, places: number): bigint {
  const { mantissa, exponent } = decompose(value);
  let numerator = mantissa;
  let denominator = 1n;
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (places >= 0) numerator *= 10n ** BigInt(places);
  else denominator *= 10n ** BigInt(-places);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  if (twice > denominator || (twice === denominator && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}

function decompose(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const raw = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return raw === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: raw - 1075 };
}
