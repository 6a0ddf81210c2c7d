import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { MetricMetadata, SampleBatch } from '../../model/sample.ts';
import { importText } from './import-text.ts';

const NOW = Date.UTC(2026, 0, 2);

/** A store that keeps what it is given as lines of `series value@milliseconds`. */
function fakeStore(refused: Record<string, number> = {}) {
  const samples: string[] = [];
  const exemplars: string[] = [];
  const metadata: MetricMetadata[] = [];
  return {
    samples,
    exemplars,
    metadata,
    backfill(batch: SampleBatch) {
      for (const [i, { labels }] of batch.layout.series.entries())
        samples.push(`${labels.toString()} ${batch.values[i]}@${batch.timestamps[i]}`);
      for (const { series, labels, value } of batch.exemplars ?? [])
        exemplars.push(`${series.labels.toString()} # ${labels.toString()} ${value}`);
      return Promise.resolve({ accepted: batch.values.length, refused });
    },
    writeMetadata(entries: readonly MetricMetadata[]) {
      metadata.push(...entries);
    },
  };
}

function send(text: string, headers: Record<string, string> = {}, store = fakeStore()) {
  return importText(store, Buffer.from(text), headers, { now: NOW }).then((answer) => ({ answer, store }));
}

test('samples keep their times, and those without one get the time of the import', async () => {
  const { answer, store } = await send('a{b="c"} 1 1000\na{b="c"} 2 2000\n{"d.e", f="g"} -Inf\nh 4');
  expect(answer).toEqual({ status: 204 });
  expect(store.samples).toEqual([
    'a{b="c"} 1@1000',
    'a{b="c"} 2@2000',
    `{"d.e", f="g"} -Infinity@${NOW}`,
    `h 4@${NOW}`,
  ]);
});

test('a broken line is named with its number and the good ones are taken', async () => {
  const { answer, store } = await send('a 1 1000\n\n# a remark\na{b="c" 2\nb two 3\n{x="1"} 3\nc 4 4000 5\nd 5 5000\n');
  expect(store.samples).toEqual(['a 1@1000', 'd 5@5000']);
  expect(answer.status).toBe(400);
  expect(answer.body).toBe(
    [
      'accepted 2 samples',
      'refused 4 lines',
      'line 4: not a sample: a{b="c" 2',
      'line 5: expected a number as value: b two 3',
      'line 6: no metric name: {x="1"} 3',
      'line 7: expected a time in milliseconds, or nothing, behind the value: c 4 4000 5',
      '',
    ].join('\n'),
  );
});

test('of many broken lines the first twenty are named and the others counted', async () => {
  const { answer } = await send('broken{\n'.repeat(1000));
  const lines = String(answer.body).split('\n');
  expect(lines.slice(0, 3)).toEqual(['accepted 0 samples', 'refused 1000 lines', 'line 1: not a sample: broken{']);
  expect(lines.slice(-3)).toEqual(['line 20: not a sample: broken{', 'and 980 more', '']);
});

test('what the store refuses is told by reason', async () => {
  const { answer } = await send('a 1 1000\n', {}, fakeStore({ too_old: 1 }));
  expect(answer).toEqual({ status: 400, body: 'accepted 1 samples\nrefused 1 of 2 samples: 1 too old\n' });
});

test('OpenMetrics has times in seconds and exemplars', async () => {
  const text = '# TYPE a counter\n# HELP a Things.\na_total 1 1.5 # {trace_id="x"} 0.5\n# EOF\n';
  const { answer, store } = await send(text, { 'content-type': 'application/openmetrics-text; version=1.0.0' });
  expect(answer.status).toBe(204);
  expect(store.samples).toEqual(['a_total 1@1500']);
  expect(store.exemplars).toEqual(['a_total # {trace_id="x"} 0.5']);
  expect(store.metadata).toEqual([{ metric: 'a', type: 'counter', unit: '', help: 'Things.' }]);
});

test('bounds and quantiles have one form, as when they are scraped', async () => {
  const page = '# TYPE h histogram\nh_bucket{le="1"} 1 1\n# TYPE s summary\ns{quantile="1"} 2 1\nother{le="1"} 3 1\n';
  const { store } = await send(page);
  expect(store.samples).toEqual(['h_bucket{le="1.0"} 1@1', 's{quantile="1.0"} 2@1', 'other{le="1"} 3@1']);
});

test.each([
  ['gzip', gzipSync('a 1 1000\n'), 204, undefined],
  ['gzip', Buffer.from('a 1 1000\n'), 400, /^the body is not gzip: /],
  ['gzip', gzipSync(Buffer.alloc(33 * 1024 * 1024, 'a')), 413, /unfolds to more than/],
  ['br', Buffer.from('x'), 415, /content encoding "br" is not supported; expected gzip/],
] as const)('a body with content encoding %s', async (encoding, body, status, words) => {
  const answer = await importText(fakeStore(), body, { 'content-encoding': encoding }, { now: NOW });
  expect(answer.status).toBe(status);
  expect(String(answer.body ?? '')).toMatch(words ?? /^$/);
});

test('a long history of one series goes in by pieces', async () => {
  const store = fakeStore();
  const sizes: number[] = [];
  const backfill = (batch: SampleBatch) => {
    sizes.push(batch.values.length);
    return store.backfill(batch);
  };
  const text = Array.from({ length: 25_000 }, (_, i) => `a ${i} ${i}`).join('\n');
  await importText({ backfill, writeMetadata() {} }, Buffer.from(text), {}, { now: NOW });
  expect(sizes).toEqual([10_000, 10_000, 5000]);
  expect(store.samples.at(-1)).toBe('a 24999@24999');
});

test.each([
  ['an empty body', ''],
  ['only comments', '# HELP a Things.\n# TYPE a counter\n\n'],
])('%s has no sample and is refused', async (_, text) => {
  const { answer } = await send(text);
  expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('no sample in a body of') as string });
});

test.each([undefined, 'application/x-www-form-urlencoded', 'application/octet-stream', 'text/plain; charset=utf-8'])(
  'content type %s is read as text',
  async (type) => {
    const { answer, store } = await send('a 1 5\n', type === undefined ? {} : { 'content-type': type });
    expect(answer).toEqual({ status: 204 });
    expect(store.samples).toEqual(['a 1@5']);
  },
);

test.each(['application/json', 'application/x-protobuf', 'text/html', 'multipart/form-data; boundary=x'])(
  'content type %s means another format and is refused',
  async (type) => {
    expect((await send('a 1 5\n', { 'content-type': type })).answer.status).toBe(415);
  },
);

test('a label of a million escapes is refused alone, before they are taken apart', async () => {
  const { answer, store } = await send(`a{b="${'\\"'.repeat(1_000_000)}"} 1 5\nc 2 5\n`);
  expect(answer).toMatchObject({
    status: 400,
    body: expect.stringContaining('line 1: longer than any line that is read') as string,
  });
  expect(store.samples).toEqual(['c 2@5']);
});
