import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { seriesLimit, storeSchema } from './config.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SampleBatch } from '../model/sample.ts';
import { StoreError } from './errors.ts';
import { SMALL_HISTOGRAM, batchOf, contents, layoutOf, logBatch, openTestStore, temporaryFolder } from './testing.ts';
import type { Store } from './types.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / 1000) * 1000;

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

async function reopen(): Promise<void> {
  await store.close();
  store = await openTestStore(folder.path);
}

describe('samples', () => {
  const layout = layoutOf({ __name__: 'up', job: 'a' }, { __name__: 'up', job: 'b' });

  it('are answered right after they were written', async () => {
    expect(await store.write(batchOf(layout, NOW, [1, 2]))).toEqual({ accepted: 2, refused: {} });
    await store.write(batchOf(layout, NOW + 1000, ['stale', 3.25]));
    expect(await contents(store, 'up')).toEqual([
      `up{job="a"} 1@${NOW} stale@${NOW + 1000}`,
      `up{job="b"} 2@${NOW} 3.25@${NOW + 1000}`,
    ]);
  });

  it('of many new series keep their order, whoever writes meanwhile', async () => {
    const many = layoutOf(...Array.from({ length: 8000 }, (_, i) => ({ __name__: 'many', i: String(i) })));
    const values = Array.from(many.series, (_, i) => i);
    const outcomes = await Promise.all([
      store.write(batchOf(many, NOW, values)),
      store.write(batchOf(layout, NOW, [1, 2])),
      store.write(batchOf(many, NOW + 1000, values)),
      store.write(batchOf(many, NOW + 1000, values)),
    ]);
    expect(outcomes.map(({ accepted }) => accepted)).toEqual([8000, 2, 8000, 8000]);
    await reopen();
    const rows = await contents(store, 'many');
    expect(rows).toHaveLength(8000);
    expect(rows).toContain(`many{i="7999"} 7999@${NOW} 7999@${NOW + 1000}`);
    expect(await contents(store, 'up')).toEqual([`up{job="a"} 1@${NOW}`, `up{job="b"} 2@${NOW}`]);
  });

  it('of more series than are entered at once are readable right after, and closing loses none', async () => {
    const many = layoutOf(...Array.from({ length: 20_000 }, (_, i) => ({ __name__: 'many', i: String(i) })));
    const written = store.write(
      batchOf(
        many,
        NOW,
        Array.from(many.series, (_, i) => i),
      ),
    );
    expect(await contents(store, 'many')).toHaveLength(20_000);
    const last = store.write(
      batchOf(
        many,
        NOW + 1000,
        Array.from(many.series, (_, i) => i),
      ),
    );
    await reopen();
    expect(await Promise.all([written, last])).toMatchObject([{ accepted: 20_000 }, { accepted: 20_000 }]);
    const rows = await contents(store, 'many');
    expect(rows).toHaveLength(20_000);
    expect(rows).toContain(`many{i="19999"} 19999@${NOW} 19999@${NOW + 1000}`);
  });

  it('of series past the limit are refused, whoever else enters some at the time', async () => {
    await store.close();
    store = await openTestStore(folder.path, { max_series: 5000 });
    const series = Array.from({ length: 6000 }, (_, i) => ({ __name__: 'many', i: String(i) }));
    const batches = [series.slice(0, 4000), series.slice(2000), series.slice(0, 1000), series.slice(5900)];
    const outcomes = await Promise.all(
      batches.map((own, k) =>
        store.write(
          batchOf(
            layoutOf(...own),
            NOW + k,
            own.map(() => 1),
          ),
        ),
      ),
    );
    expect(outcomes).toEqual([
      { accepted: 4000, refused: {} },
      { accepted: 3000, refused: { series_limit: 1000 } },
      { accepted: 1000, refused: {} },
      { accepted: 0, refused: { series_limit: 100 } },
    ]);
    expect((await store.stat()).series).toBe(5000);
  });

  it('are still there after the store was closed and opened', async () => {
    await store.write(batchOf(layout, NOW, [1, 'stale']));
    await reopen();
    await store.write(batchOf(layout, NOW + 1000, [5, 6]));
    expect(await contents(store, 'up')).toEqual([
      `up{job="a"} 1@${NOW} 5@${NOW + 1000}`,
      `up{job="b"} stale@${NOW} 6@${NOW + 1000}`,
    ]);
  });

  it('keep odd values bit for bit, in memory and on disk', async () => {
    const values = [0, -0, 1e300, -Infinity, Infinity, Number.NaN, 5e-324, 0.1, 123456.789, 2 ** 53, -1];
    const many = layoutOf(...values.map((_, i) => ({ __name__: 'odd', i: String(i).padStart(2, '0') })));
    const expected = values.map((value) => String(Object.is(value, -0) ? '-0' : value));
    const shown = async () => {
      const series = await store.select({
        matchers: [{ name: '__name__', op: '=', value: 'odd' }],
        start: 0,
        end: 1e15,
      });
      const sorted = [...series].sort((a, b) => (a.labels.get('i') < b.labels.get('i') ? -1 : 1));
      return sorted.map((one) => Array.from(one.values, (value) => (Object.is(value, -0) ? '-0' : String(value))));
    };
    for (let k = 0; k < 70; k++) await store.write(batchOf(many, NOW - MINUTE + k, values));
    expect(await shown()).toEqual(expected.map((value) => Array.from({ length: 70 }, () => value)));
    await reopen();
    expect(await shown()).toEqual(expected.map((value) => Array.from({ length: 70 }, () => value)));
  });

  it.each([
    ['same time, same value: taken as known', NOW, 7, { accepted: 1, refused: {} }],
    ['same time, other value', NOW, 8, { accepted: 0, refused: { duplicate: 1 } }],
    ['late within the window', NOW - 10 * MINUTE, 8, { accepted: 1, refused: {} }],
    ['later than the window', NOW - 40 * MINUTE, 8, { accepted: 0, refused: { out_of_order: 1 } }],
    ['past retention', NOW - 16 * 86_400_000, 8, { accepted: 0, refused: { too_old: 1 } }],
    ['ahead of the clock', NOW + 20 * MINUTE, 8, { accepted: 0, refused: { too_far_in_future: 1 } }],
    ['no time at all', Number.NaN, 8, { accepted: 0, refused: { too_far_in_future: 1 } }],
  ])('are judged one by one: %s', async (_, time, value, outcome) => {
    const one = layoutOf({ __name__: 'judged' });
    await store.write(batchOf(one, NOW, [7]));
    expect(await store.write(batchOf(one, time, [value]))).toEqual(outcome);
  });

  it('that come late stand in their place, in memory and from disk', async () => {
    const one = layoutOf({ __name__: 'late' });
    for (let k = 0; k < 100; k++) await store.write(batchOf(one, NOW - MINUTE + 10 * k, [k]));
    for (const at of [5, 615, 985]) await store.write(batchOf(one, NOW - MINUTE + at, [-at]));
    const expected = Array.from({ length: 100 }, (_, k) => [10 * k, k]);
    for (const at of [5, 615, 985]) expected.push([at, -at]);
    expected.sort((a, b) => a[0] - b[0]);
    const row = `late ${expected.map(([at, value]) => `${value}@${NOW - MINUTE + at}`).join(' ')}`;
    expect(await contents(store, 'late')).toEqual([row]);
    await reopen();
    expect(await contents(store, 'late')).toEqual([row]);
  });

  it('can be back-filled to any age within retention', async () => {
    const one = layoutOf({ __name__: 'old' });
    await store.write(batchOf(one, NOW, [1]));
    expect(await store.backfill(batchOf(one, NOW - 600 * MINUTE, [2]))).toEqual({ accepted: 1, refused: {} });
    expect(await contents(store, 'old')).toEqual([`old 2@${NOW - 600 * MINUTE} 1@${NOW}`]);
  });

  it('of series that break a limit are refused alone', async () => {
    const mixed = layoutOf({ __name__: 'fine' }, { __name__: 'wide', l: 'x'.repeat(20_000) }, { job: 'nameless' });
    expect(await store.write(batchOf(mixed, NOW, [1, 2, 3]))).toEqual({
      accepted: 1,
      refused: { label_value_length: 1, no_metric_name: 1 },
    });
  });

  it('beyond what a query may load end it', async () => {
    await store.write(batchOf(layout, NOW, [1, 2]));
    const hints = { step: 0, range: 0, func: '', grouping: [], by: false, maxSamples: 1 };
    await expect(store.select({ matchers: [], start: 0, end: 1e15, hints })).rejects.toMatchObject({
      reason: 'too_many_samples',
    });
  });
});

