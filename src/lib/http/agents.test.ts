import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { TLSSocket } from 'node:tls';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HttpClient } from './client.ts';

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const why = hasOpenssl ? '' : ' [skipped: openssl is not installed]';

describe.skipIf(!hasOpenssl)(`certificates in files${why}`, () => {
  let folder: string;
  const servers: http.Server[] = [];
  const path = (name: string) => join(folder, name);

  /** A certificate that is its own authority, for 127.0.0.1. */
  function certify(name: string): void {
    const options = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${name} -addext subjectAltName=IP:127.0.0.1`;
    const files = ['-keyout', path(`${name}.key`), '-out', path(`${name}.crt`)];
    execFileSync('openssl', [...options.split(' '), ...files], { stdio: 'ignore' });
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'crowsnest-tls-'));
    for (const name of ['one', 'two', 'client-one', 'client-two']) certify(name);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function serve(name: string, port = 0, options: https.ServerOptions = {}): Promise<number> {
    const server = https.createServer(
      { cert: readFileSync(path(`${name}.crt`)), key: readFileSync(path(`${name}.key`)), ...options },
      (request, response) => {
        const shown = (request.socket as TLSSocket).getPeerCertificate();
        response.end(`${name} ${String(shown.subject?.CN ?? '-')}`);
      },
    );
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  async function stop(): Promise<void> {
    const server = servers.pop();
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  }

  const ask = async (client: HttpClient, port: number) =>
    (await client.request({ url: `https://127.0.0.1:${port}`, timeout: 5000 })).body.toString();

  test('an authority that is replaced while the client runs is used at the next request', async () => {
    copyFileSync(path('one.crt'), path('ca.crt'));
    const client = new HttpClient({ tls_config: { ca_file: path('ca.crt'), insecure_skip_verify: false } });
    const port = await serve('one');
    expect(await ask(client, port)).toBe('one -');
    await stop();
    await serve('two', port);
    await expect(ask(client, port)).rejects.toMatchObject({ reason: 'connection' });
    copyFileSync(path('two.crt'), path('new.crt'));
    renameSync(path('new.crt'), path('ca.crt'));
    expect(await ask(client, port)).toBe('two -');
    client.close();
  });

  test('a client certificate and its key likewise; half a file leaves the pair before in use', async () => {
    const use = (name: string) => {
      copyFileSync(path(`client-${name}.crt`), path('client.crt'));
      copyFileSync(path(`client-${name}.key`), path('client.key'));
    };
    use('one');
    const client = new HttpClient({
      tls_config: {
        ca_file: path('one.crt'),
        cert_file: path('client.crt'),
        key_file: path('client.key'),
        insecure_skip_verify: false,
      },
    });
    const port = await serve('one', 0, { requestCert: true, rejectUnauthorized: false });
    expect(await ask(client, port)).toBe('one client-one');
    writeFileSync(path('client.crt'), readFileSync(path('client-two.crt')).subarray(0, 100));
    expect(await ask(client, port)).toBe('one client-one');
    copyFileSync(path('client-two.crt'), path('client.crt'));
    expect(await ask(client, port)).toBe('one client-one');
    use('two');
    expect(await ask(client, port)).toBe('one client-two');
    client.close();
  });

  test('a file that is not there is an error that names it', async () => {
    const client = new HttpClient({ tls_config: { ca_file: path('none.crt'), insecure_skip_verify: false } });
    await expect(ask(client, 1)).rejects.toThrow(path('none.crt'));
  });

  test('a redirect from http to https of the same host is followed, with the credentials', async () => {
    const port = await serve('one');
    const plain = http.createServer((_, response) =>
      response.writeHead(301, { location: `https://127.0.0.1:${port}/metrics` }).end(),
    );
    servers.push(plain);
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const client = new HttpClient({ tls_config: { ca_file: path('one.crt'), insecure_skip_verify: false } });
    const url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/metrics`;
    expect((await client.request({ url, timeout: 5000 })).body.toString()).toBe('one -');
    client.close();
  });
});
