import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIngest } from '../../src/ingest/index.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { Labels } from '../../src/model/labels.ts';
import { createEngine } from '../../src/promql/index.ts';
import { mergeBodies } from '../../src/remote-write/body.ts';
import { Encoder } from '../../src/remote-write/encode.ts';
import { type Store, openStore, storeSchema } from '../../src/store/index.ts';
import { temporaryFolder } from '../servers/process.ts';

const NOW = Math.floor(Date.now() / 60_000) * 60_000;
const folder = temporaryFolder();
let store: Store;
beforeAll(async () => {
  store = await openStore({ config: storeSchema.parse({ path: folder }), logger: createLogger({ quiet: true }) });
});
afterAll(async () => {
  await store?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the embedded store takes several scrapes of the same series in one request, as the sender joins them', async () => {
  const layout = {
    series: Array.from({ length: 50 }, (_, i) => ({ labels: Labels.of({ __name__: 'm', i: `${i}` }) })),
  };
  const encoder = new Encoder(2000, 1);
  const [route] = createIngest(store);
  for (let round = 0; round < 3; round++) {
    const bodies: Buffer[] = [];
    for (let k = 0; k < 5; k++) {
      const at = NOW - 60_000 + (round * 5 + k) * 1000;
      const batch = {
        layout,
        values: new Float64Array(50).fill(round * 5 + k),
        timestamps: new Float64Array(50).fill(at),
      };
      bodies.push(...(await encoder.encode(batch)).map(({ payload }) => payload));
    }
    const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
    expect((await route.handle(mergeBodies(bodies), headers)).status).toBe(204);
  }
  const result = await createEngine({ select: store.select }).instant(
    'sum(count_over_time(m[5m])) + sum(sum_over_time(m[5m]))',
    NOW,
  );
  expect(JSON.stringify(result)).toContain(String(50 * 15 + 50 * 105));
});
