import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import {
  type Logs,
  createElasticsearchSink,
  createLogs,
  elasticsearchSchema,
  logsSchema,
} from '../../src/logs/index.ts';
import { startElasticsearch } from '../servers/elasticsearch.ts';
import { startOpenSearch } from '../servers/opensearch.ts';
import { type RunningServer, describeWith, waitFor } from '../servers/process.ts';

interface Found {
  readonly _source: { message: string; log: { offset: number }; '@timestamp': string };
}

/** Passes requests on, but cuts the connection instead of the first bulk's answer, after something else has happened. */
async function startLosingProxy(server: RunningServer, meanwhile: () => Promise<unknown>) {
  let lost = 0;
  const proxy = createServer((request, response) => {
    const { method, headers, url = '' } = request;
    const onward = httpRequest(server.url + url, { method, headers }, (answer) => {
      if (lost > 0 || !url.startsWith('/_bulk')) {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        return void answer.pipe(response);
      }
      lost++;
      answer.resume().on('end', () => void meanwhile().finally(() => request.socket.destroy()));
    });
    request.pipe(onward);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    lost: () => lost,
    stop() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

for (const [name, start] of [
  ['elasticsearch', startElasticsearch],
  ['opensearch', startOpenSearch],
] as const) {
  describeWith([name], `log files into ${name}`, () => {
    let server: RunningServer;
    let folder: string;
    let running: Logs[] = [];

    beforeAll(async () => {
      // Refuses items while a write is under way and another waits, which is real back-pressure with partial success.
      server = await start({ 'thread_pool.write.queue_size': '1', 'thread_pool.write.size': '1' });
      await ask('PUT', '/_index_template/logs-crowsnest', {
        index_patterns: ['logs-*-*'],
        priority: 200,
        data_stream: {},
        template: {
          mappings: {
            properties: { '@timestamp': { type: 'date' }, log: { properties: { offset: { type: 'long' } } } },
          },
        },
      });
    }, 300_000);
    afterAll(() => server.stop());
    beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'crowsnest-logs-'))));
    afterEach(async () => {
      for (const each of running.reverse()) await each.stop();
      running = [];
      rmSync(folder, { recursive: true });
    });

    async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
      const response = await fetch(server.url + path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return response.json();
    }

    async function found(stream: string): Promise<Found['_source'][]> {
      await ask('POST', `/${stream}/_refresh`);
      const answer = await ask('POST', `/${stream}/_search`, { size: 10_000, sort: [{ 'log.offset': 'asc' }] });
      return (answer as { hits: { hits: Found[] } }).hits.hits.map(({ _source: source }) => source);
    }

    async function follow(dataset: string, settings: object = {}): Promise<Logs> {
      const logger = createLogger({ quiet: true });
      const entry = elasticsearchSchema.parse({
        elasticsearch: server.url,
        dataset,
        linger: '20ms',
        retry_min: '20ms',
        ...settings,
      });
      const sink = createElasticsearchSink(entry, logger, folder);
      const logs = createLogs({
        config: logsSchema.parse({
          containers: false,
          files: [join(folder, '*.log')],
          poll_interval: '10ms',
          read_bytes: '16KiB',
        }),
        destinations: [{ ...sink, perFile: 8 }],
        dataDir: folder,
        identity: { 'orchestrator.cluster.name': 'test' },
        hostname: 'host-1',
        logger,
      });
      await logs.start();
      running.push(logs);
      return logs;
    }

    async function accepted(logs: Logs, lines: number): Promise<void> {
      expect(await waitFor(() => logs.files().reduce((sum, file) => sum + file.lines, 0) >= lines, 240_000)).toBe(true);
    }

    const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line "${from + i}"\tπ`);
    const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

    test('every line is found once, whatever back-pressure the server has for many small requests', async () => {
      const lines = numbered(0, 8000);
      writeFileSync(join(folder, 'a.log'), text(lines));
      const logs = await follow('many', { max_body: '64KB', concurrency: 16 });
      await accepted(logs, 8000);
      expect((await found('logs-many-default')).map(({ message }) => message)).toEqual(lines);
      // Most requests are refused and wait longer each time: 24 to 44 s beside other work on two cores.
    }, 300_000);

    test('after a lost checkpoint nothing is stored twice', async () => {
      writeFileSync(join(folder, 'a.log'), text(numbered(0, 100)));
      const first = await follow('again');
      await accepted(first, 100);
      await first.stop();
      rmSync(join(folder, 'logs'), { recursive: true });
      const second = await follow('again');
      await accepted(second, 100);
      expect(await found('logs-again-default')).toHaveLength(100);
    });

    test('a rollover between two batches loses and doubles nothing', async () => {
      const path = join(folder, 'a.log');
      writeFileSync(path, text(numbered(0, 100)));
      const logs = await follow('roll');
      await accepted(logs, 100);
      await ask('POST', '/logs-roll-default/_rollover');
      appendFileSync(path, text(numbered(100, 200)));
      await accepted(logs, 200);
      expect((await found('logs-roll-default')).map(({ message }) => message)).toEqual(numbered(0, 200));
    });

    test('an answer that is lost, and a rollover before the next try: nothing is stored twice', async () => {
      const rollOver = () => ask('POST', '/logs-lost-default/_rollover');
      const proxy = await startLosingProxy(server, rollOver);
      try {
        writeFileSync(join(folder, 'a.log'), text(numbered(0, 100)));
        const logs = await follow('lost', { elasticsearch: proxy.url, request_timeout: '2s' });
        await accepted(logs, 100);
        expect(proxy.lost()).toBe(1);
        expect((await found('logs-lost-default')).map(({ message }) => message)).toEqual(numbered(0, 100));
      } finally {
        proxy.stop();
      }
    });

    test('a record that the mapping refuses becomes a dead letter, and its neighbours are stored', async () => {
      await ask('PUT', '/_index_template/logs-strict', {
        index_patterns: ['logs-strict-*'],
        priority: 300,
        data_stream: {},
        template: { mappings: { properties: { '@timestamp': { type: 'date' }, message: { type: 'ip' } } } },
      });
      writeFileSync(join(folder, 'a.log'), '10.0.0.1\nno address\n10.0.0.2\n');
      const logs = await follow('strict');
      await accepted(logs, 3);
      expect((await found('logs-strict-default')).map(({ message }) => message)).toEqual(['10.0.0.1', '10.0.0.2']);
    });
  });
}
