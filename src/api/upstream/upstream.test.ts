import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { language, testApi } from '../testing.ts';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** A server behind that answers as the test at hand says, and keeps what it was asked. */
const asked: Asked[] = [];
let respond: http.RequestListener = (_, response) => response.end();
const behind = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    asked.push({ method: request.method ?? '', url: request.url ?? '', body: Buffer.concat(chunks).toString() });
    respond(request, response);
  });
});
let url = '';

beforeAll(async () => {
  behind.listen(0, '127.0.0.1');
  await once(behind, 'listening');
  url = `http://127.0.0.1:${(behind.address() as AddressInfo).port}/prometheus/`;
});
afterAll(() => {
  behind.closeAllConnections();
  behind.close();
});

function answering(status: number, body: string, type = 'application/json'): void {
  asked.length = 0;
  respond = (_, response) => response.writeHead(status, { 'content-type': type }).end(body);
}

const api = (upstream: object = {}) => testApi({ language }, { upstream: { url, ...upstream } });

/** As the tenant shop sees it. */
async function tenantApi(upstream: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'upstream-'));
  writeFileSync(join(folder, 'shop'), 'shop-word');
  const tenants = [{ name: 'shop', token_file: join(folder, 'shop'), matchers: ['namespace="shop"'] }];
  const app = await testApi({ language }, { tenants, upstream: { url, ...upstream } });
  app.addHook('onClose', async () => rmSync(folder, { recursive: true }));
  return { inject: (path: string) => app.inject({ url: path, headers: { authorization: 'Bearer shop-word' } }) };
}

test.each([
  ['/api/v1/query?query=up&time=1', 'POST', '/prometheus/api/v1/query', 'query=up&time=1'],
  ['/api/v1/query_range?query=a%2Bb&dedup=true', 'POST', '/prometheus/api/v1/query_range', 'query=a%2Bb&dedup=true'],
  ['/api/v1/labels', 'POST', '/prometheus/api/v1/labels', ''],
  ['/api/v1/label/a.b%2Fc/values?limit=1', 'GET', '/prometheus/api/v1/label/a.b%2Fc/values?limit=1', ''],
  ['/api/v1/metadata?metric=up', 'GET', '/prometheus/api/v1/metadata?metric=up', ''],
  ['/api/v1/rules?type=alert', 'GET', '/prometheus/api/v1/rules?type=alert', ''],
])('%s is passed on and the answer comes back as it is', async (path, method, to, body) => {
  answering(200, '{"status":"success","data":[1.50]}');
  const answer = await (await api()).inject(path);
  expect([answer.statusCode, answer.body]).toEqual([200, '{"status":"success","data":[1.50]}']);
  expect(asked).toEqual([{ method, url: to, body }]);
});

test.each([
  [400, '{"status":"error","errorType":"bad_data","error":"parse error"}', 400, 'parse error'],
  [401, 'who are you', 502, 'the server behind refused this server (401)'],
  [403, '', 502, 'the server behind refused this server (403)'],
])('an answer %d of the server behind', async (status, body, expected, words) => {
  answering(status, body);
  const answer = await (await api()).inject('/api/v1/query?query=up');
  expect([answer.statusCode, answer.json().error]).toEqual([expected, words]);
});

test('a page of HTML does not become one here', async () => {
  answering(502, '<script>alert(1)</script>', 'text/html');
  const answer = await (await api()).inject('/api/v1/query?query=up');
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
});

test('an answer that is too late, or none', async () => {
  respond = () => {};
  const late = await (await api({ timeout: '50ms' })).inject('/api/v1/query?query=up');
  expect([late.statusCode, late.json().errorType]).toEqual([503, 'timeout']);
  const gone = await (await api({ url: 'http://127.0.0.1:1' })).inject('/api/v1/query?query=up');
  expect([gone.statusCode, gone.json().error]).toEqual([502, 'the server behind cannot be reached']);
});

test('a long answer is passed on as it comes', async () => {
  const piece = 'x'.repeat(1 << 20);
  const app = await api({ max_answer: '1KB' });
  let more: () => void = () => {};
  respond = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write(piece);
    more = () => response.end(piece);
  };
  const answer = await app.inject({ url: '/api/v1/query?query=up', payloadAsStream: true });
  let size = 0;
  for await (const chunk of answer.stream()) {
    size += (chunk as Buffer).length;
    if (size === piece.length) more();
  }
  expect(size).toBe(2 * piece.length);
});

