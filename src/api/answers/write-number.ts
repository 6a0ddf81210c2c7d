import { formatValue } from './format.ts';

/** The room that `writeNumber` asks for; the longest text is `-0.0000012345678901234567`. */
export const NUMBER_BYTES = 32;

/**
 * Writes a float as `formatValue` spells it and returns the index after it: the shortest decimal that reads back as the
 * same float, several times faster than through a string. Large answers consist of such numbers.
 *
 * A float of 1e-6 to 1e17 has 17 digits before its point once it is multiplied by one of 10^0 … 10^22. These are exact as
 * floats, thus the product is exact as a sum of two floats (Dekker, "A floating-point technique for extending the available
 * precision", 1971). So is half the distance to the next float, and which decimals read back as the float is a comparison.
 * Where that is too close to be told in floats, and for all other numbers, the runtime does it.
 */
export function writeNumber(out: Uint8Array, at: number, value: number): number {
  const size = Math.abs(value);
  if (value === 0 || !(size >= 1e-6 && size < 1e17)) return writeAscii(out, at, formatValue(value));
  if (value < 0) out[at++] = MINUS;
  const whole = size | 0;
  return size === whole ? writeInteger(out, at, whole) : writeDecimal(out, at, size);
}

/** Writes text without any character beyond ASCII; returns the index after it. */
export function writeAscii(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at++] = text.charCodeAt(i);
  return at;
}

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

function writeInteger(out: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let rest = (value / 10) | 0; rest > 0; rest = (rest / 10) | 0) end++;
  for (let i = end - 1, rest = value; i >= at; i--) {
    const next = (rest / 10) | 0;
    out[i] = ZERO + rest - next * 10;
    rest = next;
  }
  return end;
}

const LARGEST_SCALE = 22;
const POWERS = Float64Array.from({ length: LARGEST_SCALE + 1 }, (_, k) => Number(`1e${k}`));
const POWER_HEADS = POWERS.map(head);

/** The upper half of a float's digits: products of halves are exact. */
function head(value: number): number {
  const scaled = 134_217_729 * value;
  return scaled - (scaled - value);
}

// By exponent: 1e-6 is above 2^-20, 1e17 below 2^57.
const LEAST_EXPONENT = -20;
const EXPONENT_BIAS = 1023;
const EXPONENTS = Array.from({ length: 77 }, (_, i) => LEAST_EXPONENT + i);
const HALF_GAPS = Float64Array.from(EXPONENTS, (exponent) => 2 ** (exponent - 53));
/** The scale that the smallest float of an exponent needs; the larger ones may need one less. */
const SCALES = Int32Array.from(EXPONENTS, (exponent) =>
  Math.min(LARGEST_SCALE, 16 - Math.floor(exponent * Math.log10(2))),
);

/** Well above what rounding adds to the sums that are compared. */
const TOO_CLOSE = 1e-12;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

function writeDecimal(out: Uint8Array, at: number, value: number): number {
  float[0] = value;
  const exponent = (words[1] >>> 20) - EXPONENT_BIAS - LEAST_EXPONENT;
  // Below a power of two, floats lie closer together than above it.
  if ((words[1] & 0xfffff) === 0 && words[0] === 0) return writeAscii(out, at, String(value));
  let scale = SCALES[exponent];
  if (value * POWERS[scale] >= 1e17) scale--;

  const power = POWERS[scale];
  const powerHead = POWER_HEADS[scale];
  const powerTail = power - powerHead;
  const valueHead = head(value);
  const valueTail = value - valueHead;
  const product = value * power;
  const error = valueHead * powerHead - product + valueHead * powerTail + valueTail * powerHead + valueTail * powerTail;
  const reach = HALF_GAPS[exponent] * power;

  // product + error = upper * 1e8 + lower + fraction, with 0 <= lower < 1e8 and 0 <= fraction < 1
  const carried = Math.floor(error);
  const fraction = error - carried;
  let upper = (product / 1e8) | 0;
  let lower = (product - upper * 1e8 + carried) | 0;
  if (lower < 0) {
    lower += 1e8;
    upper--;
  } else if (lower >= 1e8) {
    lower -= 1e8;
    upper++;
  }

  // The fewest digits within reach: 15 or fewer, 16, or 17. Of the multiples of a hundred only one can be.
  const last2 = lower % 100;
  const last = last2 % 10;
  const beside100 = Math.abs(last2 + fraction - 50) + reach - 50;
  const beside10 = Math.abs(last + fraction - 5) + reach - 5;
  if (beside100 > 0) lower += (((last2 + 50) / 100) | 0) * 100 - last2;
  else if (beside10 > 0) lower += (((last + 5) / 10) | 0) * 10 - last;
  else lower += (fraction + 0.5) | 0;
  const unsure =
    Math.abs(beside100) < TOO_CLOSE ||
    Math.abs(beside10) < TOO_CLOSE ||
    Math.abs(last + fraction - 5) < TOO_CLOSE ||
    Math.abs(fraction - 0.5) < TOO_CLOSE;
  if (lower === 1e8) {
    lower = 0;
    upper++;
  }
  if (unsure || upper < 1e8 || upper >= 1e9) return writeAscii(out, at, String(value));
  return writeDigits(out, at, upper, lower, 17 - scale);
}

/** The digits of each number below a thousand. */
const THREE = Uint8Array.from({ length: 3000 }, (_, i) => ZERO + (Math.floor(i / 3 / 10 ** (2 - (i % 3))) % 10));

/** Writes `upper` (9 digits) and `lower` (8 digits) with the point behind so many of them, without zeros at the end. */
function writeDigits(out: Uint8Array, at: number, upper: number, lower: number, point: number): number {
  let from = at + 1;
  if (point <= 0) {
    out[at] = ZERO;
    out[from++] = POINT;
    for (let zeros = point; zeros < 0; zeros++) out[from++] = ZERO;
  }
  const thousands = (upper / 1000) | 0;
  const millions = (thousands / 1000) | 0;
  put3(out, from, millions);
  put3(out, from + 3, thousands - millions * 1000);
  put3(out, from + 6, upper - thousands * 1000);
  let end = from + 9;
  if (lower > 0) {
    const hundreds = (lower / 100) | 0;
    const upperHundreds = (hundreds / 1000) | 0;
    put3(out, from + 9, upperHundreds);
    put3(out, from + 12, hundreds - upperHundreds * 1000);
    // A zero too many, over which goes what comes next.
    put3(out, from + 15, (lower - hundreds * 100) * 10);
    end = from + 17;
  }
  const least = from + Math.max(point, 0);
  while (end > least && out[end - 1] === ZERO) end--;
  if (point <= 0) return end;
  for (; end < least; end++) out[end] = ZERO;
  for (let i = from; i < least; i++) out[i - 1] = out[i];
  if (end === least) return end - 1;
  out[least - 1] = POINT;
  return end;
}

function put3(out: Uint8Array, at: number, value: number): void {
  const from = value * 3;
  out[at] = THREE[from];
  out[at + 1] = THREE[from + 1];
  out[at + 2] = THREE[from + 2];
}
