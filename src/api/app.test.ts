import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServer, splitAddress } from './server.ts';
import { serverSchema } from './config.ts';
import { engineOf, language, testApi, vector } from './testing.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-'));
  await Promise.all([
    writeFile(join(folder, 'reader'), 'r-secret\n'),
    writeFile(join(folder, 'writer'), 'w-secret\n'),
    writeFile(join(folder, 'password'), 'p-secret\n'),
  ]);
});
afterAll(() => rm(folder, { recursive: true }));

const ingest = [
  { path: '/api/v1/write', summary: 'Remote write', maxBody: 1000, handle: async (body: Buffer) => ({ status: 204, headers: { 'x-length': String(body.length) } }) },
]; // prettier-ignore

test.each([
  ['/-/healthy', 200, 'crowsnest is healthy.\n'],
  ['/-/ready', 503, 'crowsnest is not ready: the store is loading\n'],
  ['/metrics', 200, 'up 1\n'],
])('%s answers %d', async (url, status, body) => {
  const app = await testApi({
    ready: () => ({ ready: false, why: 'the store is loading' }),
    selfMetrics: async () => 'up 1\n',
  });
  const answer = await app.inject(url);
  expect([answer.statusCode, answer.body]).toEqual([status, body]);
});

test('a wrong method is 405, an unknown page 404', async () => {
  const app = await testApi();
  const wrong = await app.inject({ method: 'POST', url: '/api/v1/label/job/values' });
  expect(wrong.statusCode).toBe(405);
  expect(wrong.headers.allow).toBe('GET, HEAD');
  expect((await app.inject('/api/v1/nosuch')).statusCode).toBe(404);
});

test('a long query may stand in a URL', async () => {
  const app = await testApi({ language });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const response = await fetch(`${address}/api/v1/format_query?query=${'a'.repeat(100_000)}`);
  expect(response.status).toBe(200);
  await response.text();
  await app.close();
});

test('an id of the caller is kept, a wild one is not', async () => {
  const app = await testApi();
  const ask = async (id: string) =>
    (await app.inject({ url: '/-/healthy', headers: { 'x-request-id': id } })).headers['x-request-id'];
  expect(await ask('abc-123')).toBe('abc-123');
  expect(await ask('a b<script>')).toMatch(/^[0-9a-f-]{36}$/);
});

test('no page may run what this server did not send', async () => {
  const app = await testApi();
  const policy = String((await app.inject('/-/healthy')).headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toMatch(/script-src 'self'(;|$)/);
});

test('ingest hands over the body as it came, and not more than it may be', async () => {
  const app = await testApi({ ingest });
  const post = (payload: Buffer) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/write',
      headers: { 'content-type': 'application/x-protobuf' },
      payload,
    });
  const taken = await post(Buffer.alloc(10));
  expect([taken.statusCode, taken.headers['x-length']]).toEqual([204, '10']);
  expect((await post(Buffer.alloc(2000))).statusCode).toBe(413);
});

test('a store that cannot write now asks the sender to come again', async () => {
  const handle = async () => {
    throw Object.assign(new Error('/data: no space left on the disk'), { reason: 'disk_full' });
  };
  const app = await testApi({ ingest: [{ ...ingest[0], handle }] });
  const answer = await app.inject({ method: 'POST', url: '/api/v1/write' });
  expect([answer.statusCode, answer.json().error, answer.headers['retry-after']]).toEqual([
    503,
    'no space left on the disk of the store',
    '5',
  ]);
});

