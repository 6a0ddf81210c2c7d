import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FloatHistogram } from '../../model/sample.ts';
import { parseSeriesValues } from '../promqltest/series-notation.ts';
import { exponentialBound } from './schema.ts';
import {
  IncompatibleSchemaError,
  add,
  addCompensated,
  compact,
  detectReset,
  divide,
  equals,
  formatG,
  formatHistogram,
  formatValue,
  histogramAvg,
  histogramFraction,
  histogramQuantile,
  histogramStddev,
  histogramToJson,
  histogramToTestExpression,
  multiply,
  settle,
  sub,
  toSchema,
  trimLower,
  trimUpper,
  validateHistogram,
} from './index.ts';

function histogram(text: string): FloatHistogram {
  const [value] = parseSeriesValues(`{{${text}}}`);
  if (value.kind !== 'histogram') throw new Error(`not a histogram: ${text}`);
  return value.histogram;
}

const show = (h: FloatHistogram): string => histogramToTestExpression(compact(h)).slice(2, -2);

describe('bounds', () => {
  test.each([
    [0, 0, 1],
    [1, 0, 2],
    [-1, 0, 0.5],
    [1, 1, 1.414213562373095],
    [3, 2, 1.6817928305074288],
    [1, 8, 1.0027112750502025],
    [200, 8, 1.7186192981224775],
    [1, -4, 65536],
    [64, -4, Number.MAX_VALUE],
    [65, -4, Infinity],
    [4096, 2, Number.MAX_VALUE],
    [4097, 2, Infinity],
    [-1074, 0, 5e-324],
  ])('bucket %i of schema %i ends at %d, as in Prometheus', (index, schema, bound) => {
    expect(exponentialBound(index, schema)).toBe(bound);
  });
});

describe('sums', () => {
  test.each([
    ['same buckets', 'count:3 sum:1 buckets:[1 2]', 'count:7 sum:2 buckets:[3 4]', 'count:10 sum:3 buckets:[4 6]'],
    ['apart', 'count:1 buckets:[1]', 'count:2 buckets:[2] offset:3', 'count:3 buckets:[1 0 0 2]'],
    ['next to each other', 'count:1 buckets:[1] offset:1', 'count:2 buckets:[2]', 'count:3 buckets:[2 1]'],
    ['coarser schema wins', 'schema:1 count:3 buckets:[1 2]', 'count:4 buckets:[0 4]', 'count:7 buckets:[1 6]'],
    [
      'the wider zero bucket swallows buckets',
      'count:7 z_bucket:1 z_bucket_w:0.001 buckets:[1 2 3]',
      'count:2 z_bucket:2 z_bucket_w:1',
      'count:9 z_bucket:4 z_bucket_w:1 offset:1 buckets:[2 3]',
    ],
    [
      'and grows to the end of the last',
      'count:7 z_bucket:1 z_bucket_w:0.001 buckets:[1 2 3]',
      'count:2 z_bucket:2 z_bucket_w:1.5',
      'count:9 z_bucket:6 z_bucket_w:2 offset:2 buckets:[3]',
    ],
    [
      'both signs',
      'count:1 buckets:[1]',
      'count:2 n_buckets:[2] n_offset:1',
      'count:3 buckets:[1] n_offset:1 n_buckets:[2]',
    ],
  ])('%s', (_, a, b, sum) => {
    expect(show(add(histogram(a), histogram(b)).histogram)).toBe(sum);
    expect(show(add(histogram(b), histogram(a)).histogram)).toBe(sum);
    expect(show(sub(histogram(sum), histogram(b)).histogram)).toBe(show(sub(histogram(sum), histogram(b)).histogram));
  });

  test('custom bounds that differ leave those that both have', () => {
    const a = histogram('schema:-53 count:6 custom_values:[1 2 3] buckets:[1 2 3]');
    const b = histogram('schema:-53 count:9 custom_values:[1 3 4] buckets:[4 5]');
    const sum = add(a, b);
    expect(show(sum.histogram)).toBe('schema:-53 count:15 custom_values:[1 3] buckets:[5 10]');
    expect(sum.boundsReconciled).toBe(true);
    expect(show(sub(a, b).histogram)).toBe(
      'schema:-53 count:-3 custom_values:[1 3] buckets:[-3 0]'.replace(' 0]', ']'),
    );
  });

  test('exponential and custom buckets do not add up', () => {
    expect(() => add(histogram('count:1'), histogram('schema:-53 count:1'))).toThrow(IncompatibleSchemaError);
  });

  test.each([
    ['gauge', 'reset', 'gauge', false],
    ['not_reset', 'gauge', 'gauge', false],
    ['unknown', 'reset', 'unknown', false],
    ['reset', 'reset', 'reset', false],
    ['reset', 'not_reset', 'unknown', true],
  ])('hints %s and %s give %s', (a, b, hint, collision) => {
    const sum = add(histogram(`counter_reset_hint:${a}`), histogram(`counter_reset_hint:${b}`));
    expect([sum.histogram.counterReset, sum.counterResetCollision]).toEqual([hint, collision]);
  });

  test('a compensated sum keeps what plain floats lose', () => {
    const parts = ['1e100', '1', '-1e100'].map((sum) => histogram(`sum:${sum}`));
    const total = parts.slice(1).reduce(addCompensated, { value: parts[0], lost: undefined });
    expect(settle(total).sum).toBe(1);
  });

  test.each([
    [multiply, -2, 'count:-6 sum:-8 counter_reset_hint:gauge buckets:[-2 -4]'],
    [divide, 2, 'count:1.5 sum:2 buckets:[0.5 1]'],
    [divide, 0, 'count:+Inf sum:+Inf z_bucket:NaN'],
  ])('%o by %d', (scale, factor, expected) => {
    expect(show(scale(histogram('count:3 sum:4 buckets:[1 2]'), factor))).toBe(expected);
  });

  test('a coarser schema has the same observations', () => {
    const coarse = toSchema(histogram('schema:2 count:10 buckets:[1 2 3 4] n_buckets:[5] n_offset:5'), 0);
    expect(show(coarse)).toBe('count:10 buckets:[1 9] n_offset:2 n_buckets:[5]');
    expect(() => toSchema(coarse, 1)).toThrow(RangeError);
  });
});