describe('a sample that is not on disk yet', () => {
  const layout = layoutOf({ __name__: 'fresh', i: '0' }, { __name__: 'fresh', i: '1' });
  const row = (i: number, ...samples: string[]) => `fresh{i="${i}"} ${samples.join(' ')}`;

  /** Until it is whole again every commit fails. */
  function breakStore(): { mend: () => void } {
    const [heads, away] = ['heads', 'away'].map((name) => join(folder.path, name));
    renameSync(heads, away);
    return { mend: () => renameSync(away, heads) };
  }

  it('is readable, whenever its commit comes', async () => {
    await store.close();
    store = await openTestStore(folder.path, { commit_interval: 3_600_000 });
    const first = store.write(batchOf(layout, NOW, [1, 2]));
    const second = store.write(batchOf(layout, NOW + 1000, [3, 'stale']));
    const rows = [row(0, `1@${NOW}`, `3@${NOW + 1000}`), row(1, `2@${NOW}`, `stale@${NOW + 1000}`)];
    expect(await contents(store, 'fresh')).toEqual(rows);
    await store.close();
    expect(await Promise.all([first, second])).toMatchObject([{ accepted: 2 }, { accepted: 2 }]);
    store = await openTestStore(folder.path);
    expect(await contents(store, 'fresh')).toEqual(rows);
  });

  it('is readable where the disk answers, for the reader waits', async () => {
    await store.write(batchOf(layout, NOW, [1, 2]));
    await store.close();
    store = await openTestStore(folder.path, { commit_interval: 3_600_000 });
    const late = store.write(batchOf(layout, NOW - 1000, [3, 4]));
    expect(await contents(store, 'fresh')).toEqual([
      row(0, `3@${NOW - 1000}`, `1@${NOW}`),
      row(1, `4@${NOW - 1000}`, `2@${NOW}`),
    ]);
    await late;
  });

  it('stays readable when others are deleted meanwhile', async () => {
    await store.write(batchOf(layout, NOW, [1, 2]));
    await store.close();
    store = await openTestStore(folder.path, { commit_interval: 3_600_000 });
    const written = store.write(batchOf(layout, NOW + 1000, [3, 4]));
    const matcherSets = [[{ name: 'i', op: '=', value: '1' }]] as const;
    await store.deleteSeries({ matcherSets, start: 0, end: NOW, limit: 0 });
    expect(await contents(store, 'fresh')).toEqual([row(0, `1@${NOW}`, `3@${NOW + 1000}`), row(1, `4@${NOW + 1000}`)]);
    await written;
  });

  it('is gone when its commit fails, and new when it is offered again', async () => {
    await store.write(batchOf(layout, NOW, [1, 2]));
    const broken = breakStore();
    const offered: SampleBatch[] = [
      batchOf(layout, NOW + 1000, [3, 4]),
      batchOf(layout, NOW + 1000, [3, 4]),
      { ...batchOf(layout, NOW + 2000, [0, 0]), histograms: [SMALL_HISTOGRAM, undefined] },
      batchOf(layout, NOW - 500, [5, 6]),
      batchOf(layoutOf({ __name__: 'fresh', i: 'new' }), NOW + 1000, [7]),
    ];
    const writeAll = () => Promise.allSettled(offered.map((batch) => store.write(batch)));
    const refused = writeAll();
    expect(await contents(store, 'fresh')).toHaveLength(3);
    expect((await refused).map(({ status }) => status)).toEqual(offered.map(() => 'rejected'));
    expect(await contents(store, 'fresh')).toEqual([row(0, `1@${NOW}`), row(1, `2@${NOW}`)]);

    const again = writeAll();
    expect(await contents(store, 'fresh')).toHaveLength(2);
    await again;
    broken.mend();
    expect((await writeAll()).map(({ status }) => status)).toEqual(offered.map(() => 'fulfilled'));
    const rows = [
      row(0, `5@${NOW - 500}`, `1@${NOW}`, `3@${NOW + 1000}`, `NaN@${NOW + 2000}`),
      row(1, `6@${NOW - 500}`, `2@${NOW}`, `4@${NOW + 1000}`, `0@${NOW + 2000}`),
      `fresh{i="new"} 7@${NOW + 1000}`,
    ];
    expect(await contents(store, 'fresh')).toEqual(rows);
    expect((await store.stat()).samples).toBe(8);
    await reopen();
    expect(await contents(store, 'fresh')).toEqual(rows);
  });
});

