import { once } from 'node:events';
import { connect } from 'node:net';
import { startOwnServer } from '../../api/own-server.ts';
import { randomRequest } from '../../api/random-requests.ts';
import { Random } from '../../promql/random.ts';
import type { FuzzTarget } from '../target.ts';

const NOW = Date.now();

/** How long an answer may take, milliseconds. */
const WITHIN = 15_000;

/** The bytes of an HTTP request to the whole API. */
export const requests: FuzzTarget = {
  seeds() {
    const random = new Random(1);
    const seeds = Array.from({ length: 300 }, () => randomRequest(random, NOW - 600_000, NOW)).map((one) =>
      raw(one.method, one.path, one.form, one.headers),
    );
    const more = ['/api/v1/logs?query=error', '/api/v1/read', '/-/healthy', '/api/v1/status/config', '/api/v1/alerts', '/console', '/openapi.json', '/metrics'].map((path) => raw('GET', path)); // prettier-ignore
    return Promise.resolve([...seeds, ...more]);
  },
  words: ['GET ', 'POST ', 'OPTIONS ', 'HEAD ', ' HTTP/1.1\r\n', 'Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', 'Content-Type: application/json\r\n', 'Content-Encoding: gzip\r\n', 'Accept-Encoding: gzip\r\n', 'Range: bytes=0-\r\n', 'If-None-Match: *\r\n', 'X-Request-Id: ', 'Origin: http://x\r\n', 'Authorization: Bearer x\r\n', 'X-Scope-OrgID: x\r\n', '%00', '%ff', '%zz', '..%2f', 'match[]=', '&query=', '&start=', '&limit=', '?', '/', '//'], // prettier-ignore
  async open() {
    const server = await startOwnServer({ requests_per_minute: 0 });
    const { port } = new URL(server.url);
    return {
      async run(input) {
        const status = await send(Number(port), input);
        if (status === 500) throw new Error('answers 500');
        const health = await fetch(`${server.url}/-/healthy`);
        await health.arrayBuffer();
        if (health.status !== 200) throw new Error(`/-/healthy answers ${health.status}`);
      },
      close: () => server.stop(),
    };
  },
};

function raw(method: string, path: string, form?: string, headers: Readonly<Record<string, string>> = {}): string {
  const fields = { host: 'x', connection: 'close', ...headers, ...(form !== undefined && { 'content-length': String(Buffer.byteLength(form)) }) }; // prettier-ignore
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n${form ?? ''}`;
}

/** The status of the first answer; 0 where the connection is closed without one. */
async function send(port: number, request: Buffer): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  let late = false;
  const timer = setTimeout(() => ((late = true), socket.destroy()), WITHIN);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    if (answer.length < 64) answer += chunk.toString('latin1');
    // The head has the status; a stream of events has no end.
    if (answer.length >= 16) socket.destroy();
  });
  socket.end(request);
  await once(socket, 'close');
  clearTimeout(timer);
  if (late) throw new Error(`no answer within ${WITHIN} ms`);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}
