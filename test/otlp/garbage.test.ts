import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DecodeError } from '../../src/lib/http/decode-error.ts';
import { otlpSchema } from '../../src/ingest/otlp/config.ts';
import { readMetricsJson } from '../../src/ingest/otlp/read-json.ts';
import { readMetricsRequest } from '../../src/ingest/otlp/read-request.ts';
import { isStale, wordsOf } from '../../src/model/sample.ts';
import { OtlpTranslator } from '../../src/ingest/otlp/translate.ts';
import { CUMULATIVE, attributes, exportJson, exportRequest, nanos } from './encode.ts';

const AT = Date.UTC(2026, 0, 2);

const point = (values: object): object => ({
  time_unix_nano: nanos(AT),
  attributes: attributes({ a: 'b', list: ['x', { y: 1n }] }),
  ...values,
});

const BODY = exportRequest({ 'service.name': 'x', 'k8s.pod.name': 'y' }, [
  { name: 'gauge', unit: 's', gauge: { data_points: [point({ as_double: 1 })] } },
  {
    name: 'histogram',
    histogram: {
      data_points: [
        point({ count: 3, sum: 1, bucket_counts: [1, 2], explicit_bounds: [1], exemplars: [{ as_double: 1 }] }),
      ],
      aggregation_temporality: CUMULATIVE,
    },
  },
  {
    name: 'exponential',
    exponential_histogram: {
      data_points: [point({ count: 6, scale: 3, positive: { offset: -1, bucket_counts: [1, 2, 3] } })],
      aggregation_temporality: CUMULATIVE,
    },
  },
]);

