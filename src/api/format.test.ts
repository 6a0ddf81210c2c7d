import { expect, test } from 'vitest';
import { formatExponent, formatHistogram, formatPlain, formatTimestamp, formatValue } from './format.ts';

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

const empty = { counterReset: 'unknown', negativeSpans: [], negativeBuckets: [], customValues: [] } as const;

test('a histogram lists its buckets from the lowest bound, without the empty ones', () => {
  const text = formatHistogram({
    ...empty,
    schema: 0,
    zeroThreshold: 0.001,
    zeroCount: 2,
    count: 9,
    sum: 12.5,
    positiveSpans: [
      { offset: 0, length: 2 },
      { offset: 1, length: 1 },
    ],
    positiveBuckets: [1, 0, 3],
    negativeSpans: [{ offset: 0, length: 2 }],
    negativeBuckets: [1, 2],
  });
  expect(JSON.parse(text)).toEqual({
    count: '9',
    sum: '12.5',
    buckets: [
      [1, '-2', '-1', '2'],
      [1, '-1', '-0.5', '1'],
      [3, '-0.001', '0.001', '2'],
      [0, '0.5', '1', '1'],
      [0, '4', '8', '3'],
    ],
  });
});

test('a histogram with bounds of its own has them from -Inf to +Inf', () => {
  const text = formatHistogram({
    ...empty,
    schema: -53,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 3,
    sum: 4,
    positiveSpans: [{ offset: 0, length: 3 }],
    positiveBuckets: [1, 0, 2],
    customValues: [1, 5],
  });
  expect(JSON.parse(text)).toEqual({
    count: '3',
    sum: '4',
    buckets: [
      [3, '-Inf', '1', '1'],
      [0, '5', '+Inf', '2'],
    ],
  });
});
