import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OwnServer, startOwnServer } from '../api/own-server.ts';
import { type RunningServer, describeWith } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { CONTENT_TYPES, type Version, type WrittenSeries, encodeWrite } from './encode-write.ts';
import { FLOAT_HISTOGRAMS, HISTOGRAMS } from './histogram-cases.ts';

const AT = Date.now() - 60_000;

let own: OwnServer;
let prometheus: RunningServer;
let count = 0;

interface Answer {
  readonly status: number;
  readonly words: string;
  /** Samples, histograms, exemplars by the headers. */
  readonly written: string;
}

async function write(
  server: { readonly url: string },
  version: Version,
  series: readonly WrittenSeries[],
  headers: Record<string, string> = { 'content-type': CONTENT_TYPES[version], 'content-encoding': 'snappy' },
): Promise<Answer> {
  const body = new Uint8Array(encodeWrite(version, series));
  const response = await fetch(`${server.url}/api/v1/write`, { method: 'POST', body: new Blob([body]), headers });
  const [words] = (await response.text()).split('\n');
  const kinds = ['samples', 'histograms', 'exemplars'];
  const written = kinds.map((kind) => response.headers.get(`x-prometheus-remote-write-${kind}-written`));
  return { status: response.status, words, written: written.join('/') };
}

/** Values, or histograms, of what a selector finds. */
async function found(server: { readonly url: string }, selector: string): Promise<unknown[]> {
  const response = await fetch(`${server.url}/api/v1/query?query=${encodeURIComponent(selector)}`);
  const { data } = (await response.json()) as {
    data: { result: { value?: [number, string]; histogram?: [number, unknown] }[] };
  };
  return data.result.map(({ value, histogram }) => value?.[1] ?? histogram?.[1]);
}

