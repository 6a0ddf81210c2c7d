import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { HttpClient } from './http-client.ts';

let server: http.Server | undefined;
afterEach(
  () =>
    new Promise<void>((resolve) =>
      server === undefined ? resolve() : (server.closeAllConnections(), server.close(() => resolve())),
    ),
);

async function serve(handler: http.RequestListener): Promise<string> {
  server = http.createServer(handler);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('http client', () => {
  test('answers any status with its body and sends its credentials', async () => {
    const url = await serve((request, response) => response.writeHead(418).end(request.headers.authorization));
    const client = new HttpClient({ basic_auth: { username: 'a', password: 'b' } });
    const answer = await client.request({ url, timeout: 5000 });
    expect([answer.status, answer.body.toString()]).toEqual([418, 'Basic YTpi']);
  });

  test('a server that hangs is a timeout', async () => {
    const url = await serve(() => {});
    await expect(new HttpClient().request({ url, timeout: 50 })).rejects.toMatchObject({ reason: 'timeout' });
  });

  test('a server that hangs in the middle of the body is a timeout too', async () => {
    const url = await serve((_, response) => void response.write('x'));
    await expect(new HttpClient().request({ url, timeout: 50 })).rejects.toMatchObject({ reason: 'timeout' });
  });

  test('an answer past the limit is cut off', async () => {
    const url = await serve((_, response) => void response.end(Buffer.alloc(100_000)));
    await expect(new HttpClient().request({ url, timeout: 5000, maxBytes: 1000 })).rejects.toMatchObject({
      reason: 'too_large',
    });
  });

  test('nobody listening is a connection error that names the address', async () => {
    await expect(new HttpClient().request({ url: 'http://127.0.0.1:1', timeout: 5000 })).rejects.toThrow(
      /127\.0\.0\.1:1: .*ECONNREFUSED/,
    );
  });

  test('a password in the URL is used, and never told', async () => {
    const url = await serve((request, response) => response.end(request.headers.authorization));
    const answer = await new HttpClient().request({ url: url.replace('//', '//a:geheim@'), timeout: 5000 });
    expect(answer.body.toString()).toBe(`Basic ${Buffer.from('a:geheim').toString('base64')}`);
    const refused = new HttpClient().request({ url: 'http://a:geheim@127.0.0.1:1/x', timeout: 5000 });
    await expect(refused).rejects.toThrow(/^http:\/\/127\.0\.0\.1:1\/x: /);
  });

  test('a redirect within the origin is followed, one to elsewhere is refused', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
      else if (request.url === '/c') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      else response.end('here');
    });
    expect((await new HttpClient().request({ url: `${url}/a`, timeout: 5000 })).body.toString()).toBe('here');
    await expect(new HttpClient().request({ url: `${url}/c`, timeout: 5000 })).rejects.toThrow(/another origin/);
  });

  test.each([
    ['to itself', '/a', /more than 5 redirects/],
    ['to nowhere', 'http://[', /redirected to "http:\/\/\["/],
  ])('a redirect %s is an error of its own', async (_, location, words) => {
    let asked = 0;
    const url = await serve((_request, response) => (asked++, response.writeHead(302, { location }).end()));
    const failed = new HttpClient().request({ url: `${url}/a`, timeout: 5000 });
    await expect(failed).rejects.toMatchObject({ reason: 'redirect', message: expect.stringMatching(words) });
    expect(asked).toBeLessThanOrEqual(6);
  });

  test('the caller can give up', async () => {
    const url = await serve(() => {});
    await expect(
      new HttpClient().request({ url, timeout: 5000, signal: AbortSignal.timeout(20) }),
    ).rejects.toMatchObject({ reason: 'aborted' });
  });
});