/** How many samples come of a body; undefined where it is refused in words. Anything else thrown is a fault. */
async function samplesOf(body: Buffer, read = readMetricsRequest): Promise<number | undefined> {
  try {
    const translator = new OtlpTranslator(otlpSchema.parse({}));
    let samples = 0;
    for (const { values } of translator.batches(await read(body))) samples += values.length;
    return samples;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

test('a whole body gives its samples', async () => {
  // The gauge, two buckets with count and sum, the native histogram, target_info.
  expect(await samplesOf(BODY)).toBe(7);
});

test('a body that was cut off or changed is read or refused, and never more', async () => {
  const change = fc.record({ at: fc.nat(BODY.length - 1), byte: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 4 }), fc.nat(BODY.length), async (changes, length) => {
      const body = Buffer.from(BODY.subarray(0, length));
      for (const { at, byte } of changes) if (at < length) body[at] = byte;
      const samples = await samplesOf(body);
      expect(samples === undefined || samples < 1000).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test('attributes that are nested without end are refused', async () => {
  let value: unknown = 'x';
  for (let depth = 0; depth < 36; depth++) value = [value];
  expect(await samplesOf(exportRequest({ deep: value }, []))).toBeUndefined();
});

test('a scale finer than any puts a side into one bucket', async () => {
  const buckets = { offset: -2, bucket_counts: [1, 2, 3, 4] };
  const metric = {
    name: 'fine',
    exponential_histogram: {
      data_points: [point({ count: 10, scale: 2 ** 31 - 1, positive: buckets })],
      aggregation_temporality: CUMULATIVE,
    },
  };
  const translator = new OtlpTranslator(otlpSchema.parse({}));
  const [batch] = [...translator.batches(await readMetricsRequest(exportRequest({}, [metric])))];
  expect(batch.histograms?.[0]).toMatchObject({
    schema: 8,
    positiveSpans: [{ offset: 0, length: 2 }],
    positiveBuckets: [3, 7],
  });
});

test.each([
  ['protobuf', readMetricsRequest, exportRequest],
  ['JSON', readMetricsJson, exportJson],
] as const)('others have their turn while a large body in %s is read', async (_, read, encode) => {
  const points = Array.from({ length: 20_000 }, (_, i) => point({ as_double: i }));
  const body = encode({}, [{ name: 'many', gauge: { data_points: points } }]);
  let turns = 0;
  let counting = true;
  const count = () => {
    turns++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const [{ scopes }] = await read(body);
  counting = false;
  expect(scopes[0].metrics[0].data?.points).toHaveLength(20_000);
  expect(turns).toBeGreaterThan(2);
});

test.each([
  ['an attribute', (deep: string) => `{"resourceMetrics":[{"resource":{"attributes":${deep}}}]}`],
  ['a list of resources', (deep: string) => `{"resourceMetrics":${deep}}`],
  ['the body', (deep: string) => deep],
  ['a name', (deep: string) => `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":${deep}}]}]}]}`],
])('JSON that is nested half a million deep in %s is refused', async (_, body) => {
  const deep = '['.repeat(500_000) + ']'.repeat(500_000);
  await expect(readMetricsJson(Buffer.from(body(deep)))).rejects.toThrow(DecodeError);
});

test.each([
  ['a null double', { gauge: { dataPoints: [{ asDouble: null }, { asDouble: 2 }] } }],
  ['no value', { gauge: { dataPoints: [{}, { asDouble: 2 }] } }],
  [
    'no value in a sum',
    { sum: { dataPoints: [{ asInt: null }, { asInt: '2' }], aggregationTemporality: 2, isMonotonic: true } },
  ],
] as const)('a point with %s is refused alone', async (_, data) => {
  const dataPoints: readonly object[] = Object.values(data)[0].dataPoints;
  const timed = dataPoints.map((one) => ({ ...one, timeUnixNano: `${AT}000000` }));
  const metric = { name: 'x', [Object.keys(data)[0]]: { ...Object.values(data)[0], dataPoints: timed } };
  const translator = new OtlpTranslator(otlpSchema.parse({}));
  const body = Buffer.from(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] }));
  const values = [...translator.batches(await readMetricsJson(body))].flatMap((batch) => [...batch.values]);
  expect(values).toEqual([2]);
  expect(translator.refusedPoints).toBe(1);
  expect(translator.words).toEqual(['metric "x": a data point has no value']);
});

test.each([
  ['a null bound', 'histogram', { count: '1', sum: 1, bucketCounts: ['1', '0'], explicitBounds: [null] }],
  ['a null count of a bucket', 'histogram', { count: '1', sum: 1, bucketCounts: [null, '0'], explicitBounds: [1] }],
  [
    'a null count of an exponential bucket',
    'exponentialHistogram',
    { count: '1', sum: 1, scale: 0, positive: { bucketCounts: [null] } },
  ],
  ['a null sum', 'histogram', { count: '1', sum: null, bucketCounts: ['1', '0'], explicitBounds: [1] }],
])('a histogram with %s is refused alone, and the request is taken', async (_, kind, bad) => {
  const timeUnixNano = `${AT}000000`;
  const histogram = { name: 'bad', [kind]: { dataPoints: [{ ...bad, timeUnixNano }], aggregationTemporality: 2 } };
  const gauge = {
    name: 'good',
    gauge: { dataPoints: [{ asDouble: 2, timeUnixNano, exemplars: [{ asDouble: null }] }] },
  };
  const translator = new OtlpTranslator(otlpSchema.parse({}));
  const body = Buffer.from(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [histogram, gauge] }] }] }));
  const batches = [...translator.batches(await readMetricsJson(body))];
  expect(batches.flatMap(({ values }) => [...values])).toEqual([2]);
  expect(batches.flatMap(({ exemplars = [] }) => exemplars)).toEqual([]);
  expect(translator.refusedPoints).toBe(1);
  expect(translator.words[0]).toMatch(/^metric "bad": \S+ of a data point is null, or holds one$/);
});

test('a point that says it has no recorded value needs none', async () => {
  const metric = { name: 'x', gauge: { dataPoints: [{ flags: 1, timeUnixNano: `${AT}000000` }] } };
  const translator = new OtlpTranslator(otlpSchema.parse({}));
  const body = Buffer.from(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] }));
  const [batch] = [...translator.batches(await readMetricsJson(body))];
  expect(isStale(wordsOf(batch.values), 0)).toBe(true);
});

test('an exponential histogram whose count is not the sum of its buckets is refused alone', async () => {
  const bad = { name: 'bad', exponential_histogram: { data_points: [point({ count: 60, scale: 3, positive: { offset: -1, bucket_counts: [1, 2, 3] } })], aggregation_temporality: CUMULATIVE } }; // prettier-ignore
  const translator = new OtlpTranslator(otlpSchema.parse({}));
  const batches = [...translator.batches(await readMetricsRequest(exportRequest({}, [bad])))];
  expect(batches).toEqual([]);
  expect(translator.words[0]).toMatch(/^metric "bad": 6 observations found in buckets, but the Count field is 60/);
});
