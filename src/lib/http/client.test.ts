import http from 'node:http';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { HttpClient } from './client.ts';

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

  test('a fault of TLS is its reason on one line, without the rest of OpenSSL’s', async () => {
    const url = (await serve((_, response) => void response.end())).replace('http:', 'https:');
    const error = await new HttpClient().request({ url, timeout: 5000 }).catch((thrown: unknown) => thrown);
    expect((error as Error).message).toMatch(/^https:\S+: TLS: [\w ]+ \(does the other side speak plain HTTP\?\)$/);
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
    ['to itself', '/a', /more than 10 redirects/],
    ['to nowhere', 'http://[', /redirected to "http:\/\/\["/],
  ])('a redirect %s is an explicit error', async (_, location, words) => {
    let asked = 0;
    const url = await serve((_request, response) => (asked++, response.writeHead(302, { location }).end()));
    const failed = new HttpClient().request({ url: `${url}/a`, timeout: 5000 });
    await expect(failed).rejects.toMatchObject({ reason: 'redirect', message: expect.stringMatching(words) });
    expect(asked).toBeLessThanOrEqual(11);
  });

  test('the caller can give up', async () => {
    const url = await serve(() => {});
    await expect(
      new HttpClient().request({ url, timeout: 5000, signal: AbortSignal.timeout(20) }),
    ).rejects.toMatchObject({ reason: 'aborted' });
  });

  test('the query of a URL, which may hold a token, stands in no message', async () => {
    await expect(new HttpClient().request({ url: 'http://127.0.0.1:1/x?token=geheim', timeout: 5000 })).rejects.toThrow(
      /^(?!.*geheim)http:\/\/127\.0\.0\.1:1\/x: /,
    );
  });

  test.each([301, 302, 303])(
    'a POST that is answered %d fails with the new address, and is not asked again',
    async (status) => {
      const asked: string[] = [];
      const url = await serve((request, response) => {
        asked.push(`${request.method} ${request.url}`);
        response.writeHead(status, { location: '/new?token=geheim' }).end();
      });
      const failed = new HttpClient().request({ url: `${url}/old`, method: 'POST', body: 'text', timeout: 5000 });
      await expect(failed).rejects.toMatchObject({
        reason: 'redirect',
        message: `${url}/old: answered ${status}, a redirect to ${url}/new?token=<secret> that a POST does not follow; configure that address`,
      });
      expect(asked).toEqual(['POST /old']);
    },
  );

  test.each([307, 308])('a POST that is answered %d is posted again to the new address', async (status) => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => asked.push(`${request.method} ${request.url} ${chunk.toString()}`));
      request.on('end', () =>
        request.url === '/old' ? response.writeHead(status, { location: '/new' }).end() : response.end('here'),
      );
    });
    const client = new HttpClient();
    const answer = await client.request({ url: `${url}/old`, method: 'POST', body: 'text', timeout: 5000 });
    expect([answer.body.toString(), asked]).toEqual(['here', ['POST /old text', 'POST /new text']]);
  });

  test('with follow_redirects: false a redirect is returned as it is', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/b' }).end());
    const answer = await new HttpClient({ follow_redirects: false }).request({ url, timeout: 5000 });
    expect([answer.status, answer.headers.location]).toEqual([302, '/b']);
  });
});

/** A server that answers the first request of a connection and then misbehaves on the same connection. */
async function serveThen(misbehave: (socket: Socket) => void): Promise<{ url: string; requests: () => number }> {
  let requests = 0;
  const raw = createServer((socket) => {
    let first = true;
    socket.on('error', () => undefined);
    socket.on('data', () => {
      requests++;
      if (first) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else misbehave(socket);
      first = false;
    });
  });
  sockets.push(raw);
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(raw.address() as AddressInfo).port}`, requests: () => requests };
}

const sockets: Server[] = [];
afterEach(() => {
  for (const raw of sockets.splice(0)) raw.close();
});

describe('a kept connection', () => {
  test.each([
    ['GET', undefined],
    ['POST', 'a body'],
  ])('that dies before the first byte of the response costs a %s one more try on a fresh one', async (method, body) => {
    const { url, requests } = await serveThen((socket) => socket.destroy());
    const client = new HttpClient();
    for (let i = 0; i < 4; i++) {
      const answer = await client.request({ url, method, body, timeout: 5000 });
      expect(answer.body.toString()).toBe('ok');
    }
    expect(requests()).toBe(6);
    client.close();
  });

  // Node 20's parser hands over the body that a 204 must not have, later ones take it for bytes after the response.
  test.each([
    ['a 204 has a body', 204, 'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n', /^(mo)?$/, false],
    ['a 204 has a body that comes later', 204, 'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n', /^(mo)?$/, true],
    ['a body is longer than its length', 200, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', /^ok$/, false],
    ['the rest of a body comes later', 200, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', /^ok$/, true],
  ])('on which %s costs no request', async (_, status, whole, body, isLater) => {
    const raw = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => {
        if (isLater) socket.write(whole, () => setImmediate(() => socket.write('more')));
        else socket.write(`${whole}more`);
      });
    });
    sockets.push(raw);
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(raw.address() as AddressInfo).port}`;
    const client = new HttpClient();
    for (let i = 0; i < 20; i++) {
      const answer = await client.request({ url, method: 'POST', body: 'x', timeout: 60_000 });
      expect(answer.status).toBe(status);
      expect(answer.body.toString()).toMatch(body);
      for (let turn = i % 3; turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
    }
    client.close();
  });

  test('that dies within the response is an error, and the request is not repeated', async () => {
    const { url, requests } = await serveThen((socket) => socket.end('HTTP/1.1 2'));
    const client = new HttpClient();
    await client.request({ url, timeout: 5000 });
    await expect(client.request({ url, method: 'POST', body: 'x', timeout: 5000 })).rejects.toMatchObject({
      reason: 'connection',
    });
    expect(requests()).toBe(2);
    client.close();
  });

  test('a fresh connection that dies is an error at once', async () => {
    let connections = 0;
    const raw = createServer((socket) => {
      connections++;
      socket.on('error', () => undefined);
      socket.on('data', () => socket.destroy());
    });
    sockets.push(raw);
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(raw.address() as AddressInfo).port}`;
    await expect(new HttpClient().request({ url, timeout: 5000 })).rejects.toMatchObject({ reason: 'connection' });
    expect(connections).toBe(1);
  });
});
