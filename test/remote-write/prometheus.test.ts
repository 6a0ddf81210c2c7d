import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpClient } from '../../src/lib/http/client.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { Labels } from '../../src/model/labels.ts';
import { type SampleBatch, type SeriesLayout, markStale, wordsOf } from '../../src/model/sample.ts';
import { type RemoteWrite, createRemoteWrite, remoteWriteSchema } from '../../src/remote-write/index.ts';
import { type RunningServer, describeWith, temporaryFolder, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';

describeWith(['prometheus'], 'remote write to a real Prometheus', () => {
  const client = new HttpClient();
  const folder = temporaryFolder();
  const layout: SeriesLayout = {
    series: Array.from({ length: 5000 }, (_, i) => ({
      labels: Labels.of({ __name__: `rw_${i % 9}`, pod: `pod-${i}`, namespace: 'shop', text: 'ü"\\\n'.repeat(i % 40) }),
    })),
  };
  let prometheus: RunningServer;
  let remoteWrite: RemoteWrite;

  beforeAll(async () => {
    prometheus = await startPrometheus();
    const destination = remoteWriteSchema.parse({ url: `${prometheus.url}/api/v1/write`, name: 'real' });
    remoteWrite = createRemoteWrite({
      destinations: [destination],
      dataDir: folder,
      logger: createLogger({ quiet: true }),
    });
    await remoteWrite.start();
  });
  afterAll(async () => {
    await remoteWrite.stop();
    await prometheus.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(
    query: string,
    at: number,
  ): Promise<{ metric: Record<string, string>; value: [number, string]; histogram?: [number, object] }[]> {
    const answer = await client.request({
      url: `${prometheus.url}/api/v1/query?${new URLSearchParams({ query, time: String(at / 1000) }).toString()}`,
      timeout: 10_000,
    });
    return (JSON.parse(answer.body.toString()) as { data: { result: [] } }).data.result;
  }

  async function asks(query: string, at: number, expected: string): Promise<void> {
    let got = '';
    await waitFor(async () => (got = (await ask(query, at))[0]?.value[1] ?? '') === expected, 10_000);
    expect(got).toBe(expected);
  }

  function batch(at: number, value: (i: number) => number): SampleBatch {
    return {
      layout,
      values: Float64Array.from(layout.series, (_, i) => value(i)),
      timestamps: new Float64Array(5000).fill(at),
    };
  }

  test('every series arrives with its value; a stale one is gone at its time', async () => {
    const at = Date.now() - 60_000;
    await remoteWrite.write(batch(at, (i) => i));
    await asks('count({namespace="shop"})', at, '5000');
    await asks('sum({namespace="shop"})', at, '12497500');
    await asks('sum(rw_3{pod="pod-3"})', at, '3');

    const later = batch(at + 15_000, (i) => i + 1);
    markStale(wordsOf(later.values), 3);
    await remoteWrite.write(later);
    await asks('count({namespace="shop"})', at + 15_000, '4999');
    await asks('sum({namespace="shop"})', at + 15_000, String(12_497_500 + 5000 - 4));
    await asks('absent(rw_3{pod="pod-3"})', at + 15_000, '1');
  });

  test('metadata and a native histogram are understood', async () => {
    const at = Date.now() - 30_000;
    const histogram = {
      schema: 0, counterReset: 'unknown', zeroThreshold: 0.001, zeroCount: 1, count: 6, sum: 9,
      positiveSpans: [{ offset: 0, length: 2 }], positiveBuckets: [2, 3], negativeSpans: [], negativeBuckets: [], customValues: [],
    } as const; // prettier-ignore
    remoteWrite.writeMetadata([{ metric: 'rw_latency', type: 'histogram', unit: 'seconds', help: 'How long.' }]);
    const series = { labels: Labels.of({ __name__: 'rw_latency' }) };
    await remoteWrite.write({
      layout: { series: [series] },
      values: Float64Array.of(Number.NaN),
      timestamps: Float64Array.of(at),
      histograms: [histogram],
    });
    await asks('histogram_count(rw_latency)', at, '6');
    await asks('histogram_sum(rw_latency)', at, '9');
  });
});
