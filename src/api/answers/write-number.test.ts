import { assert, bigInt, double, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { formatValue } from './format.ts';
import { NUMBER_BYTES, writeNumber } from './write-number.ts';

function written(value: number): string {
  const out = Buffer.alloc(NUMBER_BYTES + 3);
  const end = writeNumber(out, 3, value);
  expect(out.toString('latin1', 0, 3), 'what stands before is untouched').toBe('\0\0\0');
  return out.toString('latin1', 3, end);
}

test.each([
  0, -0, 1, -1, 9, 10, 2147483647, 2147483648, 4294967296, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, 99999999999999980, 1e17, 1e21,
  0.1, 0.25, 0.5, 0.1 + 0.2, 1 / 3, 2 / 3, 100 / 3, 1e15 / 3, 42.5, 1.7976931348623157e308, 5e-324, 1e-6, 9.99999e-7, 1.5e-6,
  0.00000123456789012345, 9.999999999999998, 99999999.99999999, 999999999999999.9, 0.9999999999999999, 4.35, 1234567.891,
  2 ** 52 + 1.5, 0.30000000000000004, 123456.78901234567, 1795267660.321, NaN, Infinity, -Infinity,
])('%d is written as formatValue spells it', (value) => {
  expect(written(value)).toBe(formatValue(value));
}); // prettier-ignore

const mantissa = bigInt({ min: 0n, max: 2n ** 52n - 1n });

test.each([
  ['all floats', double()],
  ['floats with a plain spelling', tuple(mantissa, integer({ min: 1000, max: 1082 })).map(([low, exponent]) => floatOf((BigInt(exponent) << 52n) | low))],
  ['floats around powers of two', tuple(integer({ min: -2, max: 2 }), integer({ min: 1003, max: 1080 })).map(([by, exponent]) => floatOf((BigInt(exponent) << 52n) + BigInt(by)))],
  ['floats around powers of ten', tuple(integer({ min: -3, max: 3 }), integer({ min: -6, max: 17 })).map(([by, power]) => floatOf(bitsOf(Number(`1e${power}`)) + BigInt(by)))],
  ['short decimals', tuple(integer({ min: -1e9, max: 1e9 }), integer({ min: 0, max: 15 })).map(([whole, places]) => whole / 10 ** places)],
  ['decimals of 15 to 17 digits', tuple(bigInt({ min: 10n ** 14n, max: 10n ** 17n }), integer({ min: -22, max: 0 })).map(([digits, power]) => Number(`${digits}e${power}`))],
  ['whole numbers', bigInt({ min: -(2n ** 60n), max: 2n ** 60n }).map(Number)],
] as const)('%s are written as formatValue spells them', (_, values) => {
  assert(property(values, (value) => written(value) === formatValue(value)), { numRuns: 20_000 });
}); // prettier-ignore

function floatOf(bits: bigint): number {
  return new Float64Array(BigUint64Array.of(bits).buffer)[0];
}

function bitsOf(value: number): bigint {
  return new BigUint64Array(Float64Array.of(value).buffer)[0];
}
