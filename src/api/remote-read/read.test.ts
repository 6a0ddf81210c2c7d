import protobuf from 'protobufjs';
import snappy from 'snappy';
import { expect, test } from 'vitest';
import { Labels } from '../../model/labels.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { markStale, wordsOf } from '../../model/sample.ts';
import { decodeReadRequest, encodeReadResponse } from './read.ts';

const { root } = protobuf.parse(
  `syntax = "proto3";
  message ReadRequest { repeated Query queries = 1; repeated int32 accepted_response_types = 2; }
  message Query { int64 start_timestamp_ms = 1; int64 end_timestamp_ms = 2; repeated LabelMatcher matchers = 3; ReadHints hints = 4; }
  message LabelMatcher { int32 type = 1; string name = 2; string value = 3; }
  message ReadHints { int64 step_ms = 1; string func = 2; }
  message ReadResponse { repeated QueryResult results = 1; }
  message QueryResult { repeated TimeSeries timeseries = 1; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Histogram histograms = 4; }
  message Label { string name = 1; string value = 2; }
  message Sample { fixed64 value = 1; int64 timestamp = 2; }
  message Histogram { double count_float = 2; double sum = 3; int64 timestamp = 15; }`,
  { keepCase: true },
);

async function request(message: object): Promise<Buffer> {
  const type = root.lookupType('ReadRequest');
  return snappy.compress(Buffer.from(type.encode(type.fromObject(message)).finish()));
}

const query = {
  start_timestamp_ms: 1000,
  end_timestamp_ms: 2000,
  matchers: [
    { type: 0, name: '__name__', value: 'up' },
    { type: 3, name: 'job', value: 'a.*' },
  ],
  hints: { step_ms: 5, func: 'rate' },
};

test('a question is read with its matchers and times', async () => {
  const body = await request({ queries: [query], accepted_response_types: [7, 1, 0] });
  const matchers = [
    { name: '__name__', op: '=', value: 'up' },
    { name: 'job', op: '!~', value: 'a.*' },
  ];
  expect(await decodeReadRequest(body)).toEqual({
    queries: [{ matchers, start: 1000, end: 2000 }],
    accepted: ['chunks', 'samples'],
  });
  expect((await decodeReadRequest(await request({ queries: [query] }))).accepted).toEqual(['samples']);
});

test.each([
  ['no known answer is taken', { queries: [query], accepted_response_types: [7] }, /response types: 7/],
  ['a matcher is of no known type', { queries: [{ matchers: [{ type: 9, name: 'a' }] }] }, /matcher type 9/],
])('it is refused where %s', async (_, message, words) => {
  await expect(decodeReadRequest(await request(message))).rejects.toThrow(words);
});

test('what is no request at all is refused', async () => {
  await expect(decodeReadRequest(Buffer.from('nonsense'))).rejects.toThrow(/snappy/);
  await expect(decodeReadRequest(await snappy.compress(Buffer.from([0x0a, 0x7f, 1])))).rejects.toThrow();
});

test('an answer holds floats, staleness markers bit for bit, and histograms', async () => {
  const histogram: FloatHistogram = {
    schema: 0, counterReset: 'unknown', zeroThreshold: 0, zeroCount: 0, count: 4, sum: 9,
    positiveSpans: [], positiveBuckets: [], negativeSpans: [], negativeBuckets: [], customValues: [],
  }; // prettier-ignore
  const values = Float64Array.of(1.5, 0, NaN);
  markStale(wordsOf(values), 1);
  const body = await encodeReadResponse([
    [
      {
        labels: Labels.of({ __name__: 'up', job: 'a' }),
        timestamps: Float64Array.of(1000, 2000, 3000),
        values,
        histograms: [undefined, undefined, histogram],
      },
    ],
    [],
  ]);
  const bytes = (await snappy.uncompress(body, { asBuffer: true })) as Buffer;
  const type = root.lookupType('ReadResponse');
  expect(type.toObject(type.decode(bytes), { longs: String })).toEqual({
    results: [
      {
        timeseries: [
          {
            labels: [
              { name: '__name__', value: 'up' },
              { name: 'job', value: 'a' },
            ],
            samples: [
              { value: String(0x3ff8000000000000n), timestamp: '1000' },
              { value: String(0x7ff0000000000002n), timestamp: '2000' },
            ],
            histograms: [{ count_float: 4, sum: 9, timestamp: '3000' }],
          },
        ],
      },
      {},
    ],
  });
});