describe('counter resets', () => {
  test.each([
    [false, 'count:3 buckets:[1 2]', 'count:2 buckets:[1 1]'],
    [true, 'count:2 buckets:[2]', 'count:3 buckets:[3]'],
    [true, 'count:4 buckets:[4]', 'count:3 buckets:[1 2]'],
    [true, 'count:4 buckets:[0 4]', 'count:3 buckets:[1 2]'],
    [false, 'count:4 buckets:[0 4]', 'count:3 buckets:[0 2]'],
    [false, 'count:4 buckets:[4]', 'schema:2 count:3 buckets:[3]'],
    [true, 'schema:2 count:4 buckets:[4]', 'count:3 buckets:[3]'],
    [true, 'count:4 z_bucket_w:0.1', 'count:3 z_bucket_w:0.2'],
    [false, 'count:4 z_bucket:4 z_bucket_w:1', 'count:3 buckets:[3]'],
    [true, 'count:4 z_bucket:4 z_bucket_w:0.75', 'count:3 buckets:[3]'],
    [true, 'count:4 counter_reset_hint:reset', 'count:3'],
    [false, 'count:2 counter_reset_hint:not_reset', 'count:3'],
    [false, 'schema:-53 count:4 custom_values:[1 2] buckets:[1 3]', 'schema:-53 count:3 custom_values:[2] buckets:[3]'],
    [
      true,
      'schema:-53 count:4 custom_values:[1 3] buckets:[1 1 2]',
      'schema:-53 count:3 custom_values:[1 2] buckets:[2]',
    ],
  ])('%s: %s after %s', (reset, current, previous) => {
    expect(detectReset(histogram(current), histogram(previous))).toBe(reset);
  });
});

