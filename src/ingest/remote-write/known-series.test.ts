import protobuf from 'protobufjs/minimal.js';
import snappy from 'snappy';
import { describe, expect, test } from 'vitest';
import { wordsOf } from '../../model/sample.ts';
import { type DecodedWrite, createKnownSeries, decodeWriteRequest } from './decode.ts';

type Pairs = readonly (readonly [string, string])[];
type Sample = readonly [low: number, high: number, at: number];

const ONE: Sample = [0, 0x3ff00000, 1_790_000_000_000];
const STALE: Sample = [2, 0x7ff00000, 1_790_000_000_000];
const ZERO: Sample = [0, 0, 1_790_000_000_000];

function request(series: readonly (readonly [Pairs, readonly Sample[]])[]): Buffer {
  const writer = protobuf.Writer.create();
  for (const [pairs, samples] of series) {
    writer.uint32(0x0a).fork();
    for (const [name, value] of pairs)
      writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(value).ldelim();
    for (const [low, high, at] of samples) {
      writer.uint32(0x12).fork();
      // As Go leaves out what is zero.
      if (low !== 0 || high !== 0) writer.uint32(0x09).fixed64({ low, high, unsigned: true });
      writer.uint32(0x10).int64(at).ldelim();
    }
    writer.ldelim();
  }
  return snappy.compressSync(Buffer.from(writer.finish()));
}

const up = (job: string): Pairs => [['__name__', 'up'], ['job', job]]; // prettier-ignore

function plain({ version, batches, refusals }: DecodedWrite) {
  const columns = batches.map(({ layout, values, timestamps }) => ({
    series: layout.series.map(({ labels }) => labels.flat),
    words: [...wordsOf(values)],
    times: [...timestamps],
  }));
  return { version, refused: refusals.refused, columns };
}

describe('reading requests of series that were written before', () => {
  const decode = (body: Buffer, known?: ReturnType<typeof createKnownSeries>) =>
    decodeWriteRequest(body, 'application/x-protobuf', 'snappy', known);

  test.each([
    ['one sample of each', [[up('a'), [ONE]], [up('b'), [ONE]]]],
    ['a staleness marker and a zero', [[up('a'), [STALE]], [up('b'), [ZERO]]]],
    ['several samples of a series', [[up('a'), [ONE, [0, 0, 1_790_000_015_000]]]]],
    ['a series twice', [[up('a'), [ONE]], [up('a'), [[0, 0, 1_790_000_015_000]]]]],
    ['text past ASCII', [[[['__name__', 'up'], ['job', 'bücher']], [ONE]], [[['__name__', 'up'], ['job', 'bÃ¼cher']], [ZERO]]]],
    ['labels out of order', [[[['job', 'a'], ['__name__', 'up']], [ONE]]]],
    ['an empty label', [[[['__name__', 'up'], ['job', '']], [ONE]]]],
    ['a time before 1970', [[up('a'), [[1, 1, -5]]]]],
    ['nothing', []],
  ] as [string, [Pairs, Sample[]][]][])('%s: read the same at first, again, and after others', async (_, series) => {
    const known = createKnownSeries();
    const expected = plain(await decode(request(series)));
    expect(plain(await decode(request(series), known))).toEqual(expected);
    expect(plain(await decode(request(series), known))).toEqual(expected);
    await decode(request([[up('x'), [ONE]], ...series, [up('y'), [ONE]]]), known);
    expect(plain(await decode(request(series), known))).toEqual(expected);
  }); // prettier-ignore

  test('the same series again give the same layout, other ones another', async () => {
    const known = createKnownSeries();
    const layoutOf = async (...jobs: string[]) =>
      (await decode(request(jobs.map((job) => [up(job), [ONE]])), known)).batches[0].layout;
    const first = await layoutOf('a', 'b', 'c');
    expect(await layoutOf('a', 'b', 'c')).toBe(first);
    for (const jobs of [['a', 'b'], ['a', 'b', 'd'], ['a', 'c', 'b'], ['a', 'b', 'c', 'd']]) {
      const other = await layoutOf(...jobs);
      expect(other).not.toBe(first);
      expect(other.series.map(({ labels }) => labels.get('job'))).toEqual(jobs);
    } // prettier-ignore
  });

  test('labels that are invalid are refused in the same words', async () => {
    const twice = request([[[...up('a'), ['job', 'b']], [ONE]], [up('c'), [ONE]]]); // prettier-ignore
    const known = createKnownSeries();
    const { refusals } = await decode(twice);
    expect(refusals.refused).toEqual({ invalid_labels: 1 });
    expect((await decode(twice, known)).refusals).toEqual(refusals);
    expect(plain(await decode(twice, known))).toEqual(plain(await decode(twice)));
  });

  test('a body cut at any place is refused or gives no more than it holds', async () => {
    const whole = snappy.uncompressSync(request([[up('a'), [ONE]], [up('b'), [ZERO]]])) as Buffer; // prettier-ignore
    for (let length = 0; length < whole.length; length++) {
      const body = snappy.compressSync(whole.subarray(0, length));
      const [plainly, quickly] = await Promise.allSettled([decode(body), decode(body, createKnownSeries())]);
      expect(quickly.status).toBe(plainly.status);
    }
  });
});