describeWith(['prometheus'], 'remote write as a real Prometheus takes it', () => {
  beforeAll(async () => {
    [own, prometheus] = await Promise.all([startOwnServer(), startPrometheus()]);
  }, 60_000);

  afterAll(async () => {
    await own?.stop();
    await prometheus?.stop();
  });

  const histograms = [
    ...HISTOGRAMS.flatMap(([name, histogram]) => [
      [`${name}, whole counts`, { ...histogram, at: AT }] as const,
      [`${name}, float counts`, { ...histogram, float: true, at: AT }] as const,
    ]),
    ...FLOAT_HISTOGRAMS.map(([name, histogram]) => [name, { ...histogram, float: true, at: AT }] as const),
  ];

  test.each(histograms)('histogram: %s', async (_, histogram) => {
    const name = `h_${count++}`;
    const series = [
      { labels: [['__name__', name]], histograms: [histogram] },
      { labels: [['__name__', `${name}_beside`]], samples: [[1, AT]] },
    ] as const;
    expect(await write(own, 2, series)).toEqual(await write(prometheus, 2, series));
    expect(await found(own, name)).toEqual(await found(prometheus, name));
    expect(await found(own, `${name}_beside`)).toEqual(['1']);
    // Version 1: Prometheus drops the whole request.
    const first = series.map((one) => ({ ...one, labels: [...one.labels, ['version', '1'] as const] }));
    expect((await write(own, 1, first)).status).toBe((await write(prometheus, 1, first)).status);
    expect(await found(own, `${name}_beside{version="1"}`)).toEqual(['1']);
  });

  const sample = [[1, AT]] as const;
  const series: readonly (readonly [string, (name: string) => WrittenSeries])[] = [
    ['a label twice', (name) => ({ labels: [['__name__', name], ['a', '1'], ['a', '2']], samples: sample })],
    ['a label twice with the same value', (name) => ({ labels: [['__name__', name], ['a', '1'], ['a', '1']], samples: sample })],
    ['a label without a name', (name) => ({ labels: [['', 'v'], ['__name__', name]], samples: sample })],
    ['no metric name', () => ({ labels: [['a', 'v']], samples: sample })],
    ['no labels', () => ({ labels: [], samples: sample })],
    ['an empty value', (name) => ({ labels: [['__name__', name], ['b', '']], samples: sample })],
    ['labels out of order', (name) => ({ labels: [['b', 'q'], ['__name__', name]], samples: sample })],
    ['a value that is not UTF-8', (name) => ({ labels: [['__name__', name], ['b', Buffer.from([0xff])]], samples: sample })],
    ['a half character', (name) => ({ labels: [['__name__', name], ['b', Buffer.from([0xe2, 0x82])]], samples: sample })],
    ['a surrogate', (name) => ({ labels: [['__name__', name], ['b', Buffer.from([0xed, 0xa0, 0x80])]], samples: sample })],
    ['a label name that is not UTF-8', (name) => ({ labels: [['__name__', name], [Buffer.from([0x61, 0xff]), 'x']], samples: sample })],
    ['a metric name that is not UTF-8', () => ({ labels: [['__name__', Buffer.from([0x61, 0xff])]], samples: sample })],
    ['the replacement character itself', (name) => ({ labels: [['__name__', name], ['b', '\ufffd']], samples: sample })],
    ['no sample at all', (name) => ({ labels: [['__name__', name]] })],
    ['metadata only', (name) => ({ labels: [['__name__', name]], metadata: { type: 1, help: 'h' } })],
    ['an exemplar only', (name) => ({ labels: [['__name__', name]], exemplars: [{ value: 1, at: AT }] })],
    ['a good histogram behind a bad one', (name) => ({ labels: [['__name__', name]], histograms: [{ count: 99, at: AT - 2 }, { count: 0, at: AT }] })],
    ['a start after the sample', (name) => ({ labels: [['__name__', name]], samples: [[1, AT, AT + 500]] })],
  ]; // prettier-ignore

  test.each(series)('series: %s', async (_, make) => {
    const name = `s_${count++}`;
    const both = [make(name), { labels: [['__name__', `${name}_beside`]], samples: sample } as const];
    const [ours, theirs] = [await write(own, 2, both), await write(prometheus, 2, both)];
    expect([ours.status, ours.written]).toEqual([theirs.status, theirs.written]);
    // Of a label that is not UTF-8 they show the bytes.
    if (!theirs.words.includes('\\x')) expect(ours.words).toBe(theirs.words);
    expect(await found(own, `{__name__="${name}"}`)).toEqual(await found(prometheus, `{__name__="${name}"}`));
    expect(await found(own, `${name}_beside`)).toEqual(['1']);
  });

  test('version 1: a series that is not valid is refused and said, unlike there, and the others are kept', async () => {
    const both = [
      { labels: [['__name__', 'twice'], ['a', '1'], ['a', '2']], samples: sample },
      { labels: [['__name__', 'beside_twice']], samples: sample },
    ] as const; // prettier-ignore
    expect(await write(own, 1, both)).toEqual({
      status: 400,
      words: 'invalid labels for series, labels {__name__="twice", a="1", a="2"}, duplicated label a',
      written: '1/0/0',
    });
    expect(await found(own, 'beside_twice')).toEqual(['1']);
    expect(await found(own, 'twice')).toEqual([]);
  });

  test.each([
    ['no headers at all', {}],
    ['no content type', { 'content-encoding': 'snappy' }],
    ['no content encoding', { 'content-type': 'application/x-protobuf' }],
    ['gzip', { 'content-encoding': 'gzip', 'content-type': 'application/x-protobuf' }],
    ['JSON', { 'content-encoding': 'snappy', 'content-type': 'application/json' }],
    ['another message', { 'content-type': 'application/x-protobuf;proto=x.Y' }],
  ] as const)('headers: %s', async (_, headers) => {
    const good = [{ labels: [['__name__', `headers_${count++}`]], samples: sample }] as const;
    const ours = await write(own, 1, good, headers);
    expect(ours.status).toBe((await write(prometheus, 1, good, headers)).status);
  });

  test('an empty metadata message leaves what is known of a metric', async () => {
    const send = (metadata: { type?: number; help?: string }, at: number) =>
      write(own, 2, [{ labels: [['__name__', 'described']], samples: [[1, at]], metadata }]);
    await send({ type: 1, help: 'What it is.' }, AT - 1000);
    await send({}, AT);
    const response = await fetch(`${own.url}/api/v1/metadata?metric=described`);
    expect(await response.json()).toMatchObject({
      data: { described: [{ type: 'counter', help: 'What it is.', unit: '' }] },
    });
  });

  test('a metadata message with a help text only leaves the known type, one with a type only the known help', async () => {
    const send = (metadata: { type?: number; help?: string }, at: number) =>
      write(own, 2, [{ labels: [['__name__', 'described_twice']], samples: [[1, at]], metadata }]);
    await send({ type: 1, help: 'What it was.' }, AT - 2000);
    await send({ help: 'What it is.' }, AT - 1000);
    await send({ type: 2 }, AT);
    const response = await fetch(`${own.url}/api/v1/metadata?metric=described_twice`);
    expect(await response.json()).toMatchObject({
      data: { described_twice: [{ type: 'gauge', help: 'What it is.', unit: '' }] },
    });
  });

  test('a series of histograms ends at a staleness marker, and a function over time passes it over', async () => {
    const histogram = { count: 2, sum: 3, zeroCount: 2 };
    const series = [
      {
        labels: [['__name__', 'h_ends']],
        histograms: [
          { ...histogram, at: AT - 2000 },
          { count: 0, stale: true, at: AT - 1000 },
        ],
      },
    ] as const;
    for (const server of [own, prometheus]) {
      expect(await write(server, 2, series)).toEqual({ status: 204, words: '', written: '0/2/0' });
      expect(await found(server, 'h_ends')).toEqual([]);
      expect(await found(server, 'count_over_time(h_ends[10m])')).toEqual(['1']);
    }
  });
});
