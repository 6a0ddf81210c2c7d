import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpClient } from '../../src/lib/http/client.ts';
import { startElasticsearch } from '../servers/elasticsearch.ts';
import { startNodeExporter } from '../servers/node-exporter.ts';
import { startOpenSearch } from '../servers/opensearch.ts';
import { type RunningServer, describeWith, temporaryFolder, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { Crowsnest, lay } from './crowsnest.ts';

const client = new HttpClient();

async function json<T>(url: string): Promise<T> {
  return JSON.parse((await client.request({ url, timeout: 10_000 })).body.toString()) as T;
}

const TEMPLATE = JSON.stringify({
  index_patterns: ['logs-*'],
  data_stream: {},
  priority: 500,
  template: { settings: { number_of_replicas: 0 } },
});

for (const [search, start] of [
  ['elasticsearch', startElasticsearch],
  ['opensearch', startOpenSearch],
] as const) {
  describeWith(
    ['prometheus', 'node_exporter', search],
    `crowsnest agent ships to a real Prometheus and a real ${search}`,
    () => {
      const folder = temporaryFolder();
      let prometheus: RunningServer;
      let searchServer: RunningServer;
      let exporter: RunningServer;
      let agent: Crowsnest;

      beforeAll(async () => {
        [prometheus, searchServer, exporter] = await Promise.all([startPrometheus(), start(), startNodeExporter()]);
        await client.request({
          url: `${searchServer.url}/_index_template/logs`,
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: TEMPLATE,
          timeout: 10_000,
        });
        lay(folder, { 'app.log': 'one\n' });
        agent = await startAgent();
      });

      afterAll(async () => {
        await agent?.kill();
        await Promise.all([prometheus?.stop(), searchServer?.stop(), exporter?.stop()]);
        rmSync(folder, { recursive: true, force: true });
      });

      function startAgent(): Promise<Crowsnest> {
        const to = ['--remote-write', `${prometheus.url}/api/v1/write`, '--elasticsearch', searchServer.url];
        return Crowsnest.start(folder, [
          'agent',
          ...to,
          '--logs',
          join(folder, '*.log'),
          '--scrape',
          `${exporter.url}/metrics`,
          '--data',
          'data',
          '--listen',
          '127.0.0.1:0',
        ]);
      }

      async function prometheusSays(query: string): Promise<string | undefined> {
        const answer = await json<{ data: { result: { value: [number, string] }[] } }>(
          `${prometheus.url}/api/v1/query?${new URLSearchParams({ query }).toString()}`,
        );
        return answer.data.result[0]?.value[1];
      }

      async function documents(message: string): Promise<Record<string, unknown>[]> {
        await client.request({ url: `${searchServer.url}/logs-*/_refresh`, method: 'POST', timeout: 10_000 });
        const query = encodeURIComponent(`message:"${message}"`);
        const answer = await json<{ hits?: { hits: { _source: Record<string, unknown> }[] } }>(
          `${searchServer.url}/logs-*/_search?size=1000&q=${query}`,
        );
        // A stream that was made this moment answers 503 until its shard has started.
        return answer.hits?.hits.map((hit) => hit._source) ?? [];
      }

      test('the node, the target and the agent itself are up in Prometheus', async () => {
        expect(await waitFor(async () => (await prometheusSays('count(up == 1)')) === '3', 40_000)).toBe(true);
        expect(Number(await prometheusSays('count(node_cpu_seconds_total{job="node-exporter"})'))).toBeGreaterThan(0);
        // The agent reads the machine as node_exporter does.
        expect(
          await prometheusSays(
            'count(node_memory_MemTotal_bytes) - count(count_values("v", node_memory_MemTotal_bytes))',
          ),
        ).toBe('1');
      });

      test('lines arrive once, with where they came from', async () => {
        appendFileSync(join(folder, 'app.log'), 'a line with "quotes", \\ and ümläut\n');
        expect(await waitFor(async () => (await documents('ümläut')).length === 1, 20_000)).toBe(true);
        const [document] = await documents('ümläut');
        expect(document).toMatchObject({ message: 'a line with "quotes", \\ and ümläut' });
        expect(JSON.stringify(document)).toContain(join(folder, 'app.log'));
      });

      test('after a kill -9 every line is there once, and samples go on', async () => {
        for (let i = 0; i < 500; i++) appendFileSync(join(folder, 'app.log'), `numbered before${i}\n`);
        await agent.kill();
        for (let i = 0; i < 300; i++) appendFileSync(join(folder, 'app.log'), `numbered after${i}\n`);
        agent = await startAgent();
        expect(await waitFor(async () => (await documents('numbered')).length >= 800, 30_000)).toBe(true);
        const messages = (await documents('numbered')).map(({ message }) => message);
        expect(messages.length).toBe(800);
        expect(new Set(messages).size).toBe(800);
        expect(await agent.stop()).toBe(0);
      });
    },
  );
}
