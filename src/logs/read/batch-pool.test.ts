import { expect, test } from 'vitest';
import { BatchPool } from './batch-pool.ts';

test('a batch waits while the buffers under way fill the budget, first come first served', async () => {
  const pool = new BatchPool(64 * 1024, 160 * 1024);
  const first = await pool.take(1e9, 0);
  const second = await pool.take(1e9, 0);
  const order: string[] = [];
  const third = pool.take(1e9, 0).then((batch) => (order.push('large'), batch));
  const fourth = pool.take(1, 0).then((batch) => (order.push('small'), batch));
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([]);
  pool.put(first);
  expect(await third).toBe(first);
  pool.put(second);
  await fourth;
  expect(order).toEqual(['large', 'small']);
});

test('a batch that is larger than the whole budget is let through alone', async () => {
  const pool = new BatchPool(64 * 1024, 64 * 1024);
  const batch = await pool.take(1e9, 1_000_000);
  expect(batch.reserve(1_000_000)).toBeGreaterThan(0);
});

test.each([1, 20_000, 1e9])('the batch that %d unread bytes took is taken again', async (unread) => {
  const pool = new BatchPool(64 * 1024, 1e6);
  const [one, other] = [await pool.take(unread, 0), await pool.take(unread, 0)];
  pool.put(one);
  pool.put(other);
  expect([one, other]).toContain(await pool.take(unread, 0));
});
