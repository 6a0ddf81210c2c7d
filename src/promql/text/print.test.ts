import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { format } from './format.ts';
import { parse } from '../syntax/parse.ts';
import { print } from './print.ts';
import { arbitraryExpr } from '../testing/arbitrary-expr.ts';
import { VALID } from '../testing/expressions.ts';
import { toJson } from './to-json.ts';

test('what is printed parses to the same tree', () => {
  fc.assert(
    fc.property(arbitraryExpr(), (expr) => {
      expect(bare(parse(print(expr)))).toEqual(bare(expr));
    }),
    { numRuns: 1000 },
  );
});

test('what is formatted parses to the same tree, and formatting it again changes nothing', () => {
  fc.assert(
    fc.property(arbitraryExpr(), (expr) => {
      const text = format(expr);
      expect(bare(parse(text))).toEqual(bare(expr));
      expect(format(parse(text))).toBe(text);
    }),
    { numRuns: 1000 },
  );
});

test.each(VALID)('printing %s once is enough', (text) => {
  const printed = print(parse(text));
  expect(print(parse(printed))).toBe(printed);
});

test.each([
  ['sum(up)by(job,"a b")', 'sum by (job, "a b") (up)'],
  ['sum(up) without()', 'sum without () (up)'],
  ['a{c="d",b=~"e"}', 'a{b=~"e",c="d"}'],
  ['{"a.b"}', '{__name__="a.b"}'],
  ['a+on(b)group_left()c', 'a + on (b) group_left () c'],
  ['a + fill_left(1) fill_right(1) b', 'a + fill (1) b'],
  ['a @ 1.5 offset -90s', 'a @ 1.500 offset -1m30s'],
  ['a[3600s:] @ start()', 'a[1h:] @ start()'],
  ["'\\'\\x07\\u00a0' ", '"\'\\a\\u00a0"'],
  ['1e21 + .00000001', '1000000000000000000000 + 0.00000001'],
  ['-inf', '-Inf'],
  ['"\\xff"', '"\\xff"'],
  ['a[((5m)) + 1m]', 'a[(5m) + 1m]'],
])('%s prints as %s', (text, printed) => {
  expect(print(parse(text))).toBe(printed);
});

// Compared with `promtool promql format`.
test.each([
  [
    'sum by (job) (rate(http_requests_total{code=~"5..",environment="production",instance=~"frontend.*"}[5m]))',
    `sum by (job) (
  rate(http_requests_total{code=~"5..",environment="production",instance=~"frontend.*"}[5m])
)`,
  ],
  [
    'topk(5, first_metric_with_a_long_name_that_goes_on + ignoring (job) group_left second_metric_with_a_long_name_that_goes_on)',
    `topk(
  5,
    first_metric_with_a_long_name_that_goes_on
  + ignoring (job) group_left ()
    second_metric_with_a_long_name_that_goes_on
)`,
  ],
  [
    'max_over_time((first_metric_with_a_long_name_that_goes_on * second_metric_with_a_long_name_that_goes_on_and_on_and_on)[1h:]) > 5',
    `  max_over_time(
    (
        first_metric_with_a_long_name_that_goes_on
      *
        second_metric_with_a_long_name_that_goes_on_and_on_and_on
    )[1h:]
  )
>
  5`,
  ],
])('%s is broken into lines', (text, lines) => {
  expect(format(parse(text))).toBe(lines);
});

test('a tree as JSON has the shape of /api/v1/parse_query', () => {
  expect(toJson(parse('sum by (a) (rate(up{b="c"}[5m] offset (1m)))'))).toEqual({
    type: 'aggregation',
    op: 'sum',
    param: null,
    grouping: ['a'],
    without: false,
    expr: {
      type: 'call',
      func: { name: 'rate', argTypes: ['matrix'], variadic: 0, returnType: 'vector' },
      args: [
        {
          type: 'matrixSelector',
          name: 'up',
          matchers: [
            { name: 'b', type: '=', value: 'c' },
            { name: '__name__', type: '=', value: 'up' },
          ],
          range: 300_000,
          rangeExpr: null,
          offset: 0,
          offsetExpr: {
            type: 'durationExpr',
            op: '+',
            lhs: null,
            rhs: { type: 'numberLiteral', val: '60', duration: true },
            wrapped: true,
          },
          timestamp: null,
          startOrEnd: null,
          anchored: false,
          smoothed: false,
        },
      ],
    },
  });
});

/** Without the places, which printing moves. */
function bare(expr: unknown): unknown {
  return JSON.parse(
    JSON.stringify(expr, (key, value: unknown) => {
      if (key === 'pos') return undefined;
      // JSON has no word for these, and they must not pass for each other.
      return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)) ? String(value) : value;
    }),
  );
}