const auth = () => ({
  auth: {
    tokens: [
      { file: join(folder, 'reader'), access: ['read'] },
      { file: join(folder, 'writer'), access: ['write'] },
    ],
    users: [{ username: 'root', password_file: join(folder, 'password'), access: ['admin'] }],
  },
});

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test.each([
  ['nobody', '', 401, 401],
  ['a wrong token', 'Bearer x', 401, 401],
  ['a reader', 'Bearer r-secret', 200, 403],
  ['a writer', 'Bearer w-secret', 403, 204],
  ['an admin', basic('root:p-secret'), 200, 204],
  ['an admin with a wrong password', basic('root:x'), 401, 401],
])('%s', async (_, authorization, read, write) => {
  const app = await testApi({ ingest, engine: engineOf(() => vector()) }, auth());
  const headers = authorization === '' ? {} : { authorization };
  expect((await app.inject({ url: '/api/v1/query?query=up', headers })).statusCode).toBe(read);
  expect((await app.inject({ method: 'POST', url: '/api/v1/write', headers })).statusCode).toBe(write);
  expect((await app.inject('/-/healthy')).statusCode).toBe(200);
});

test('credentials cannot be guessed at any speed, and the right ones go on', async () => {
  const app = await testApi({ engine: engineOf(() => vector()) }, auth());
  const ask = async (authorization: string) => {
    const answer = await app.inject({ url: '/api/v1/query?query=up', headers: { authorization } });
    return [answer.statusCode, answer.headers['retry-after']];
  };
  const answers = [];
  for (let i = 0; i < 62; i++) answers.push(await ask(`Bearer ${i}`));
  expect(answers.map(([status]) => status)).toEqual([...Array<number>(60).fill(401), 429, 429]);
  expect(answers.at(-1)?.[1]).toBe('60');
  expect(await ask('Bearer r-secret')).toEqual([200, undefined]);
});

test('a name that is made to point here gets nothing', async () => {
  const app = await testApi({}, { external_url: 'https://crowsnest.example.org/' });
  const ask = async (host: string) => (await app.inject({ url: '/-/healthy', headers: { host } })).statusCode;
  expect(await ask('evil.example.com')).toBe(403);
  expect(await ask('127.0.0.1:9780')).toBe(200);
  expect(await ask('localhost:9780')).toBe(200);
  expect(await ask('[::1]:9780')).toBe(200);
  expect(await ask('crowsnest.example.org')).toBe(200);
});

test('pages of other origins may read where the configuration says so, and else change nothing', async () => {
  const app = await testApi({ ingest }, { cors_origins: ['https://grafana.example.org'] });
  const allowed = await app.inject({ url: '/-/healthy', headers: { origin: 'https://grafana.example.org' } });
  expect(allowed.headers['access-control-allow-origin']).toBe('https://grafana.example.org');
  // A cache must not give one origin's answer to another.
  expect(allowed.headers.vary).toBe('Accept-Encoding, Origin');
  const preflight = await app.inject({
    method: 'OPTIONS',
    url: '/api/v1/query',
    headers: { origin: 'https://grafana.example.org' },
  });
  expect(preflight.statusCode).toBe(204);
  const foreign = await app.inject({ method: 'POST', url: '/api/v1/write', headers: { origin: 'https://evil.example.com' } });
  expect(foreign.statusCode).toBe(403);
  expect(foreign.headers).not.toHaveProperty('access-control-allow-origin');
}); // prettier-ignore

test('one address may not ask without end, but probes go on', async () => {
  const app = await testApi({ language }, { requests_per_minute: 2 });
  const ask = async (url: string) => (await app.inject(url)).statusCode;
  const url = '/api/v1/format_query?query=up';
  expect([await ask(url), await ask(url), await ask(url), await ask('/-/healthy')]).toEqual([200, 200, 429, 200]);
});

test('a Grafana that asks for many people from one address is not held up', async () => {
  const { headers } = await (await testApi({ language })).inject('/api/v1/format_query?query=up');
  expect(headers).toMatchObject({ 'x-ratelimit-limit': '60000', 'x-ratelimit-remaining': '59999' });
});

test('the API describes itself', async () => {
  const app = await testApi();
  const description = (await app.inject('/api/v1/openapi.json')).json();
  expect(description.openapi).toBe('3.1.0');
  expect(description.paths['/api/v1/query'].get.parameters.map(({ name }: { name: string }) => name)).toContain(
    'query',
  );
  expect(description.paths).toHaveProperty('/api/v1/label/{name}/values');
});

