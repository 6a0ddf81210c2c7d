import protobuf from 'protobufjs/minimal.js';
import snappy from 'snappy';
import { describe, expect, test } from 'vitest';
import { isStale, wordsOf } from '../../model/sample.ts';
import { createKnownSeries, decodeWriteRequest } from './decode.ts';

const V1 = 'application/x-protobuf';
const V2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';

function message(write: (writer: protobuf.Writer) => void): Buffer {
  const writer = protobuf.Writer.create();
  write(writer);
  return snappy.compressSync(Buffer.from(writer.finish()));
}

/** One series with labels by reference and the given samples. */
function v2(
  symbols: readonly string[],
  refs: readonly number[],
  samples: readonly [value: number, at: number, start?: number][],
): Buffer {
  return message((writer) => {
    for (const symbol of symbols) writer.uint32(0x22).string(symbol);
    writer.uint32(0x2a).fork();
    writer.uint32(0x0a).fork();
    for (const ref of refs) writer.uint32(ref);
    writer.ldelim();
    for (const [value, at, start = 0] of samples)
      writer.uint32(0x12).fork().uint32(0x09).double(value).uint32(0x10).int64(at).uint32(0x18).int64(start).ldelim();
    writer.uint32(0x2a).fork().uint32(0x08).uint32(1).uint32(0x18).uint32(3).ldelim();
    writer.ldelim();
  });
}

function v1Labels(pairs: readonly (readonly [string, string])[]): Buffer {
  return message((writer) => {
    writer.uint32(0x0a).fork();
    for (const [name, value] of pairs)
      writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(value).ldelim();
    writer
      .uint32(0x12)
      .fork()
      .uint32(0x09)
      .fixed64({ low: 2, high: 0x7ff00000, unsigned: true })
      .uint32(0x10)
      .int64(5)
      .ldelim();
    writer.ldelim();
  });
}

describe('reading a remote-write request', () => {
  test('version 2: labels and metadata by reference, several samples of a series in order', async () => {
    const body = v2(['', '__name__', 'up', 'help text', 'job', 'a'], [1, 2, 4, 5], [[1, 10], [2, 20]]); // prettier-ignore
    const decoded = await decodeWriteRequest(body, V2, 'snappy');
    expect(
      decoded.batches.map(({ layout, values, timestamps }) => [
        layout.series.map(({ labels }) => labels.toString()),
        [...values],
        [...timestamps],
      ]),
    ).toEqual([[['up{job="a"}', 'up{job="a"}'], [1, 2], [10, 20]]]); // prettier-ignore
    expect(decoded.metadata).toEqual([{ metric: 'up', type: 'counter', unit: '', help: 'help text' }]);
  });

  test('version 2: when the counter began, where it is known', async () => {
    const body = v2(['', '__name__', 'up'], [1, 2], [[1, 10], [2, 20, 15]]); // prettier-ignore
    const { batches } = await decodeWriteRequest(body, V2, 'snappy');
    expect(batches.map(({ startTimestamps }) => startTimestamps)).toEqual([Float64Array.of(0, 15)]);
  });

  test('version 1: labels out of order are put in order, a staleness marker keeps its bits', async () => {
    const decoded = await decodeWriteRequest(v1Labels([['job', 'a'], ['__name__', 'up']]), V1, 'snappy'); // prettier-ignore
    const [{ layout, values }] = decoded.batches;
    expect(layout.series[0].labels.flat).toEqual(['__name__', 'up', 'job', 'a']);
    expect(isStale(wordsOf(values), 0)).toBe(true);
  });

  test.each([
    ['another content type', 'application/json', 'snappy', Buffer.from('{}'), 415, /content type "application\/json"/],
    ['another encoding', V1, 'gzip', Buffer.from('x'), 415, /content encoding gzip/],
    ['no snappy', V1, 'snappy', Buffer.from([3, 255, 255]), 400, /not a snappy block/],
    ['an empty body', V1, 'snappy', Buffer.alloc(0), 400, /not a snappy block/],
    ['a body that unfolds to a gigabyte', V1, 'snappy', Buffer.from([0x80, 0x80, 0x80, 0x80, 0x04]), 413, /unfolds to/],
    [
      'a message cut short',
      V1,
      'snappy',
      snappy.compressSync(Buffer.from([0x0a, 0x50, 0x0a])),
      400,
      /body ends|index out of range/,
    ],
  ] as const)('%s is refused with %s', async (_, type, encoding, body, status, words) => {
    const refused = decodeWriteRequest(body, type, encoding);
    await expect(refused).rejects.toMatchObject({ status });
    await expect(refused).rejects.toThrow(words);
  });

  test.each([
    ['a series without a name', V1, v1Labels([['job', 'a']]), 'invalid metric name or labels, got {job="a"}'],
    ['a label twice', V1, v1Labels([['__name__', 'up'], ['a', '1'], ['a', '2']]), 'invalid labels for series, labels {__name__="up", a="1", a="2"}, duplicated label a'], // prettier-ignore
    ['a label without a name', V1, v1Labels([['__name__', 'up'], ['', '1']]), 'invalid metric name or labels, got {__name__="up", ""="1"}'], // prettier-ignore
    ['a reference outside the symbols', V2, v2(['', 'a'], [1, 9], [[1, 1]]), 'label reference 9 is outside the table of 2 symbols'], // prettier-ignore
    ['an odd number of references', V2, v2(['', 'a'], [1], [[1, 1]]), 'a series has 1 label references, which is odd'],
  ] as const)('%s: that series is refused alone', async (_, type, body, words) => {
    for (const known of [undefined, createKnownSeries()]) {
      const { batches, refusals } = await decodeWriteRequest(body, type, 'snappy', known);
      expect(batches).toEqual([]);
      expect(refusals).toMatchObject({ refused: { invalid_labels: 1 }, words: [words] });
    }
  });
});
