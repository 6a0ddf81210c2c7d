import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../lib/schema/yaml.ts';
import { serverSchema } from '../config.ts';
import { createServer } from '../server.ts';
import { NOW, engineOf, language, testApi, vector } from '../testing.ts';
import { createAuditLog } from './audit.ts';
import { hostNameOf } from '../../lib/host-name.ts';

const folder = mkdtempSync(join(tmpdir(), 'auth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => join(folder, name);
const write = (name: string, secret: string) => writeFileSync(file(name), secret);

beforeEach(() => {
  for (const name of ['one', 'two', 'three', 'maya', 'shop']) write(name, `${name}-word\n`);
});

const config = () => ({
  auth: {
    tokens: ['one', 'two', 'three'].map((name) => ({ file: file(name), access: ['read', 'write'] })),
    users: [{ username: 'maya', password_file: file('maya'), access: ['admin'] }],
  },
  tenants: [{ name: 'shop', token_file: file('shop'), matchers: ['namespace="shop"'] }],
});

const functions = { engine: engineOf(() => vector()), language, lifecycle: lifecycleOf(async () => {}) };
function lifecycleOf(reload: () => Promise<void>) {
  return { reload, status: () => ({ successful: true, loadedAt: NOW }) };
}

const QUERY = '/api/v1/query?query=up';
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('files of secrets', () => {
  test.each([
    ['emptied', () => write('one', '')],
    ['removed', () => rmSync(file('one'))],
    ['blank', () => write('one', '   \n')],
  ])('a token file that is %s refuses its own token alone', async (_, harm) => {
    const app = await testApi(functions, config());
    const ask = async (token: string) => {
      const { statusCode, body } = await app.inject({ url: QUERY, headers: bearer(token) });
      expect(body).not.toContain(folder);
      return statusCode;
    };
    expect([await ask('one-word'), await ask('two-word')]).toEqual([200, 200]);
    harm();
    expect([await ask('one-word'), await ask(''), await ask('two-word'), await ask('three-word'), await ask('shop-word')]).toEqual(
      [401, 401, 200, 200, 200],
    ); // prettier-ignore
    write('one', 'new-word');
    expect([await ask('one-word'), await ask('new-word')]).toEqual([401, 200]);
  });

  test('a file that is not there is named at the start, with its place in the configuration', async () => {
    rmSync(file('two'));
    await expect(testApi(functions, config())).rejects.toThrow(/two.*server\.auth\.tokens\[1\]\.file: no such file/);
  });

  test.each([
    ['bearer one-word', 200],
    ['BEARER   one-word', 200],
    [`basic ${Buffer.from('maya:maya-word').toString('base64')}`, 200],
    [`Basic ${Buffer.from('maya:maya-word').toString('base64').replace(/=+$/, '')}`, 200],
    [`Basic ${Buffer.from('maya').toString('base64')}`, 401],
    ['Basic', 401],
    ['Digest one-word', 401],
  ])('the header %j', async (authorization, status) => {
    const app = await testApi(functions, config());
    expect((await app.inject({ url: QUERY, headers: { authorization } })).statusCode).toBe(status);
  });
});

describe('sessions', () => {
  async function signedIn(payload: object = { username: 'maya', password: 'maya-word' }, now = () => NOW) {
    const app = await testApi({ ...functions, now }, config());
    const answer = await app.inject({ method: 'POST', url: '/-/session', payload });
    const cookie = String(answer.headers['set-cookie']);
    return { app, answer, cookie, headers: { cookie: cookie.split(';')[0] } };
  }

  test('a browser signs in with a user or a token, and out', async () => {
    const { app, answer, cookie, headers } = await signedIn();
    expect([answer.statusCode, answer.json().data]).toEqual([
      200,
      expect.objectContaining({ name: 'maya', via: 'session', signedIn: true, scoped: false }),
    ]);
    expect(cookie).toMatch(/^crowsnest_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(answer.headers['cache-control']).toBe('no-store');
    const asked = await app.inject({ url: QUERY, headers });
    expect([asked.statusCode, asked.headers['cache-control']]).toEqual([200, 'no-store']);
    const out = await app.inject({ method: 'DELETE', url: '/-/session', headers: { ...headers, 'sec-fetch-site': 'same-origin' } });
    expect([out.statusCode, out.headers['set-cookie']]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    expect((await app.inject({ url: QUERY, headers })).statusCode).toBe(401);
    expect((await signedIn({ token: 'one-word' })).answer.statusCode).toBe(200);
  }); // prettier-ignore

  test('wrong credentials open none, and cannot be guessed at any speed', async () => {
    const { app } = await signedIn();
    const guess = (i: number) =>
      app.inject({ method: 'POST', url: '/-/session', payload: { username: 'maya', password: String(i) } });
    const first = await guess(0);
    expect([first.statusCode, first.headers['set-cookie'], first.headers['www-authenticate']]).toEqual([
      401,
      undefined,
      undefined,
    ]);
    for (let i = 1; i < 60; i++) await guess(i);
    expect((await guess(60)).statusCode).toBe(429);
  });

  test.each([[{}], [[]], [{ username: 'maya' }], [{ token: 1 }], ['x'], [{ token: 'one-word', more: 1 }]])(
    'the sign-in %j is refused as malformed',
    async (payload) => {
      const app = await testApi(functions, config());
      const body = JSON.stringify(payload);
      expect((await app.inject({ method: 'POST', url: '/-/session', payload: body })).statusCode).toBe(400);
    },
  );

  test('a session ends with its password, and after twelve idle hours', async () => {
    let at = NOW;
    const { app, headers } = await signedIn(undefined, () => at);
    const ask = async () => (await app.inject({ url: QUERY, headers })).statusCode;
    at += 11 * 3_600_000;
    expect(await ask()).toBe(200);
    at += 13 * 3_600_000;
    expect(await ask()).toBe(401);
    const other = await signedIn();
    write('maya', 'another-word');
    expect((await other.app.inject({ url: QUERY, headers: other.headers })).statusCode).toBe(401);
  });

  test.each([
    [{}, 403],
    [{ origin: 'http://evil.example.com' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost:3000' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'http://localhost:80' }, 200],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
  ])('a write with a session from a page that sends %j is answered %d', async (more, status) => {
    const { app, headers } = await signedIn();
    const sent = { host: 'localhost', ...headers, ...more };
    expect((await app.inject({ method: 'POST', url: '/-/reload', headers: sent })).statusCode).toBe(status);
  });

  test('cors_origins let no page write with the session of its visitor', async () => {
    const app = await testApi(functions, { ...config(), cors_origins: ['*'] });
    const payload = { token: 'one-word' };
    const { headers } = await app.inject({ method: 'POST', url: '/-/session', payload });
    const cookie = String(headers['set-cookie']).split(';')[0];
    const origin = 'http://evil.example.com';
    expect((await app.inject({ method: 'POST', url: '/-/reload', headers: { cookie, origin } })).statusCode).toBe(403);
  });

  test('a browser is never prompted for what the console asks, and a program is challenged', async () => {
    const app = await testApi(functions, config());
    const ask = async (headers: Record<string, string>) =>
      String((await app.inject({ url: QUERY, headers })).headers['www-authenticate']).split(' ')[0];
    expect(await ask({})).toBe('Basic');
    expect(await ask({ 'user-agent': 'Mozilla/5.0', accept: '*/*' })).toBe('Bearer');
    expect(await ask({ 'sec-fetch-mode': 'cors' })).toBe('Bearer');
    expect(await ask({ 'user-agent': 'Mozilla/5.0', accept: 'text/html', 'sec-fetch-mode': 'navigate' })).toBe('Basic');
  });

  test('everybody may ask who they are; where nobody is configured nobody has to sign in', async () => {
    const ask = async (app: Awaited<ReturnType<typeof testApi>>, headers = {}) =>
      (await app.inject({ url: '/-/session', headers })).json().data;
    expect(await ask(await testApi(functions, config()))).toMatchObject({ asks: true, signedIn: false, permissions: ['open'] });
    expect(await ask(await testApi(functions, config()), bearer('shop-word'))).toMatchObject({
      name: 'tenant shop', signedIn: true, scoped: true, permissions: ['open', 'query'],
    });
    expect(await ask(await testApi(functions))).toMatchObject({ asks: false, signedIn: false, scoped: false });
  }); // prettier-ignore
});

describe('the name of this server', () => {
  test.each([
    ['LOCALHOST', 200],
    ['LocalHost:9780', 200],
    ['localhost.', 200],
    ['localhost.:9780', 200],
    ['app.localhost', 200],
    ['[::1]', 200],
    ['[::1]:9780', 200],
    ['[::FFFF:127.0.0.1]:9780', 200],
    ['10.1.2.3', 200],
    ['CrowsNest.Example.org.', 200],
    ['evil.example.com', 403],
    ['localhost.evil.example.com', 403],
    ['127.0.0.1.evil.example.com', 403],
    ['notlocalhost', 403],
    ['[::1].evil.example.com', 403],
  ])('%j is answered %d', async (host, status) => {
    const app = await testApi({}, { external_url: 'https://crowsnest.example.ORG/' });
    expect((await app.inject({ url: '/-/healthy', headers: { host } })).statusCode).toBe(status);
  });

  test('a name is compared without port, brackets, case and the dot of the root', () => {
    expect(['[::1]:80', 'A.b.:1', 'x'].map(hostNameOf)).toEqual(['::1', 'a.b', 'x']);
  });
});

test('every write of a known caller is recorded, refusals too, without secrets', async () => {
  const path = join(folder, 'data', 'audit.jsonl');
  const admin = { deleteSeries: async () => {}, snapshot: async () => 's', cleanTombstones: async () => {} };
  const app = await testApi({ ...functions, admin, audit: createAuditLog(path) }, { ...config(), admin_api: true });
  const post = (url: string, headers: Record<string, string>) => app.inject({ method: 'POST', url, headers });
  const root = { authorization: `Basic ${Buffer.from('maya:maya-word').toString('base64')}` };
  await post('/api/v1/admin/tsdb/delete_series?match[]=up&start=5&token=hidden-word', root);
  await post('/api/v1/admin/tsdb/delete_series?match[]=up{', root);
  await post('/-/reload', bearer('two-word'));
  await post('/api/v1/admin/tsdb/snapshot', bearer('shop-word'));
  await post('/-/reload', bearer('wrong'));
  await app.inject({ method: 'POST', url: '/-/session', payload: { token: 'one-word' } });
  await app.inject({ url: QUERY, headers: root });
  const text = await readFile(path, 'utf8');
  expect(text).not.toMatch(/-word/);
  const entries = text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries.map(({ principal, via, action, status, outcome }) => [principal, via, action, status, outcome])).toEqual([
    ['maya', 'basic', 'POST /api/v1/admin/tsdb/delete_series', 204, 'done'],
    ['maya', 'basic', 'POST /api/v1/admin/tsdb/delete_series', 400, 'failed'],
    ['this token', 'token', 'POST /-/reload', 200, 'done'],
    ['tenant shop', 'token', 'POST /api/v1/admin/tsdb/snapshot', 403, 'refused'],
    ['this token', 'session', 'POST /-/session', 200, 'done'],
  ]);
  expect(entries[0]).toMatchObject({ from: '127.0.0.1', time: '2026-01-02T03:04:05.000Z', parameters: { 'match[]': ['up'], start: ['5'] } });
}); // prettier-ignore

describe('a change of the configuration while the server runs', () => {
  test('tokens, tenants and limits change, and a session whose token stays goes on', async () => {
    const app = await testApi(functions, config());
    const server = createServer(app, serverSchema.parse(config()));
    const { headers } = await app.inject({ method: 'POST', url: '/-/session', payload: { token: 'two-word' } });
    const cookie = String(headers['set-cookie']).split(';')[0];
    const ask = async (given: Record<string, string>) => (await app.inject({ url: QUERY, headers: given })).statusCode;
    const next = { ...config(), tenants: [], requests_per_minute: 7 };
    next.auth.tokens = next.auth.tokens.slice(1);
    const change = await server.prepare(serverSchema.parse(next));
    expect(await ask(bearer('one-word'))).toBe(200);
    change.commit();
    expect([await ask(bearer('one-word')), await ask(bearer('shop-word')), await ask({ cookie })]).toEqual([401, 401, 200]);
    const { headers: answered } = await app.inject({ url: QUERY, headers: { cookie } });
    expect(answered['x-ratelimit-limit']).toBe('7');
  }); // prettier-ignore

  test.each([
    [{ listen: '127.0.0.1:1' }, /server\.listen: a change needs a restart/],
    [{ use_start_timestamps: true }, /server\.use_start_timestamps: a change needs a restart/],
    [{ auth: { tokens: [{ file: '/nosuch', access: ['read'] }] } }, /\/nosuch.*no such file/],
  ])('%j is refused, and nothing has changed', async (part, complaint) => {
    const app = await testApi(functions, config());
    const server = createServer(app, serverSchema.parse(config()));
    await expect(server.prepare(serverSchema.parse({ ...config(), ...part }))).rejects.toThrow(complaint);
    expect((await app.inject({ url: QUERY, headers: bearer('one-word') })).statusCode).toBe(200);
  });

  test.each(['POST', 'PUT'] as const)('%s /-/reload needs the right to write, and says what is wrong', async (method) => {
    const complaint = { file: 'crowsnest.yaml', line: 3, column: 1, path: 'collect', message: 'unknown key' };
    let faulty = false;
    const reload = async () => {
      if (faulty) throw new InputError([complaint]);
    };
    const app = await testApi({ lifecycle: lifecycleOf(reload) }, config());
    const ask = (headers: Record<string, string>) => app.inject({ method, url: '/-/reload', headers });
    expect((await ask({})).statusCode).toBe(401);
    expect((await ask(bearer('shop-word'))).statusCode).toBe(403);
    expect((await ask(bearer('one-word'))).statusCode).toBe(200);
    faulty = true;
    const refused = await ask(bearer('one-word'));
    expect([refused.statusCode, refused.body]).toEqual([500, 'failed to reload config:\ncrowsnest.yaml:3:1  collect: unknown key\n']);
    expect((await (await testApi()).inject({ method, url: '/-/reload' })).statusCode).toBe(501);
  }); // prettier-ignore
});