describe('labels', () => {
  const all = { matcherSets: [], start: 0, end: 1e15, limit: 0 };

  beforeEach(async () => {
    const layout = layoutOf(
      { __name__: 'up', job: 'node', zone: 'a' },
      { __name__: 'up', job: 'api' },
      { __name__: 'load', job: 'node', zone: 'b' },
    );
    await store.write(batchOf(layout, NOW, [1, 1, 1]));
  });

  it.each([
    [[{ name: 'job', op: '=', value: 'node' }], ['load', 'up']],
    [[{ name: 'zone', op: '=', value: '' }], ['up']],
    [[{ name: 'zone', op: '!=', value: 'a' }], ['load', 'up']],
    [[{ name: 'job', op: '=~', value: 'n.*' }], ['load', 'up']],
    [[{ name: 'job', op: '!~', value: 'n.*' }], ['up']],
    [
      [
        { name: '__name__', op: '=~', value: 'up|down' },
        { name: 'zone', op: '!=', value: '' },
      ],
      ['up'],
    ],
    [[{ name: 'nope', op: '=', value: 'x' }], []],
  ] as const)('are matched as PromQL matches: %j', async (matchers, names) => {
    const series = await store.series({ ...all, matcherSets: [matchers] });
    expect([...new Set(series.map((labels) => labels.get('__name__')))].sort()).toEqual(names);
  });

  it('are listed, sorted and up to a limit', async () => {
    expect(await store.labelNames(all)).toEqual(['__name__', 'job', 'zone']);
    expect(await store.labelNames({ ...all, limit: 2 })).toEqual(['__name__', 'job']);
    expect(await store.labelValues('job', all)).toEqual(['api', 'node']);
    const matcherSets = [[{ name: 'zone', op: '=', value: 'b' }]] as const;
    expect(await store.labelValues('job', { ...all, matcherSets })).toEqual(['node']);
    expect(await store.labelValues('job', { ...all, end: NOW - 1 })).toEqual([]);
  });
});

