import { expect, test } from 'vitest';
import { Backoff } from './backoff.ts';

test('waits double up to the cap, are shortened by up to half, and start over after a reset', () => {
  const backoff = new Backoff({ min: 30, max: 100, random: () => 1 });
  expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([30, 60, 100, 100]);
  backoff.reset();
  expect(backoff.next()).toBe(30);
  expect(new Backoff({ min: 30, max: 100, random: () => 0 }).next()).toBe(15);
});
