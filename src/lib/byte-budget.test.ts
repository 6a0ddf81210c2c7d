import { expect, test } from 'vitest';
import { ByteBudget } from './byte-budget.ts';
import { ManualClock } from './time/clock.ts';

test('what fits is taken at once, the rest waits in the order in which it came', async () => {
  const budget = new ByteBudget(100, new ManualClock());
  const first = budget.tryTake(60);
  const entered: string[] = [];
  const wait = async (name: string, bytes: number) => {
    const release = await budget.take(bytes, 1000);
    entered.push(name);
    return release;
  };
  const large = wait('large', 90);
  const small = wait('small', 10);
  expect(budget.tryTake(10)).toBeUndefined();
  first?.();
  first?.();
  await Promise.all([large, small]);
  expect(entered).toEqual(['large', 'small']);
  expect(budget.taken).toBe(100);
});

test('what has waited for its time gives up, and those behind it may fit', async () => {
  const clock = new ManualClock();
  const budget = new ByteBudget(100, clock);
  const held = budget.tryTake(60);
  const large = budget.take(90, 1000);
  const small = budget.take(40, 5000);
  await clock.advance(1000);
  expect(await large).toBeUndefined();
  (await small)?.();
  held?.();
  expect(budget.taken).toBe(0);
});

test('more than the whole budget is let in alone', () => {
  const budget = new ByteBudget(100, new ManualClock());
  const release = budget.tryTake(500);
  expect(budget.tryTake(1)).toBeUndefined();
  release?.();
  expect(budget.tryTake(1)).toBeDefined();
});
