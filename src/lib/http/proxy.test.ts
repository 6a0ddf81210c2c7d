import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HttpClient } from './client.ts';

const servers: http.Server[] = [];

async function listen(server: http.Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

test('a plain server is asked through the proxy, which gets the whole address and the credentials', async () => {
  const seen: unknown[] = [];
  const proxy = await listen(
    http.createServer((request, response) => {
      seen.push([request.method, request.url, request.headers.host, request.headers['proxy-authorization']]);
      request.resume().on('end', () => response.end('by the proxy'));
    }),
  );
  const client = new HttpClient({}, undefined, `http://me:pass%20word@127.0.0.1:${proxy}`);
  const { body } = await client.request({ url: 'http://target.test:81/path?q=1', method: 'POST', body: 'x', timeout: 10_000 });
  expect(body.toString()).toBe('by the proxy');
  expect(seen).toEqual([['POST', 'http://target.test:81/path?q=1', 'target.test:81', `Basic ${Buffer.from('me:pass word').toString('base64')}`]]);
  client.close();
}); // prettier-ignore

test('a TLS server is reached through a tunnel', async () => {
  const hosts: string[] = [];
  const bytes: Buffer[] = [];
  const server = http.createServer();
  server.on('connect', ({ url = '' }: http.IncomingMessage, socket: Socket) => {
    hosts.push(url);
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    // No TLS server stands behind it: its first bytes are a client hello, then the tunnel ends.
    socket.once('data', (chunk: Buffer) => {
      bytes.push(chunk);
      socket.destroy();
    });
  });
  const client = new HttpClient({}, undefined, `http://127.0.0.1:${await listen(server)}`);
  await expect(client.request({ url: 'https://target.test/', timeout: 10_000 })).rejects.toThrow('target.test');
  expect(new Set(hosts)).toEqual(new Set(['target.test:443']));
  // A TLS record of the handshake.
  expect(bytes[0][0]).toBe(0x16);
  client.close();
});

test('a proxy that refuses the tunnel, or is not there, is named', async () => {
  const server = http.createServer();
  server.on('connect', (_: http.IncomingMessage, socket: Socket) => {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
  });
  const refusing = new HttpClient({}, undefined, `http://127.0.0.1:${await listen(server)}`);
  const url = 'https://target.test/';
  await expect(refusing.request({ url, timeout: 10_000 })).rejects.toThrow('the proxy answered 407 to CONNECT');
  const absent = new HttpClient({}, undefined, 'http://127.0.0.1:1');
  await expect(absent.request({ url, timeout: 10_000 })).rejects.toThrow('the proxy cannot be reached');
  for (const address of [url, 'http://target.test/']) {
    const nonsense = new HttpClient({}, undefined, 'secret');
    const failure = await nonsense.request({ url: address, timeout: 10_000 }).catch((error: unknown) => String(error));
    expect(failure).toContain('the proxy is not named by a URL');
    expect(failure).not.toContain('secret');
  }
});
