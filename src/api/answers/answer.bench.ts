import { Bench } from 'tinybench';
import { Labels } from '../../model/labels.ts';
import { engineOf, testApi } from '../testing.ts';

// A large range query as Grafana asks it: 2 600 series, 121 steps. Run: npx tsx src/api/answer.bench.ts
const SERIES = 2600;
const STEPS = 121;

const timestamps = Float64Array.from({ length: STEPS }, (_, i) => 1_700_000_000_000 + i * 30_000);
const series = Array.from({ length: SERIES }, (_, i) => ({
  labels: Labels.of({ __name__: 'http_requests_total', instance: `10.0.${i >> 8}.${i & 255}:9100`, job: 'shop', code: '200' }),
  timestamps,
  values: Float64Array.from(timestamps, (_, k) => Math.sin(i * STEPS + k) * 1000),
})); // prettier-ignore

const engine = engineOf(() => ({ type: 'matrix', series, warnings: [], infos: [] }));
const app = await testApi({ engine }, { requests_per_minute: 0 });
const url = '/api/v1/query_range?query=x&start=0&end=3600&step=30';

const bench = new Bench({ time: 3000 });
bench.add(`${SERIES} series of ${STEPS} steps`, () => app.inject(url));
bench.add('the same in gzip', () => app.inject({ url, headers: { 'accept-encoding': 'gzip' } }));
await bench.run();
console.table(bench.table());
const { rawPayload } = await app.inject(url);
console.log(`${(rawPayload.length / 1e6).toFixed(1)} MB`);
await app.close();
