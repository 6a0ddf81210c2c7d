import { expect, test } from 'vitest';
import { canonicalFloat } from './float.ts';

test.each([
  ['1', '1.0'],
  ['0', '0.0'],
  ['-1', '-1.0'],
  ['0.5', '0.5'],
  ['.005', '0.005'],
  ['1e3', '1000.0'],
  ['100000', '100000.0'],
  ['1000000', '1e+06'],
  ['123456789', '1.23456789e+08'],
  ['0.0001', '0.0001'],
  ['0.00001', '1e-05'],
  ['+inf', '+Inf'],
  ['-Inf', '-Inf'],
  ['nan', 'NaN'],
  ['abc', 'abc'],
])('%s is %s', (text, canonical) => {
  expect(canonicalFloat(text)).toBe(canonical);
});
