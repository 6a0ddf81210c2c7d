import protobuf from 'protobufjs/minimal.js';
import snappy from 'snappy';
import { expect, test } from 'vitest';
import { Labels } from '../model/labels.ts';
import type { SeriesColumns } from '../model/query.ts';
import type { FloatHistogram } from '../model/sample.ts';
import { testApi } from './testing.ts';

const SAMPLES = 0;
const CHUNKS = 1;

const histogram: FloatHistogram = {
  schema: 0, counterReset: 'unknown', zeroThreshold: 0, zeroCount: 0, count: 4, sum: 9,
  positiveSpans: [], positiveBuckets: [], negativeSpans: [], negativeBuckets: [], customValues: [],
}; // prettier-ignore

function series(length: number, histograms?: readonly FloatHistogram[]): SeriesColumns {
  const timestamps = Float64Array.from({ length }, (_, i) => i);
  return { labels: Labels.of({ __name__: 'up' }), timestamps, values: new Float64Array(length), histograms };
}

async function ask(found: SeriesColumns, accepted: readonly number[]) {
  const app = await testApi({ select: async () => [found] });
  // One query that asks for nothing in particular, and the types as field 2.
  const message = Buffer.from([0x0a, 0, ...accepted.flatMap((type) => [0x10, type])]);
  const answer = await app.inject({ method: 'POST', url: '/api/v1/read', payload: await snappy.compress(message) });
  return [answer.statusCode, answer.headers['content-type'], answer.rawPayload] as const;
}

const STREAM = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse';

test.each([
  ['neither', series(10), [], 'application/x-protobuf'],
  ['samples first', series(10), [SAMPLES, CHUNKS], 'application/x-protobuf'],
  ['chunks first', series(10), [CHUNKS, SAMPLES], STREAM],
  ['chunks first, of native histograms', series(1, [histogram]), [CHUNKS, SAMPLES], 'application/x-protobuf'],
])('who asks for %s gets it, as far as there is such a form', async (_, found, accepted, type) => {
  expect((await ask(found, accepted)).slice(0, 2)).toEqual([200, type]);
});

test.each([
  ['native histograms as chunks', series(1, [histogram]), [CHUNKS], 'native histograms are served as SAMPLES only, which the request does not accept'],
  ['more samples than fit into memory', series(5_000_001), [SAMPLES], 'exceeded sample limit (5000000)'],
])('%s are refused in words', async (_, found, accepted, words) => {
  const [status, , body] = await ask(found, accepted);
  expect([status, (JSON.parse(body.toString()) as { error: string }).error]).toEqual([400, words]);
}); // prettier-ignore

test('more samples than fit into one answer of samples come as chunks', async () => {
  const [status, type, body] = await ask(series(5_000_001), [CHUNKS, SAMPLES]);
  expect([status, type]).toEqual([200, STREAM]);
  expect(body.length).toBeLessThan(5_000_001);
});

test.each([
  ['of many repetitions', '(((a{100}){100}){100})', /regex|repeat|invalid|size/i],
  ['that is not closed', '(', /missing|paren/i],
  ['that is too long', 'a.'.repeat(60_000), /longer than 100000 characters/],
])('a regular expression %s is refused with 400', async (_, value, words) => {
  const app = await testApi({ select: async () => [] });
  const matcher = protobuf.Writer.create().uint32(8).int32(2).uint32(18).string('job').uint32(26).string(value);
  const query = protobuf.Writer.create().uint32(26).bytes(matcher.finish());
  const message = protobuf.Writer.create().uint32(10).bytes(query.finish()).finish();
  const answer = await app.inject({ method: 'POST', url: '/api/v1/read', payload: await snappy.compress(Buffer.from(message)) });
  expect([answer.statusCode, answer.json().error]).toEqual([400, expect.stringMatching(words)]);
}); // prettier-ignore
