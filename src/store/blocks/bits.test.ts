import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { STALE_HIGH, STALE_LOW } from '../../model/sample.ts';
import { layoutOf, openTestStore, temporaryFolder } from '../testing.ts';
import type { Store } from '../types.ts';

// Each block is written by a child process at low priority: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

let folder: { path: string; remove: () => void };
let store: Store;

beforeEach(async () => {
  folder = temporaryFolder();
  store = await openTestStore(folder.path);
});

afterEach(async () => {
  await store.close();
  folder.remove();
});

const ZEROS = [0n, 1n << 63n];
const NANS = [0x7ff8000000000000n, 0x7ff8000000000001n, 0xfff8000000000000n, 0x7ff0000000000001n];
const STALE = (BigInt(STALE_HIGH) << 32n) | BigInt(STALE_LOW);
/** Few values each, so that an encoding that takes equal for the same would merge them. */
const COLUMNS = [ZEROS, NANS, [...ZEROS, ...NANS, STALE, 1n, 0x3ff0000000000000n, 0x7ff0000000000000n]];
const ROWS = 600;
const START = Date.now() - 60_000;

const expected = COLUMNS.map((pool, i) =>
  Array.from({ length: ROWS }, (_, k) => pool[((k * 7919 + i) >> 2) % pool.length].toString(16)),
);

async function stored(): Promise<string[][]> {
  const series = await store.select({ matchers: [{ name: '__name__', op: '=', value: 'm' }], start: 0, end: 1e15 });
  return series.map(({ values }) => [...new BigUint64Array(values.slice().buffer)].map((bits) => bits.toString(16)));
}

it('values keep their bits in memory, in a head and in a block', async () => {
  const layout = layoutOf(...COLUMNS.map((_, i) => ({ __name__: 'm', i: String(i) })));
  const writes = Array.from({ length: ROWS }, (_, k) => {
    const bits = BigUint64Array.from(expected, (column) => BigInt(`0x${column[k]}`));
    const timestamps = new Float64Array(COLUMNS.length).fill(START + k);
    return store.write({ layout, values: new Float64Array(bits.buffer), timestamps });
  });
  await Promise.all(writes);
  expect(await stored()).toEqual(expected);
  await store.close();
  store = await openTestStore(folder.path, { window: 0 });
  expect(await stored()).toEqual(expected);
  await store.compact();
  expect(await stored()).toEqual(expected);
});
