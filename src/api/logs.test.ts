import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { LogRecord, LogSearchRequest } from '../model/log.ts';
import { NOW, testApi } from './testing.ts';

const record = (offset: number, message: string): LogRecord => ({
  timestamp: NOW + offset, nanos: 0, message, stream: '', level: '', source: 's', offset, fields: {},
}); // prettier-ignore

/** A store of lines in which the cursor is how many there were. */
function logStore(...messages: string[]) {
  const records = messages.map((message, i) => record(i, message));
  const asked: LogSearchRequest[] = [];
  return {
    asked,
    add: (message: string) => records.push(record(records.length, message)),
    search: async (request: LogSearchRequest) => {
      asked.push(request);
      const found = records.slice(request.after === undefined ? 0 : Number(request.after));
      const sorted = request.order === 'newest' ? found.toReversed() : found;
      return { records: sorted.slice(0, request.limit), cursor: String(records.length), more: false };
    },
  };
}

test('a search has an hour up to now, unless it is told otherwise', async () => {
  const logs = logStore('a', 'b');
  const app = await testApi({ searchLogs: logs.search });
  const answer = await app.inject('/api/crowsnest/v1/logs?query=level:error');
  expect(answer.json().data.records.map(({ message }: LogRecord) => message)).toEqual(['b', 'a']);
  await app.inject('/api/crowsnest/v1/logs?start=1&end=2026-01-01T00:00:00Z&limit=9&order=oldest&after=1');
  expect(logs.asked).toEqual([
    { query: 'level:error', start: NOW - 3_600_000, end: NOW, limit: 200, order: 'newest', after: undefined },
    { query: '', start: 1000, end: Date.UTC(2026, 0, 1), limit: 9, order: 'oldest', after: '1' },
  ]);
});

test.each([
  ['order=up', 'invalid parameter "order": expected newest or oldest, not "up"'],
  ['limit=some', 'invalid parameter "limit": expected a whole number, not "some"'],
  ['query=a%00b', 'invalid parameter "query": a NUL character cannot be searched for'],
  ['after=%00', 'invalid parameter "after": a NUL character cannot be searched for'],
  ['start=9&end=1', 'end timestamp must not be before start timestamp'],
])('a search with %s is refused', async (query, error) => {
  const app = await testApi({ searchLogs: logStore().search });
  const answer = await app.inject(`/api/crowsnest/v1/logs?${query}`);
  expect([answer.statusCode, answer.json().error]).toEqual([400, error]);
});

test('a faulty query is the caller’s, and a broken store is not', async () => {
  const failing = async (error: Error) => {
    const app = await testApi({
      searchLogs: async () => {
        throw error;
      },
    });
    const answer = await app.inject('/api/crowsnest/v1/logs?query=(');
    return [answer.statusCode, answer.json().errorType];
  };
  expect(await failing(Object.assign(new Error('expected )'), { kind: 'bad_data' }))).toEqual([400, 'bad_data']);
  expect(await failing(new Error('disk gone'))).toEqual([500, 'internal']);
});

test('a live tail sends what is there, then what comes, and ends with the server', async () => {
  const logs = logStore('first', 'second');
  const app = await testApi({ searchLogs: logs.search, now: Date.now }, { live_tails: 1 });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const response = await fetch(`${url}/api/crowsnest/v1/logs/tail?query=x`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const next = async () =>
    JSON.parse(
      Buffer.from((await reader.read()).value ?? [])
        .toString()
        .replace('data: ', ''),
    );
  const messages = ({ records }: { records: LogRecord[] }) => records.map(({ message }) => message);

  expect(messages(await next())).toEqual(['first', 'second']);
  logs.add('third');
  expect(messages(await next())).toEqual(['third']);

  const refused = await fetch(`${url}/api/crowsnest/v1/logs/tail`);
  expect(refused.status).toBe(429);
  await app.close();
  expect((await reader.read()).done).toBe(true);
});

test("a tenant's live tail asks within its matchers, and ends with the server", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crowsnest-tail-'));
  await writeFile(join(folder, 'token'), 'shop-word');
  const logs = logStore('first');
  const tenant = {
    name: 'shop',
    token_file: join(folder, 'token'),
    matchers: ['namespace="shop"'],
    log_matchers: ['kubernetes.namespace="shop"'],
  };
  const app = await testApi({ searchLogs: logs.search, now: Date.now }, { tenants: [tenant] });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const headers = { authorization: 'Bearer shop-word' };
  const response = await fetch(`${url}/api/crowsnest/v1/logs/tail?query=x`, { headers });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  expect(Buffer.from((await reader.read()).value ?? []).toString()).toContain('first');
  expect(logs.asked[0].sources).toEqual([{ name: 'kubernetes.namespace', op: '=', value: 'shop' }]);
  await app.close();
  expect((await reader.read()).done).toBe(true);
  await rm(folder, { recursive: true });
});

test('a tail that nobody reads any more asks no more', async () => {
  const logs = logStore();
  const app = await testApi({ searchLogs: logs.search, now: Date.now }, { live_tails: 1 });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = new AbortController();
  await fetch(`${url}/api/crowsnest/v1/logs/tail`, { signal: client.signal });
  client.abort();
  // The one place is free again.
  await vi.waitFor(async () => {
    const second = new AbortController();
    const response = await fetch(`${url}/api/crowsnest/v1/logs/tail`, { signal: second.signal });
    second.abort();
    expect(response.status).toBe(200);
  });
  await app.close();
});

test('alerts, notifications, playbooks and history are served as they are given', async () => {
  const asked: unknown[] = [];
  const app = await testApi({
    notifications: async (limit) => {
      asked.push(limit);
      return [];
    },
    deliveries: async () => [],
    alerts: () => [],
    logFiles: () => [],
    alertEvents: async (query) => {
      asked.push(query);
      return [];
    },
    playbook: async (name) => (name === 'Down' ? { name, html: '<p>up again</p>' } : undefined),
  });
  const ask = async (path: string) => (await app.inject(`/api/crowsnest/v1/${path}`)).json();
  for (const path of ['notifications?limit=7', 'deliveries', 'alerts', 'logs/files', 'alerts/events?fingerprint=ab'])
    expect(await ask(path)).toEqual({ status: 'success', data: [] });
  expect(asked).toEqual([7, { start: NOW - 86_400_000, end: NOW, alertname: '', fingerprint: 'ab', limit: 200 }]);
  expect((await ask('playbooks/Down')).data).toEqual({ name: 'Down', html: '<p>up again</p>' });
  expect(await ask('playbooks/Nosuch')).toMatchObject({ errorType: 'not_found', error: 'no playbook "Nosuch"' });
  expect(await ask('status')).toMatchObject({ errorType: 'unavailable' });
});