test('the description says who may ask', async () => {
  const headers = { authorization: 'Bearer r-secret' };
  const described = async (config: Record<string, unknown>) =>
    (await (await testApi({}, config)).inject({ url: '/api/v1/openapi.json', headers })).json();
  expect(await described({})).not.toHaveProperty('security');
  const { security, components, paths } = await described(auth());
  expect(security).toEqual([{ token: [] }, { user: [] }]);
  expect(components.securitySchemes.user).toEqual({ type: 'http', scheme: 'basic' });
  expect(paths['/-/healthy'].get.security).toEqual([]);
});

test.each([
  ['by the embedded store', {}],
  ['by another server', { upstream: { url: 'http://127.0.0.1:1' } }],
])('every route that is served %s is described, and no other', async (_, config) => {
  const app = await testApi({ ingest }, config);
  const served = routesOf(app.printRoutes({ commonPrefix: false })).filter(([url]) => !HIDDEN.has(url));
  const { paths } = (await app.inject('/api/v1/openapi.json')).json() as { paths: Record<string, object> };
  const described = Object.entries(paths).flatMap(([url, methods]) =>
    Object.entries(methods).map(([method, { summary }]: [string, { summary?: string }]) => {
      expect(summary, url).toMatch(/^[A-Z]/);
      return [url, method.toUpperCase()];
    }),
  );
  expect(described.length).toBeGreaterThan(40);
  expect(described.map(String).toSorted()).toEqual(served.map(String).toSorted());
});

/** The description itself, the console, and what only says that it is not taken here. */
const HIDDEN = new Set(['/', '/api/v1/openapi.json', '/api/v1/otlp/v1/metrics', '/api/v1/import/prometheus']);

/** Of the tree that Fastify prints; HEAD comes with each GET. */
function routesOf(tree: string): [url: string, method: string][] {
  const parents: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const found = /^(.*?── )(\S+)(?: \((.*)\))?$/.exec(line);
    if (found === null) return [];
    const [, indent, part, methods = ''] = found;
    const depth = indent.length / 4 - 1;
    const url = (parents[depth - 1] ?? '') + part;
    parents[depth] = url;
    const plain = url.replace(/:(\w+)/g, '{$1}');
    return methods
      .split(', ')
      .filter((method) => method !== 'HEAD' && method !== '')
      .map((method): [string, string] => [plain, method]);
  });
}

test.each([
  ['127.0.0.1:9780', '127.0.0.1', 9780],
  ['[::1]:80', '::1', 80],
  [':80', '0.0.0.0', 80],
])('%s', (listen, host, port) => {
  expect(splitAddress(listen)).toEqual({ host, port });
});

test('a server without auth does not listen to other machines', async () => {
  const config = serverSchema.parse({ listen: '0.0.0.0:0' });
  const server = createServer(await testApi(), config);
  await expect(async () => server.start()).rejects.toThrow(/open to other machines/);
  const open = createServer(await testApi(), { ...config, insecure: true });
  await open.start();
  await open.stop();
});

test('a stop lets the request under way finish and does not wait for an idle client', async () => {
  let release: () => void = () => {};
  const entered = new Promise<void>((enter) => {
    release = enter;
  });
  let finish: () => void = () => {};
  const held = new Promise<void>((resolve) => (finish = resolve));
  const engine = engineOf(async () => {
    release();
    await held;
    return vector();
  });
  const config = serverSchema.parse({ listen: '127.0.0.1:0' });
  const server = createServer(await testApi({ engine }), config);
  await server.start();
  const answer = fetch(`${server.url}/api/v1/query?query=up`);
  await entered;
  const stopped = server.stop();
  finish();
  const response = await answer;
  expect(response.status).toBe(200);
  expect(response.headers.get('connection')).toBe('close');
  await response.text();
  await stopped;
});