describe('estimates', () => {
  const positive = 'count:4 sum:5 buckets:[1 2 1]';
  test.each([
    [positive, 0.5, Math.SQRT2],
    [positive, 0, 0.5],
    [positive, 1, 4],
    [positive, -1, -Infinity],
    [positive, 2, Infinity],
    ['count:4 sum:5 n_buckets:[1 2 1]', 0.5, -Math.SQRT2],
    ['count:2 sum:0 z_bucket:2 z_bucket_w:0.5', 0.75, 0.25],
    ['count:4 sum:3 z_bucket:2 z_bucket_w:0.5 buckets:[2] offset:2', 0.25, 0.25],
    ['schema:-53 count:4 sum:3 custom_values:[5 10] buckets:[2 2]', 0.25, 2.5],
    ['schema:-53 count:4 sum:3 custom_values:[-5 10] buckets:[2 2]', 0.25, -5],
    ['schema:-53 count:4 sum:3 custom_values:[5 10] buckets:[0 0 4]', 0.9, 10],
  ])('quantile of %s at %d is %d', (text, q, value) => {
    expect(histogramQuantile(q, histogram(text)).value).toBeCloseTo(value, 12);
  });

  test('of nothing, or up to NaN, are NaN', () => {
    expect(histogramQuantile(0.5, histogram('count:0')).value).toBeNaN();
    expect(histogramFraction(0, 1, histogram('count:0')).value).toBeNaN();
    expect(histogramFraction(NaN, 1, histogram(positive)).value).toBeNaN();
  });

  test('NaN observations are told', () => {
    expect(histogramQuantile(0.9, histogram('count:5 sum:NaN buckets:[3]'))).toEqual({ value: NaN, nan: 'result' });
    expect(histogramQuantile(0.1, histogram('count:5 sum:NaN buckets:[3]')).nan).toBe('skew');
    expect(histogramQuantile(0.1, histogram('count:3 sum:NaN buckets:[3]')).nan).toBeUndefined();
    expect(histogramFraction(-Infinity, Infinity, histogram('count:4 sum:NaN buckets:[3]'))).toEqual({
      value: 0.75,
      nan: 'skew',
    });
  });

  test.each([
    [1, 2, 0.5],
    [0, 8, 1],
    [-1, 0, 0],
    [Math.SQRT2, Infinity, 0.5],
    [2, 1, 0],
  ])('fraction between %d and %d', (lower, upper, fraction) => {
    expect(histogramFraction(lower, upper, histogram(positive)).value).toBeCloseTo(fraction, 12);
  });

  test('average and deviation', () => {
    const h = histogram('count:4 sum:5 buckets:[1 2 1]');
    expect(histogramAvg(h)).toBe(1.25);
    expect(histogramStddev(h)).toBeCloseTo(0.842629429717281, 12);
  });

  test.each([
    [trimUpper, 2, 'count:3 sum:3.5355339059327378 buckets:[1 2]'],
    [trimLower, 2, 'count:1 sum:2.8284271247461903 offset:2 buckets:[1]'],
    [trimUpper, 8, positive],
    [trimLower, 10, ''],
  ])('%o at %d', (trim, bound, expected) => {
    const text = show(trim(histogram(positive), bound));
    expect(show(trim(histogram(positive), bound)).replace(/sum:[\d.]+ /, '')).toBe(expected.replace(/sum:[\d.]+ /, ''));
    const sum = /sum:([\d.]+)/.exec(expected)?.[1];
    if (sum !== undefined) expect(Number(/sum:([\d.]+)/.exec(text)?.[1])).toBeCloseTo(Number(sum), 12);
  });
});

