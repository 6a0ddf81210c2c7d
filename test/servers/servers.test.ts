import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpClient } from '../../src/lib/http/client.ts';
import { startAlertmanager } from './alertmanager.ts';
import { startElasticsearch } from './elasticsearch.ts';
import { startNodeExporter } from './node-exporter.ts';
import { startOpenSearch } from './opensearch.ts';
import { type RunningServer, describeWith } from './process.ts';
import { startPrometheus } from './prometheus.ts';

const client = new HttpClient();

const rows = [
  ['prometheus', startPrometheus, '/api/v1/status/buildinfo', '"version":"3.15.0"'],
  ['node_exporter', startNodeExporter, '/metrics', 'node_cpu_seconds_total'],
  ['alertmanager', startAlertmanager, '/api/v2/status', '"version":"0.34.2"'],
  ['elasticsearch', startElasticsearch, '/', '"number":"9.5.3"'],
  ['opensearch', startOpenSearch, '/', '"distribution" : "opensearch"'],
] as const;

for (const [name, start, path, answer] of rows) {
  describeWith([name], name, () => {
    let server: RunningServer | undefined;
    beforeAll(async () => {
      server = await start();
    }, 300_000);
    afterAll(() => server?.stop());

    test('starts on a free port, answers, and stops', async () => {
      const page = await client.request({ url: `${server?.url}${path}`, timeout: 10_000 });
      expect(page.body.toString()).toContain(answer);
    });
  });
}
