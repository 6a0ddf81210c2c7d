import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nanFirst, quantile } from './quantile.ts';

function bySorting(q: number, values: readonly number[]): number {
  const sorted = [...values].sort(nanFirst);
  const rank = q * (sorted.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(sorted.length - 1, lower + 1);
  return sorted[lower] * (1 - (rank - lower)) + sorted[upper] * (rank - lower);
}

const values = fc.array(fc.oneof(fc.double(), fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 300 });

test('a quantile is what sorting all values gives, NaN and infinities among them', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (numbers, q) => {
      expect(quantile(q, Float64Array.from(numbers))).toEqual(bySorting(q, numbers));
    }),
  );
});

test.each([
  [-0.1, -Infinity],
  [1.1, Infinity],
  [NaN, NaN],
])('the quantile %d is %d', (q, expected) => {
  expect(quantile(q, Float64Array.of(1, 2, 3))).toBe(expected);
});

test('there is no quantile of nothing', () => {
  expect(quantile(0.5, new Float64Array(0))).toBeNaN();
});
