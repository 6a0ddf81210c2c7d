import { expect, test } from 'vitest';
import { SlowPatterns } from './slow-patterns.ts';

const values = ['ab', ...Array.from({ length: 100 }, (_, i) => String(i))];
const slow = { name: 'a', op: '=~', value: '(a|b)*'.repeat(3000) } as const;

test('a pattern of thousands of states is tested in turns between which all else goes on, and its answers are kept', async () => {
  const patterns = new SlowPatterns();
  let turns = 0;
  const watch = () => {
    turns++;
    next = setImmediate(watch);
  };
  let next = setImmediate(watch);
  await patterns.answer([slow], () => values);
  clearImmediate(next);
  // How many depends on the machine; without slices there would be none.
  expect(turns).toBeGreaterThan(1);
  const found = values.filter(patterns.testOf(slow) ?? (() => false));
  expect(found).toEqual(['ab']);
});

test('a query that ends does not go on testing', async () => {
  const patterns = new SlowPatterns();
  const stop = new AbortController();
  const other = { ...slow, value: '(a|c)*'.repeat(3000) };
  const answering = patterns.answer([other], () => values, stop.signal);
  stop.abort(new Error('the query took too long'));
  await expect(answering).rejects.toThrow('the query took too long');
  expect(patterns.testOf(other)).toBeUndefined();
});

test('what is quick is left to the match itself', async () => {
  const patterns = new SlowPatterns();
  const word = { name: 'a', op: '=', value: 'ab' } as const;
  await patterns.answer([word], () => values);
  expect(patterns.testOf(word)).toBeUndefined();
});