describe('logs', () => {
  const source = { id: 's1', path: '/var/log/a.log', fields: { 'kubernetes.namespace': 'shop' } };
  const search = (query: string) => store.searchLogs({ query, start: 0, end: 1e15, limit: 10, order: 'oldest' });
  const messages = async (query: string) => (await search(query)).records.map(({ message }) => message);

  it('are found, with what is known of them', async () => {
    const outcome = await store.writeLogs(logBatch(source, [[10, 'level=warn slow'], [25, 'ok \0 ünï']], NOW)); // prettier-ignore
    expect(outcome).toEqual({ stored: 2, duplicates: 0, refused: {} });
    expect((await search('slow')).records).toEqual([
      {
        timestamp: NOW,
        nanos: 0,
        message: 'level=warn slow',
        stream: 'stdout',
        level: 'warn',
        source: 's1',
        offset: 10,
        fields: { 'log.file.path': '/var/log/a.log', 'kubernetes.namespace': 'shop' },
      },
    ]);
    expect(await messages('ünï')).toEqual(['ok \0 ünï']);
  });

  it('are counted by level and time, as many as a search finds', async () => {
    await store.writeLogs(logBatch(source, [[1, 'level=warn a'], [2, 'level=error b'], [3, 'c'], [4, 'level=warn d']], NOW)); // prettier-ignore
    const time = { start: NOW - 500, end: NOW + 499, buckets: 2 };
    expect(await store.countLogs({ query: '', ...time })).toEqual({
      start: NOW - 500,
      step: 500,
      total: 4,
      levels: { warn: [0, 2], error: [0, 1], '': [0, 1] },
    });
    expect((await store.countLogs({ query: 'log.level: warn', ...time })).total).toBe(2);
    const foreign = [{ name: 'kubernetes.namespace', op: '=', value: 'bank' }] as const;
    expect((await store.countLogs({ query: '', sources: foreign, ...time })).total).toBe(0);
    expect((await store.countLogs({ query: '', start: 0, end: 10, buckets: 1 })).total).toBe(0);
    await expect(store.countLogs({ query: '', ...time, buckets: 100_000 })).rejects.toThrow('buckets');
    await expect(store.countLogs({ query: 'a and )', ...time })).rejects.toThrow('character 7');
  });

  it('offered again are stored once, after a restart too', async () => {
    const first = logBatch(source, [[1, 'a'], [2, 'b']], NOW); // prettier-ignore
    const again = logBatch(source, [[1, 'a'], [2, 'b'], [3, 'c']], NOW); // prettier-ignore
    await Promise.all([store.writeLogs(first), store.writeLogs(first)]);
    expect(await store.writeLogs(first)).toEqual({ stored: 0, duplicates: 2, refused: {} });
    await reopen();
    expect(await store.writeLogs(again)).toEqual({ stored: 1, duplicates: 2, refused: {} });
    expect(await messages('')).toEqual(['a', 'b', 'c']);
  });

  it('of another file are stored though its source has the same id, and once only after further restarts', async () => {
    const old = logBatch(source, [[10, 'old 1'], [20, 'old 2'], [90, 'old 3']], NOW); // prettier-ignore
    const start = logBatch(source, [[10, 'new 1'], [20, 'new 2']], NOW + 10); // prettier-ignore
    const rest = logBatch(source, [[30, 'new 3'], [40, 'new 4']], NOW + 12); // prettier-ignore
    await store.writeLogs(old);
    await reopen();
    expect(await Promise.all([start, rest].map((batch) => store.writeLogs(batch)))).toMatchObject([
      { stored: 2, duplicates: 0 },
      { stored: 2, duplicates: 0 },
    ]);
    expect(await store.writeLogs(start)).toMatchObject({ stored: 0, duplicates: 2 });
    await reopen();
    expect(await store.writeLogs(rest)).toMatchObject({ stored: 0, duplicates: 2 });
    expect(await store.writeLogs(logBatch(source, [[50, 'new 5']], NOW + 14))).toMatchObject({ stored: 1 });
    await store.compact();
    await reopen();
    expect(await store.writeLogs(start)).toMatchObject({ stored: 0, duplicates: 2 });
    expect(await messages('')).toEqual(['old 1', 'old 2', 'old 3', 'new 1', 'new 2', 'new 3', 'new 4', 'new 5']);
  });

  it.each([
    [
      'lines of other lengths',
      [
        [7, 'x'],
        [33, 'y'],
      ],
      NOW,
      2,
    ],
    [
      'the same lines at another time',
      [
        [10, 'a'],
        [20, 'b'],
      ],
      NOW + 5000,
      2,
    ],
    [
      'the same lines again',
      [
        [10, 'a'],
        [20, 'b'],
      ],
      NOW,
      0,
    ],
    [
      'a last line joined from more lines than before',
      [
        [10, 'a'],
        [20, 'a\nb'],
      ],
      NOW,
      0,
    ],
  ] as [string, [number, string][], number, number][])(
    'with %s are told apart from what is stored',
    async (_, lines, time, stored) => {
      await store.writeLogs(logBatch(source, [[10, 'a'], [20, 'b'], [50, 'c']], NOW)); // prettier-ignore
      await reopen();
      const outcome = await store.writeLogs(logBatch(source, lines, time));
      expect(outcome).toEqual({ stored, duplicates: 2 - stored, refused: {} });
    },
  );

  it('are followed from a cursor without a gap', async () => {
    await store.writeLogs(logBatch(source, [[1, 'a']], NOW));
    const { cursor } = await search('');
    await store.writeLogs(logBatch(source, [[2, 'b'], [3, 'c'], [4, 'd']], NOW)); // prettier-ignore
    const next = { query: '', start: 0, end: 1e15, limit: 2, order: 'oldest' } as const;
    const page = await store.searchLogs({ ...next, after: cursor });
    expect([page.records.map(({ message }) => message), page.more]).toEqual([['b', 'c'], true]);
    const rest = await store.searchLogs({ ...next, after: page.cursor });
    expect([rest.records.map(({ message }) => message), rest.more]).toEqual([['d'], false]);
  });

  it.each([
    ['timeout', ['ERROR timeout of cart', 'Timeout 100% sure']],
    ['timeout cart', ['ERROR timeout of cart']],
    ['"timeout of"', ['ERROR timeout of cart']],
    ['message: time*sure', ['Timeout 100% sure']],
    ['100%', ['Timeout 100% sure']],
    ['timeout and not cart', ['Timeout 100% sure']],
    ['cart or fine', ['ERROR timeout of cart', 'level=info fine']],
    ['level: error', ['ERROR timeout of cart']],
    ['log.level >= info', ['ERROR timeout of cart', 'level=info fine']],
    ['level: (warn or info)', ['level=info fine']],
    ['kubernetes.namespace: sh*', ['ERROR timeout of cart', 'Timeout 100% sure', 'level=info fine']],
    ['kubernetes.namespace: other', []],
    ['kubernetes.*: shop and fine', ['level=info fine']],
    ['stream: stderr', []],
    ["it's", []],
  ])('are searched by %s', async (query, expected) => {
    const lines = ['ERROR timeout of cart', 'Timeout 100% sure', 'level=info fine'];
    await store.writeLogs(logBatch(source, lines.map((line, i) => [i, line]), NOW)); // prettier-ignore
    expect(await messages(query)).toEqual(expected);
  });

  it.each(['(a', 'a)', '"a', 'level >= loud', 'a and', ':'])('refuse a query that is none: %s', async (query) => {
    await expect(search(query)).rejects.toMatchObject({ reason: 'bad_query' });
  });
});

