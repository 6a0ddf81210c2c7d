import { createIngest } from '../../../src/ingest/index.ts';
import snappy from 'snappy';
import type { MetricMetadata, SampleBatch } from '../../../src/model/sample.ts';
import { openTestStore, temporaryFolder } from '../../../src/store/testing.ts';
import { CONTENT_TYPES, encodeWriteMessage } from '../../ingest/encode-write.ts';
import { CUMULATIVE, attributes, exportJson, exportRequest, nanos } from '../../otlp/encode.ts';
import type { FuzzTarget } from '../target.ts';

const NOW = Date.now();

/** What the first byte of an input chooses. */
const KINDS = [
  { path: '/api/v1/write', type: CONTENT_TYPES[1], snappy: true },
  { path: '/api/v1/write', type: CONTENT_TYPES[2], snappy: true },
  { path: '/api/v1/otlp/v1/metrics', type: 'application/x-protobuf', snappy: false },
  { path: '/api/v1/otlp/v1/metrics', type: 'application/json', snappy: false },
  { path: '/api/v1/import/prometheus', type: 'text/plain', snappy: false },
  // The block itself is damaged.
  { path: '/api/v1/write', type: CONTENT_TYPES[1], snappy: false },
] as const;

const SERIES = [
  { labels: [['__name__', 'a'], ['job', 'x']], samples: [[1, NOW - 1000], [2, NOW]], exemplars: [{ value: 1, at: NOW }], metadata: { type: 1, help: 'h' } },
  { labels: [['__name__', 'h']], histograms: [
    { at: NOW, count: 6, sum: 5, schema: 3, zeroThreshold: 0.001, zeroCount: 1, positive: { spans: [[0, 2], [1, 1]], counts: [1, 2, 2] } },
    { at: NOW + 1, float: true, count: 3, sum: 5, schema: -53, custom: [1, 2], positive: { spans: [[0, 2]], counts: [1, 2] } },
  ] },
] as const; // prettier-ignore

const point = (values: object): object => ({ time_unix_nano: nanos(NOW), attributes: attributes({ a: 'b', l: ['x', { y: 1n }] }), ...values }); // prettier-ignore
const METRICS = [
  { name: 'gauge', unit: 's', gauge: { data_points: [point({ as_double: 1 })] } },
  { name: 'histogram', histogram: { data_points: [point({ count: 3, sum: 1, bucket_counts: [1, 2], explicit_bounds: [1], exemplars: [{ as_double: 1 }] })], aggregation_temporality: CUMULATIVE } },
  { name: 'exponential', exponential_histogram: { data_points: [point({ count: 6, scale: 3, positive: { offset: -1, bucket_counts: [1, 2, 3] } })], aggregation_temporality: CUMULATIVE } },
  { name: 'summary', summary: { data_points: [point({ count: 3, sum: 1, quantile_values: [{ quantile: 0.5, value: 1 }] })] } },
]; // prettier-ignore

/** The body of a request that writes, into a store of its own. */
export const ingest: FuzzTarget = {
  seeds: () =>
    Promise.resolve([
      kind(0, encodeWriteMessage(1, SERIES)),
      kind(1, encodeWriteMessage(2, SERIES)),
      kind(2, exportRequest({ 'service.name': 'x' }, METRICS)),
      kind(3, exportJson({ 'service.name': 'x' }, METRICS)),
      kind(4, Buffer.from(`a{b="c"} 1 ${NOW}\nb 2\n`)),
      kind(5, snappy.compressSync(encodeWriteMessage(1, SERIES))),
    ]),
  words: ['"resourceMetrics":', '"asDouble":', '"asInt":"', '"timeUnixNano":', '"bucketCounts":', '"scale":', '"NaN"', '\x0a\x00', '\x12\x04', '\x0a\xff\xff\xff\xff\x0f', '__name__'], // prettier-ignore
  async open() {
    const folder = temporaryFolder();
    const store = await openTestStore(folder.path, { commit_interval: 200 });
    const writeMetadata = (entries: readonly MetricMetadata[]) => store.writeMetadata(entries);
    const write = (batch: SampleBatch) => store.write(batch);
    const routes = createIngest({ write, backfill: (batch) => store.backfill(batch), writeMetadata });
    const post = async (index: number, body: Buffer): Promise<number> => {
      const { path, type, snappy: pack } = KINDS[index];
      const encoding = path.endsWith('write') ? 'snappy' : 'identity';
      const packed = pack ? snappy.compressSync(body) : body;
      const route = routes.find((one) => one.path === path);
      const answer = await route?.handle(packed, { 'content-type': type, 'content-encoding': encoding });
      return answer?.status ?? 0;
    };
    let time = NOW;
    let count = 0;
    return {
      async run(input) {
        const status = await post((input[0] ?? 0) % KINDS.length, input.subarray(1));
        if (status < 200 || status >= 500) throw new Error(`answers ${status}`);
        // A good write beside it is stored and found.
        if (++count % 20 !== 0) return;
        const neighbour = [{ labels: [['__name__', 'good_neighbour']], samples: [[count, ++time]] }] as const;
        if ((await post(0, encodeWriteMessage(1, neighbour))) !== 204) throw new Error('a good write is refused');
        const found = await store.select({ matchers: [{ name: '__name__', op: '=', value: 'good_neighbour' }], start: time, end: time }); // prettier-ignore
        if (found[0]?.values[0] !== count) throw new Error('a good sample is not found');
        await store.select({ matchers: [{ name: '__name__', op: '=~', value: 'a|h|exponential.*|gauge.*' }], start: NOW - 1e6, end: NOW + 1e6 }); // prettier-ignore
      },
      async close() {
        await store.close();
        folder.remove();
      },
    };
  },
};

function kind(index: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(index), body]);
}
