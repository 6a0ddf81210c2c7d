import { expect, it } from 'vitest';
import { KnownMatches } from './known-matches.ts';

it('what matchers found takes no more memory than it may, however many ask for nothing, and the last are kept', () => {
  const known = new KnownMatches();
  const candidates = [1, 2, 3];
  let looked = 0;
  const ask = (value: string) =>
    known.of([{ name: 'a', op: '=', value }], candidates, (left) => {
      looked += left.length;
      return left.filter((number) => number > Number(value));
    });
  for (let i = 0; i < 100_000; i++) ask(`${i}`);
  expect(known.bytes).toBeGreaterThan(31 * 1024 ** 2);
  expect(known.bytes).toBeLessThanOrEqual(32 * 1024 ** 2);
  looked = 0;
  expect([ask('99999'), looked]).toEqual([[], 0]);
  expect([ask('1'), looked]).toEqual([[2, 3], 3]);
});
