import protobuf from 'protobufjs/minimal.js';
import snappy from 'snappy';
import { describe, expect, test } from 'vitest';
import { isStale, wordsOf } from '../../model/sample.ts';
import { decodeWriteRequest } from './decode.ts';

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
        layout.series[0].labels.toString(),
        values[0],
        timestamps[0],
      ]),
    ).toEqual([
      ['up{job="a"}', 1, 10],
      ['up{job="a"}', 2, 20],
    ]);
    expect(decoded.metadata).toEqual([{ metric: 'up', type: 'counter', unit: '', help: 'help text' }]);
    expect(decoded.counts).toEqual({ samples: 2, histograms: 0, exemplars: 0 });
  });

  test('version 2: when the counter began, where it is known', async () => {
    const body = v2(['', '__name__', 'up'], [1, 2], [[1, 10], [2, 20, 15]]); // prettier-ignore
    const { batches } = await decodeWriteRequest(body, V2, 'snappy');
    expect(batches.map(({ startTimestamps }) => startTimestamps)).toEqual([undefined, Float64Array.of(15)]);
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
    ['a series without a name', V1, 'snappy', v1Labels([['job', 'a']]), 400, /no metric name in {job="a"}/],
    ['a label twice', V1, 'snappy', v1Labels([['__name__', 'up'], ['a', '1'], ['a', '2']]), 400, /stands twice/], // prettier-ignore
    ['a reference outside the symbols', V2, 'snappy', v2(['', 'a'], [1, 9], [[1, 1]]), 400, /label reference 9/],
    ['an odd number of references', V2, 'snappy', v2(['', 'a'], [1], [[1, 1]]), 400, /1 label references/],
  ] as const)('%s is refused with %s', async (_, type, encoding, body, status, words) => {
    const refused = decodeWriteRequest(body, type, encoding);
    await expect(refused).rejects.toMatchObject({ status });
    await expect(refused).rejects.toThrow(words);
  });
});
