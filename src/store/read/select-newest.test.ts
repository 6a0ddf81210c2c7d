import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isStale, wordsOf } from '../../model/sample.ts';
import { SMALL_HISTOGRAM, batchOf, layoutOf, openTestStore, temporaryFolder } from '../testing.ts';
import type { Store } from '../types.ts';

const NOW = Math.floor(Date.now() / 1000) * 1000;
const NEWEST = { step: 0, range: 0, func: '', grouping: [], by: false, newest: true };

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

describe('the newest samples', () => {
  const layout = layoutOf({ __name__: 'up', job: 'a' }, { __name__: 'up', job: 'b' });

  it('are told of all series at once as they are series by series', async () => {
    const many = layoutOf(...Array.from({ length: 40 }, (_, i) => ({ __name__: 'many', i: String(i) })));
    let random = 1;
    const next = (below: number) => (random = (random * 48_271) % 2_147_483_647) % below;
    const matchers = [{ name: '__name__', op: '=' as const, value: 'many' }];
    for (let round = 0; round < 80; round++) {
      const some = { series: many.series.filter(() => next(4) > 0) };
      const time = NOW - 600_000 + round * 5000 - (next(5) === 0 ? next(60_000) : 0);
      await store.write(batchOf(some, time, some.series.map(() => (next(9) === 0 ? 'stale' : next(1e6))))); // prettier-ignore
      const end = NOW - 600_000 + next(round * 5000 + 1);
      const request = { matchers, start: end - 1000 * next(60), end, hints: { ...NEWEST } };
      const apart = (await store.select(request)).flatMap(({ labels, timestamps, values }) => {
        const last = values.length - 1;
        return isStale(wordsOf(values), last) ? [] : [`${labels.toString()} ${values[last]}@${timestamps[last]}`];
      });
      const together = await store.selectNewest(request);
      expect(together?.labels.map((labels, i) => `${labels.toString()} ${together.values[i]}@${together.timestamps[i]}`)) // prettier-ignore
        .toEqual(apart);
    }
  });

  it('come with the same list of labels until other series have one', async () => {
    const ask = (end: number) =>
      store.selectNewest({ matchers: [{ name: 'job', op: '!=', value: 'x' }, { name: '__name__', op: '=', value: 'up' }], start: end - 500, end, hints: NEWEST }); // prettier-ignore
    await store.write(batchOf(layout, NOW, [1, 2]));
    await store.write(batchOf(layout, NOW + 1000, [3, 4]));
    const first = await ask(NOW);
    expect(first?.labels.map((labels) => labels.get('job'))).toEqual(['a', 'b']);
    expect((await ask(NOW + 1000))?.labels).toBe(first?.labels);
    await store.write(batchOf(layout, NOW + 2000, ['stale', 5]));
    expect((await ask(NOW + 2000))?.labels.map((labels) => labels.get('job'))).toEqual(['b']);
    await store.write(batchOf(layoutOf({ __name__: 'up', job: 'a', zone: 'x' }), NOW + 2000, [6]));
    expect([...((await ask(NOW + 2000))?.values ?? [])]).toEqual([5, 6]);
  });

  it('are left to the other way where the disk must be asked or some are histograms', async () => {
    const matchers = [{ name: '__name__', op: '=' as const, value: 'up' }];
    await store.write(batchOf(layout, NOW - 1000, [1, 2]));
    await store.close();
    store = await openTestStore(folder.path);
    await store.write(batchOf(layout, NOW, [1, 2]));
    expect(await store.selectNewest({ matchers, start: 0, end: NOW, hints: NEWEST })).toBeUndefined();
    const request = { matchers, start: NOW - 10, end: NOW + 10, hints: NEWEST };
    expect([...((await store.selectNewest(request))?.values ?? [])]).toEqual([1, 2]);
    await store.write({ ...batchOf(layoutOf({ __name__: 'up', job: 'h' }), NOW, [0]), histograms: [SMALL_HISTOGRAM] });
    expect(await store.selectNewest(request)).toBeUndefined();
  });
});
