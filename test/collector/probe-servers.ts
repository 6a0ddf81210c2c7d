import { execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface ProbedServers {
  readonly http: number;
  readonly https: number;
  readonly http2: number;
  readonly tcp: number;
  readonly dns: number;
  readonly grpc: number;
  readonly silent: number;
  /** Certificate of the servers that speak TLS. */
  readonly ca: string;
  stop(): void;
}

const MODIFIED = 'Tue, 01 Dec 2026 00:00:00 GMT';

/** Servers of every kind that a probe knows, on free ports of the loopback. Needs `openssl`. */
export async function startProbedServers(folder: string): Promise<ProbedServers> {
  const [ca, key] = [join(folder, 'ca.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/C=DE/O=crowsnest/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,DNS:probed'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', ca, '-days', '30', ...subject], { stdio: 'ignore' }); // prettier-ignore
  const tls = { cert: readFileSync(ca), key: readFileSync(key) };
  const udp = dgram.createSocket('udp4').on('message', (query, { port, address }) => {
    udp.send(answerTo(query), port, address);
  });
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const servers = {
    http: http.createServer(answer),
    https: https.createServer(tls, answer),
    http2: http2.createSecureServer({ ...tls, allowHTTP1: true }, answer),
    tcp: net.createServer((socket) => socket.on('error', () => {}).end('220 mail.example ESMTP\r\n')),
    grpc: http2.createServer().on('stream', answerHealth),
    silent: net.createServer((socket) => socket.on('error', () => {})),
  };
  const ports: Record<string, number> = { dns: udp.address().port };
  for (const [name, server] of Object.entries(servers)) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports[name] = (server.address() as AddressInfo).port;
  }
  return {
    ...(ports as Record<keyof typeof servers | 'dns', number>),
    ca,
    stop() {
      udp.close();
      for (const server of Object.values(servers)) server.close();
    },
  };
}

type AnyRequest = http.IncomingMessage | http2.Http2ServerRequest;
type AnyResponse = Pick<http.ServerResponse, 'writeHead' | 'end'> | http2.Http2ServerResponse;

function answer(request: AnyRequest, response: AnyResponse): void {
  const send = (status: number, headers: Record<string, string>, body: string) => {
    (response as http.ServerResponse).writeHead(status, headers);
    (response as http.ServerResponse).end(body);
  };
  if (request.url === '/redirect') return send(302, { location: '/' }, '');
  if (request.url === '/error') return send(500, {}, 'no');
  const body = request.method === 'GET' ? 'hello world' : `${request.method} taken`;
  send(200, { 'last-modified': MODIFIED, 'content-length': String(body.length), 'x-served-by': 'probed' }, body);
}

/** The query again as a response with one A record for its name. */
function answerTo(query: Buffer): Buffer {
  const response = Buffer.from(query);
  response.writeUInt16BE(0x8180, 2);
  response.writeUInt16BE(1, 6);
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 1, 0x2c, 0, 4, 192, 0, 2, 1]);
  return Buffer.concat([response, record]);
}

/** SERVING for every service but `down`. */
function answerHealth(stream: http2.ServerHttp2Stream): void {
  const chunks: Buffer[] = [];
  stream.on('error', () => {});
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    const status = Buffer.concat(chunks).includes('down') ? 2 : 1;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, status]));
  });
}
