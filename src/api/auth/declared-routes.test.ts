import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testApi } from '../testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'routes-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>crowsnest</title>');
writeFileSync(join(folder, 'assets', 'index-BxT2kQ9a.js'), '1');
writeFileSync(join(folder, 'secret'), 'word');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ingest = [{ path: '/api/v1/write', summary: 'Remote write', maxBody: 9, handle: async () => ({ status: 204 }) }];

/** All that is served without credentials. */
const OPEN = [
  '/', '/-/healthy', '/-/ready', '/-/session', '/alerts', '/alerts/*', '/assets/*', '/explore', '/graph', '/icon.svg', '/logs', '/playbooks/*', '/query',
  '/rules', '/sources', '/targets',
]; // prettier-ignore

const INGEST = ['/api/v1/write', '/api/v1/otlp/v1/metrics', '/api/v1/import/prometheus'];

test.each([
  ['with a store', {}],
  ['before another server', { upstream: { url: 'http://127.0.0.1:1' } }],
])('each route of a server %s declares its permission, is closed to strangers, and is recorded where it writes', async (_, more) => {
  const auth = { tokens: [{ file: join(folder, 'secret'), access: ['read'] }] };
  const app = await testApi({ ingest, consoleFolder: folder }, { ...more, auth });
  const routes = app.declaredRoutes;
  expect(routes.length).toBeGreaterThan(60);
  const open = routes.filter(({ permission }) => permission === 'open').map(({ url }) => url);
  expect([...new Set(open)].filter((url) => !OPEN.includes(url))).toEqual([]);
  for (const { method, url, permission } of routes) {
    const path = url.replace(/:\w+/g, 'x').replace('*', 'x');
    const { statusCode } = await app.inject({ method: method as 'GET', url: path });
    expect([method, url, statusCode === 401]).toEqual([method, url, permission !== 'open']);
  }
  const writes = routes.filter(({ permission }) => permission === 'write' || permission === 'admin');
  expect(writes.filter(({ url, audited }) => !audited && !INGEST.includes(url))).toEqual([]);
}); // prettier-ignore

test('a route without a permission is not registered', async () => {
  const app = await testApi();
  expect(() => app.get('/new', () => 'x')).toThrow('BUG: the route GET /new declares no permission');
});

test('what is behind credentials is not stored, a hashed file for good, all else asked for again', async () => {
  const auth = { tokens: [{ file: join(folder, 'secret'), access: ['read'] }] };
  writeFileSync(join(folder, 'icon.svg'), '<svg/>');
  writeFileSync(join(folder, 'assets', 'plain.js'), '1');
  const app = await testApi({ consoleFolder: folder, flags: () => ({}) }, { auth });
  const ask = async (url: string) =>
    (await app.inject({ url, headers: { authorization: 'Bearer word' } })).headers['cache-control'];
  expect(await ask('/api/v1/status/flags')).toBe('no-store');
  expect(await ask('/assets/index-BxT2kQ9a.js')).toBe('public, max-age=31536000, immutable');
  expect(await ask('/assets/plain.js')).toBe('no-cache');
  expect(await ask('/icon.svg')).toBe('public, max-age=86400');
  expect(await ask('/')).toBe('no-cache');
});

test('an unknown path is a page for a browser and JSON for a program', async () => {
  const ask = async (consoleFolder: string | undefined, url: string, accept: string) => {
    const { statusCode, headers } = await (await testApi({ consoleFolder })).inject({ url, headers: { accept } });
    return [statusCode, String(headers['content-type']).split(';')[0]];
  };
  for (const built of [folder, undefined]) {
    expect(await ask(built, '/nope', 'text/html,*/*')).toEqual([404, 'text/html']);
    expect(await ask(built, '/nope', '*/*')).toEqual([404, 'application/json']);
    expect(await ask(built, '/api/v1/nope', 'text/html')).toEqual([404, 'application/json']);
  }
});
