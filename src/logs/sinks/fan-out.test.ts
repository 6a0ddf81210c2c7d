import { expect, test } from 'vitest';
import { batchOf } from './elasticsearch/testing.ts';
import { fanOut } from './fan-out.ts';
import { FakeSink } from '../testing.ts';

test('a batch is accepted when all accepted it, and goes again only to those that did not', async () => {
  const [first, second] = [new FakeSink(), new FakeSink()];
  const ship = fanOut([first.ship, second.ship]);
  const batch = batchOf(['one', 'two']);
  second.mood = 'reject';
  await expect(ship(batch)).rejects.toThrow('out of order');
  await expect(ship(batch)).rejects.toThrow('out of order');
  second.mood = 'accept';
  expect(await ship(batch)).toEqual({ stored: 2, duplicates: 0, refused: {} });
  expect([first.offered, second.offered]).toEqual([1, 3]);
  expect([first.messages(), second.messages()]).toEqual([
    ['one', 'two'],
    ['one', 'two'],
  ]);
});

test('what any of them refuses for good is told', async () => {
  const refusing = async () => ({ stored: 0, duplicates: 0, refused: { too_large: 1 } });
  const ship = fanOut([new FakeSink().ship, refusing]);
  expect(await ship(batchOf(['x']))).toEqual({ stored: 1, duplicates: 0, refused: { too_large: 1 } });
});

test('a buffer that comes again with other records is offered to all', async () => {
  const [first, second] = [new FakeSink(), new FakeSink()];
  const ship = fanOut([first.ship, second.ship]);
  const batch = { ...batchOf(['one', 'two']), count: 1 };
  await ship(batch);
  batch.count = 2;
  await ship(batch);
  expect(second.messages()).toEqual(['one', 'two']);
});
