import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpClient } from '../../src/lib/http/client.ts';
import { temporaryFolder, waitFor } from '../servers/process.ts';
import { Crowsnest, lay } from './crowsnest.ts';

const folder = temporaryFolder();
let receiver: Crowsnest;
let up: Crowsnest;

beforeAll(async () => {
  receiver = await Crowsnest.start(folder, ['server', '--data', 'receiver', '--listen', '127.0.0.1:0']);
  lay(folder, {
    'c.yaml': `
collect: {node: {enabled: false}, scrape_interval: 1s, scrape_timeout: 1s}
logs: {files: []}
ship: {metrics: [{url: '${receiver.url}/api/v1/write'}]}
alerting: {rule_files: [r.yaml]}
`,
    'r.yaml':
      'groups: [{name: g, interval: 1s, rules: [{record: "recorded:one", expr: "vector(1)"}, {alert: Always, expr: "vector(1)"}]}]\n',
  });
  up = await Crowsnest.start(folder, ['up', '--config', 'c.yaml', '--data', 'up', '--listen', '127.0.0.1:0']);
});
afterAll(async () => {
  await Promise.all([up?.kill(), receiver?.kill()]);
  rmSync(folder, { recursive: true, force: true });
});

test('`up` ships all that its store gets: scraped samples, recordings, ALERTS, metadata and what others push', async () => {
  const otlp = {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              { name: 'pushed', gauge: { dataPoints: [{ timeUnixNano: `${Date.now()}000000`, asDouble: 7 }] } },
            ],
          },
        ],
      },
    ],
  };
  await new HttpClient().request({
    url: `${up.url}/api/v1/otlp/v1/metrics`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(otlp),
    timeout: 10_000,
  });
  const series = ['up', 'recorded:one', 'ALERTS{alertname="Always"}', 'ALERTS_FOR_STATE', 'pushed'];
  for (const selector of series)
    expect([selector, await waitFor(async () => (await receiver.value(selector)) !== undefined, 30_000)]).toEqual([
      selector,
      true,
    ]);
  const metadata = await receiver.data<Record<string, unknown>>('/api/v1/metadata', { metric: 'process_open_fds' });
  expect(metadata).toMatchObject({ process_open_fds: [{ type: 'gauge' }] });
});