describe('alert history and metadata', () => {
  it('are kept', async () => {
    const event = {
      at: NOW,
      fingerprint: 'f1',
      alertname: 'Down',
      labels: layoutOf({ alertname: 'Down' }).series[0].labels,
      kind: 'firing',
      value: 1,
      detail: "it's down",
    } as const;
    await store.recordAlertEvents([event, { ...event, at: NOW + 1, kind: 'resolved', value: Number.NaN }]);
    store.writeMetadata([{ metric: 'up', type: 'gauge', unit: '', help: 'Whether "it" is up.' }]);
    await reopen();
    const query = { start: 0, end: 1e15, alertname: 'Down', fingerprint: '', limit: 10 };
    expect(await store.alertEvents(query)).toMatchObject([{ kind: 'resolved', value: Number.NaN }, event]);
    expect(await store.alertEvents({ ...query, fingerprint: 'other' })).toEqual([]);
    expect(await store.metadata('up')).toEqual([
      { metric: 'up', type: 'gauge', unit: '', help: 'Whether "it" is up.' },
    ]);
  });
});

describe('the folder', () => {
  it('is opened once', async () => {
    const second = openTestStore(folder.path);
    await expect(second).rejects.toBeInstanceOf(StoreError);
    await expect(second).rejects.toMatchObject({ reason: 'locked' });
  });

  it('is free again after close, and a closed store says so', async () => {
    await store.close();
    await expect(store.write(batchOf(layoutOf({ __name__: 'x' }), NOW, [1]))).rejects.toMatchObject({
      reason: 'closed',
    });
    store = await openTestStore(folder.path);
    expect((await store.stat()).samples).toBe(0);
  });
});

describe('a reload', () => {
  it('takes over what can change and refuses the rest by its key', async () => {
    const config = { ...storeSchema.parse({ path: folder.path }), commit_interval: 1 };
    await expect(store.prepare({ ...config, memory: 1, threads: 7 })).rejects.toThrow(
      /store\.memory: changed, which needs a restart\n.*store\.threads/,
    );
    const change = await store.prepare({ ...config, max_series: 1, max_labels: 2 });
    const series = layoutOf({ __name__: 'reload', i: '0' }, { __name__: 'reload', i: '1' });
    change.commit();
    const { refused } = await store.write(batchOf(series, NOW, [1, 2]));
    expect(refused).toEqual({ series_limit: refused.series_limit });
  });

  it('without max_series takes one series for each KB of memory', () => {
    const config = storeSchema.parse({});
    expect([seriesLimit(config), seriesLimit({ ...config, max_series: 7 })]).toEqual([524_288, 7]);
  });
});