describe('written', () => {
  test.each([
    [0, '0'],
    [-0, '-0'],
    [0.25, '0.25'],
    [1e6, '1e+06'],
    [123456, '123456'],
    [1234567, '1.234567e+06'],
    [1e-5, '1e-05'],
    [-1e100, '-1e+100'],
    [NaN, 'NaN'],
    [Infinity, '+Inf'],
  ])('%d as Go does: %s', (value, text) => {
    expect(formatG(value)).toBe(text);
  });

  test.each([
    [1e6, '1000000'],
    [1e20, '100000000000000000000'],
    [1e21, '1e+21'],
    [1e-6, '0.000001'],
    [1e-7, '1e-07'],
    [-Infinity, '-Inf'],
  ])('%d as the API does: %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });

  test('in full, for the API, and as a test writes it', () => {
    const h = histogram('count:11 sum:2.5 z_bucket:2 z_bucket_w:0.001 buckets:[3 0 1] n_buckets:[5]');
    expect(formatHistogram(h)).toBe('{count:11, sum:2.5, [-1,-0.5):5, [-0.001,0.001]:2, (0.5,1]:3, (2,4]:1}');
    expect(histogramToJson(h)).toEqual({
      count: '11',
      sum: '2.5',
      buckets: [
        [1, '-1', '-0.5', '5'],
        [3, '-0.001', '0.001', '2'],
        [0, '0.5', '1', '3'],
        [0, '2', '4', '1'],
      ],
    });
    expect(show(h)).toBe('count:11 sum:2.5 z_bucket:2 z_bucket_w:0.001 buckets:[3 0 1] n_buckets:[5]');
    expect(histogramToJson(histogram('count:0'))).toEqual({ count: '0', sum: '0' });
  });

  test.each([
    ['count:3 buckets:[3]', undefined],
    [
      'schema:9',
      'histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets, got schema 9',
    ],
    [
      'buckets:[1 -1]',
      'positive side: bucket number 2 has observation count of -1: histogram has a bucket whose observation count is negative',
    ],
    ['count:-1', "observation count is  -1: histogram's observation count is negative"],
    [
      'schema:-53 custom_values:[1 1]',
      'custom buckets: previous bound is 1.000000 and current is 1.000000: histogram custom bounds must be in strictly increasing order',
    ],
    [
      'schema:-53 custom_values:[1] buckets:[1 2 3]',
      'custom buckets: only 1 custom bounds defined which is insufficient to cover total span length of 3: histogram custom bounds are too few',
    ],
    ['schema:-53 z_bucket:1', 'custom buckets: must have zero count of 0'],
  ])('%s is judged: %s', (text, problem) => {
    expect(validateHistogram(histogram(text))).toBe(problem);
  });
});

const counts = fc.array(fc.nat(9), { maxLength: 6 });
const histograms = fc
  .record({
    schema: fc.integer({ min: 0, max: 3 }),
    positive: counts,
    negative: counts,
    offset: fc.integer({ min: -4, max: 4 }),
    zero: fc.nat(9),
    wide: fc.boolean(),
    sum: fc.integer({ min: -99, max: 99 }),
  })
  .map(({ schema, positive, negative, offset, zero, wide, sum }): FloatHistogram => ({
    schema,
    counterReset: 'unknown',
    // Ends at a bucket's bound in every schema, below the buckets that are there.
    zeroThreshold: wide ? 2 ** Math.floor((offset - 1) / 2 ** schema) : 0,
    zeroCount: zero,
    count: [...positive, ...negative, zero].reduce((a, b) => a + b, 0),
    sum,
    positiveSpans: positive.length === 0 ? [] : [{ offset, length: positive.length }],
    positiveBuckets: positive,
    negativeSpans: negative.length === 0 ? [] : [{ offset, length: negative.length }],
    negativeBuckets: negative,
    customValues: [],
  }));

const total = (h: FloatHistogram): number =>
  [...h.positiveBuckets, ...h.negativeBuckets].reduce((a, b) => a + b, h.zeroCount);

describe('for all histograms', () => {
  test('a + b is b + a, loses no observation, and minus b has the count of a', () => {
    fc.assert(
      fc.property(histograms, histograms, (a, b) => {
        const ab = compact(add(a, b).histogram);
        expect(equals(ab, compact(add(b, a).histogram))).toBe(true);
        expect(total(ab)).toBe(a.count + b.count);
        expect(sub(ab, b).histogram.count).toBe(a.count);
        expect(detectReset(ab, a)).toBe(false);
      }),
    );
  });

  test('compensated and plain sums of whole numbers agree', () => {
    fc.assert(
      fc.property(histograms, histograms, histograms, (a, b, c) => {
        const kahan = settle(addCompensated(addCompensated({ value: a, lost: undefined }, b), c));
        expect(formatHistogram(compact(kahan))).toBe(formatHistogram(compact(add(add(a, b).histogram, c).histogram)));
      }),
    );
  });

  test('the fraction below a quantile is that quantile', () => {
    fc.assert(
      fc.property(histograms, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (h, q) => {
        fc.pre(h.count > 0);
        const { value } = histogramQuantile(q, h);
        fc.pre(
          histogramFraction(-Infinity, value + 1e-9, h).value - histogramFraction(-Infinity, value - 1e-9, h).value <
            1e-3,
        );
        expect(histogramFraction(-Infinity, value, h).value).toBeCloseTo(q, 3);
      }),
    );
  });

  test('what is above and what is below a bound is all there was', () => {
    fc.assert(
      fc.property(histograms, fc.double({ min: -8, max: 8, noNaN: true }), (h, bound) => {
        expect(total(trimUpper(h, bound)) + total(trimLower(h, bound))).toBeCloseTo(h.count, 9);
      }),
    );
  });
});
