import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CONTENT_TYPES, type Version, type WrittenSeries, encodeWrite } from '../ingest/encode-write.ts';
import { MAX_ANSWER, Victim, healthBeside } from './health-beside.ts';

const NOW = Date.now();
const MB = 1024 ** 2;

let victim: Victim;
let idle: Victim;

const post = async (path: string, body: Buffer, headers: Record<string, string>) => {
  const response = await fetch(victim.url + path, { method: 'POST', body: new Blob([new Uint8Array(body)]), headers });
  return { status: response.status, text: await response.text() };
};

const write = (version: Version, series: readonly WrittenSeries[]) =>
  post('/api/v1/write', encodeWrite(version, series), {
    'content-type': CONTENT_TYPES[version],
    'content-encoding': 'snappy',
  });

/** Samples a millisecond apart, the last one now. */
const samples = (count: number) => Array.from({ length: count }, (_, i) => [i, NOW - (count - i)] as const);

const value = async (expr: string): Promise<string | undefined> => {
  const response = await fetch(`${victim.url}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result[0]?.value[1];
};

describe('what others write, beside health checks', () => {
  beforeAll(async () => {
    [victim, idle] = await Promise.all([Victim.start(), Victim.start()]);
  }, 60_000);

  afterAll(async () => {
    await victim?.stop();
    await idle?.stop();
  });

  test.each([1, 2] as const)(
    'remote write %d: 20,000 series of one sample and one of 10,000 take linear time',
    async (version) => {
      const many = Array.from({ length: 20_000 }, (_, i) => ({
        labels: [['__name__', `many_${version}`], ['i', String(i)]], samples: [[1, NOW]],
      } as const)); // prettier-ignore
      const long = { labels: [['__name__', `long_${version}`]], samples: samples(10_000) } as const;
      const { answer, worst } = await healthBeside(victim, idle, () => write(version, [...many, long]));
      expect(answer).toEqual({ status: 204, text: '' });
      expect(worst).toBeLessThan(MAX_ANSWER);
      expect(await value(`count_over_time(long_${version}[1h])`)).toBe('10000');
      expect(await value(`count(many_${version})`)).toBe('20000');
    },
    60_000,
  );

  test('remote write: one series of 300,000 samples', async () => {
    const series = { labels: [['__name__', 'one']], samples: samples(300_000) } as const;
    const { answer, worst } = await healthBeside(victim, idle, () => write(1, [series]));
    expect(answer).toEqual({ status: 204, text: '' });
    expect(worst).toBeLessThan(MAX_ANSWER);
    expect(await value('count_over_time(one[1h])')).toBe('300000');
  }, 60_000);

  test.each([
    ['/api/v1/import/prometheus', 'text/plain', `a{b="${'\\"'.repeat(12_000_000)}"} 1\n`, 400],
    ['/api/v1/import/prometheus', 'text/plain', 'x\n'.repeat(5_000_000), 400],
    ['/api/v1/import/prometheus', 'text/plain', 'a'.repeat(40_000_000), 413],
    ['/api/v1/otlp/v1/metrics', 'application/json', `{"resourceMetrics":${'['.repeat(500_000)}${']'.repeat(500_000)}}`, 400],
    ['/api/v1/otlp/v1/metrics', 'application/x-protobuf', '\n\0'.repeat(10_000_000), 413],
  ])('%s as %s: a bomb in gzip, %.20s', async (path, type, text, status) => {
    const body = gzipSync(text);
    const headers = { 'content-type': type, 'content-encoding': 'gzip' };
    const { answer, worst, grown } = await healthBeside(victim, idle, () => post(path, body, headers));
    expect(answer.status).toBe(status);
    expect(worst).toBeLessThan(MAX_ANSWER);
    expect(grown).toBeLessThan(700 * MB);
  }, 60_000); // prettier-ignore

  test('bodies beyond what may be under way are answered 503 before they are read', async () => {
    // Eight of 30 MB fit into the 256 MB that `server.max_body_bytes` is.
    const head = `POST /api/v1/write HTTP/1.1\r\nHost: ${new URL(victim.url).host}\r\nContent-Length: ${30 * MB}\r\n\r\n`;
    const { hostname, port } = new URL(victim.url);
    const answers: string[] = [];
    const sockets = Array.from({ length: 20 }, () => {
      const socket = connect(Number(port), hostname, () => socket.write(head));
      socket.on('data', (chunk: Buffer) => answers.push(chunk.toString())).on('error', () => undefined);
      return socket;
    });
    try {
      await vi.waitFor(() => expect(answers.length).toBeGreaterThanOrEqual(12), 10_000);
      expect(answers).toHaveLength(12);
      for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: 5/i);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    // What was held for them is free again.
    await vi.waitFor(async () => {
      const { status } = await write(1, [{ labels: [['__name__', 'after']], samples: [[1, NOW]] }]);
      expect(status).toBe(204);
    }, 10_000);
  }, 60_000);
});
