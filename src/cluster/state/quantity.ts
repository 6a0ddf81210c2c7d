/** Powers of ten and of two that the suffixes of a quantity stand for. */
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE])([+-]?\d{1,3})|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]))?$/;

/** Whole values above it have no thousandths in 64 bits: the largest int64 by 1000, without its fraction. */
const MAX_MILLI_VALUE = 9_223_372_036_854_775n;
const MAX_INT64 = 9_223_372_036_854_775_807n;

interface Fraction {
  readonly above: bigint;
  readonly below: bigint;
}

/**
 * A quantity of the Kubernetes API (`100m`, `1.5Gi`, `1e3`) as a whole number, rounded away from zero as `Quantity.Value`
 * does; 0 where the text is no quantity.
 */
export function wholeValue(quantity: string): number {
  const fraction = parse(quantity);
  return fraction === undefined ? 0 : Number(bounded(roundUp(fraction, 1n)));
}

/** A quantity in thousandths of one, rounded away from zero as `Quantity.MilliValue` does, where it is not too large for them. */
export function preciseValue(quantity: string): number {
  const fraction = parse(quantity);
  if (fraction === undefined) return 0;
  const whole = bounded(roundUp(fraction, 1n));
  return whole > MAX_MILLI_VALUE ? Number(whole) : Number(bounded(roundUp(fraction, 1000n))) / 1000;
}

function parse(quantity: string): Fraction | undefined {
  const match = FORM.exec(quantity.trim());
  if (match === null) return undefined;
  const [, sign, whole, decimals = '', , exponent, suffix = ''] = match;
  if (whole === '' && decimals === '') return undefined;
  const digits = BigInt(`${whole}${decimals}`) * (sign === '-' ? -1n : 1n);
  const below = 10n ** BigInt(decimals.length);
  const binary = BINARY[suffix];
  if (binary !== undefined) return { above: digits << binary, below };
  const power = exponent === undefined ? DECIMAL[suffix] : Number(exponent);
  return power >= 0
    ? { above: digits * 10n ** BigInt(power), below }
    : { above: digits, below: below * 10n ** BigInt(-power) };
}

function roundUp({ above, below }: Fraction, scale: bigint): bigint {
  const scaled = above * scale;
  const whole = scaled / below;
  if (scaled % below === 0n) return whole;
  return scaled > 0n ? whole + 1n : whole - 1n;
}

function bounded(value: bigint): bigint {
  return value > MAX_INT64 ? MAX_INT64 : value < -MAX_INT64 ? -MAX_INT64 : value;
}