test('what is filtered for a tenant has a bound', async () => {
  const app = await tenantApi({ max_answer: '1KB' });
  const alerts = [{ labels: { namespace: 'shop' } }, { labels: { namespace: 'bank' } }];
  answering(200, JSON.stringify({ status: 'success', data: { alerts } }));
  expect((await app.inject('/api/v1/alerts')).json().data).toEqual({ alerts: alerts.slice(0, 1) });
  answering(200, JSON.stringify('x'.repeat(5000)));
  const tooLong = await app.inject('/api/v1/alerts');
  expect([tooLong.statusCode, tooLong.json().error]).toEqual([
    422,
    'the answer is longer than server.upstream.max_answer',
  ]);
  answering(200, 'no JSON');
  const garbage = await app.inject('/api/v1/alerts');
  expect([garbage.statusCode, garbage.json().error]).toEqual([502, 'the server behind answered 200']);
});

test('of rules a tenant sees its own, and those of others with none but its alerts', async () => {
  const app = await tenantApi();
  const [own, other] = [{ labels: { namespace: 'shop' } }, { labels: { namespace: 'bank' } }];
  const groups = [
    {
      name: 'one',
      rules: [
        { name: 'a', ...own },
        { name: 'b', labels: {}, alerts: [own, other] },
      ],
    },
    { name: 'two', rules: [{ name: 'c', ...other, alerts: [other] }] },
  ];
  answering(200, JSON.stringify({ status: 'success', data: { groups } }));
  expect((await app.inject('/api/v1/rules')).json().data).toEqual({
    groups: [
      {
        name: 'one',
        rules: [
          { name: 'a', ...own },
          { name: 'b', labels: {}, alerts: [own] },
        ],
      },
    ],
  });
});

test.each(['.', '..'])('a label named %j leads nowhere else', async (name) => {
  answering(200, '{}');
  const escaped = name.replaceAll('.', '_2e_');
  const answer = await (await api()).inject(`/api/v1/label/U__${escaped}/values`);
  expect([answer.statusCode, asked]).toEqual([400, []]);
});

test.each([429, 503])('a %d of the server behind keeps its Retry-After', async (status) => {
  respond = (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '17' }).end('{"status":"error"}');
  const passed = await (await api()).inject('/api/v1/query?query=up');
  const filtered = await (await tenantApi()).inject('/api/v1/rules');
  for (const { statusCode, headers } of [passed, filtered])
    expect([statusCode, headers['retry-after']]).toEqual([status, '17']);
});

test('a redirect to another address is said as one', async () => {
  respond = (_, response) => response.writeHead(302, { location: 'http://inner.example:9090/login' }).end();
  for (const config of [{}, { http_config: { follow_redirects: false } }]) {
    const answer = await (await api(config)).inject('/api/v1/query?query=up');
    expect([answer.statusCode, answer.json().error]).toEqual([502, expect.stringContaining('redirects elsewhere')]);
    expect(answer.body).not.toContain('inner.example');
  }
});

test.each([
  ['rules', '{"status":"success","data":{}}', { groups: [] }],
  ['rules', '{"status":"success","data":{"groups":null}}', { groups: [] }],
  ['rules', '{"status":"success","data":{"groups":[{"name":"g"}]}}', { groups: [] }],
  ['rules', '{"status":"success","data":null}', { groups: [] }],
  ['rules', '{"status":"success"}', { groups: [] }],
  ['alerts', '{"status":"success","data":{"alerts":null}}', { alerts: [] }],
  ['alerts', '{"status":"success","data":{"alerts":[{}]}}', { alerts: [] }],
  ['metadata', '{"status":"success","data":null}', {}],
])('/%s of a tenant is empty where the server behind answers %s', async (path, body, data) => {
  answering(200, body);
  expect((await (await tenantApi()).inject(`/api/v1/${path}`)).json()).toEqual({ status: 'success', data });
});

test.each([
  ['rules', '{"status":"success","data":{"groups":7}}'],
  ['rules', '{"status":"success","data":{"groups":[{"rules":[{"labels":[]}]}]}}'],
  ['rules', '[]'],
  ['alerts', '{"status":"success","data":{"alerts":[null]}}'],
  ['alerts', '"text"'],
  ['metadata', '{"status":"success","data":[1]}'],
  ['rules', '['.repeat(100_000)],
])('/%s of a tenant is 502 where the server behind answers in another form', async (path, body) => {
  answering(200, body);
  expect((await (await tenantApi()).inject(`/api/v1/${path}`)).statusCode).toBe(502);
});
