import { expect, test } from 'vitest';
import { formatExponent, formatPlain, formatTimestamp, formatValue } from './format.ts';

test.each([
  [0, '0', '0', '0e+00'],
  [-0, '-0', '-0', '-0e+00'],
  [1, '1', '1', '1e+00'],
  [42.5, '42.5', '42.5', '4.25e+01'],
  [0.1 + 0.2, '0.30000000000000004', '0.30000000000000004', '3.0000000000000004e-01'],
  [0.0000012, '0.0000012', '0.0000012', '1.2e-06'],
  [1e-7, '0.0000001', '1e-07', '1e-07'],
  [-1.25e-9, '-0.00000000125', '-1.25e-09', '-1.25e-09'],
  [1e21, '1000000000000000000000', '1e+21', '1e+21'],
  [-1.5e22, '-15000000000000000000000', '-1.5e+22', '-1.5e+22'],
  [5e-324, `0.${'0'.repeat(323)}5`, '5e-324', '5e-324'],
  [1.5e300, `15${'0'.repeat(299)}`, '1.5e+300', '1.5e+300'],
  [NaN, 'NaN', 'NaN', 'NaN'],
  [Infinity, '+Inf', '+Inf', '+Inf'],
  [-Infinity, '-Inf', '-Inf', '-Inf'],
])('%d is written as Go writes it', (value, plain, json, exponent) => {
  expect(formatPlain(value)).toBe(plain);
  expect(formatValue(value)).toBe(json);
  expect(formatExponent(value)).toBe(exponent);
});

test.each([
  [0, '0'],
  [1000, '1'],
  [1500, '1.500'],
  [1005, '1.005'],
  [-1500, '-1.500'],
  [-5, '-0.005'],
  [1_795_267_660_320, '1795267660.320'],
])('%d ms is the timestamp %s', (ms, text) => {
  expect(formatTimestamp(ms)).toBe(text);
});
