import { expect, test } from 'vitest';
import { parse } from '../syntax/parse.ts';
import { print } from '../text/print.ts';
import { conditionsOf, distinctSelectors } from './conditions.ts';

test.each([
  ['up == 0', ['up == 0 one']],
  ['5 < rate(x[5m])', ['rate(x[5m]) > 5 one']],
  ['a > 5 * 0.01 and on (job) b < 3', ['a > 5 * 0.01 one', 'b < 3 one']],
  ['(max(x > 1) by (job)) unless y', ['x > 1 one']],
  ['a > on (job) b', ['a > b many']],
  ['a > bool 5', []],
  ['vector(1 > bool 0) == 1', ['vector(1 > bool 0) == 1 one']],
  ['absent(up)', []],
  ['-a >= 1', ['-a >= 1 one']],
  ['count(up == 0) > 2', ['up == 0 one', 'count(up == 0) > 2 one']],
])('the conditions of %s', (text, conditions) => {
  const found = conditionsOf(parse(text)).map(
    ({ left, op, right, scalar }) => `${left} ${op} ${right} ${scalar ? 'one' : 'many'}`,
  );
  expect(found).toEqual(conditions);
});

test('each selector is there once, with its offset', () => {
  const selectors = distinctSelectors(parse('rate(a{b="c"}[5m]) / rate(a{b="c"}[1h] offset 1d) + a{b="c"}'));
  expect(selectors.map(print)).toEqual(['a{b="c"}', 'a{b="c"} offset 1d']);
});
