import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { testApi } from '../testing.ts';

const taken: number[] = [];
const ingest = [
  { path: '/api/v1/write', summary: 'Write', maxBody: 5000, handle: async (body: Buffer) => {
    taken.push(body.length);
    return { status: 204 };
  } },
]; // prettier-ignore

const sockets: net.Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  taken.length = 0;
});

async function listening(config: Record<string, unknown>) {
  const app = await testApi({ ingest }, config);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, port: Number(new URL(url).port) };
}

/** Sends the head of a write of `length` bytes, and `sent` of them. */
async function begin(port: number, length: number, sent: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  const head = `POST /api/v1/write HTTP/1.1\r\nhost: localhost\r\ncontent-type: a/b\r\ncontent-length: ${length}\r\n\r\n`;
  socket.write(head + 'x'.repeat(sent));
  return socket;
}

async function answerOf(socket: net.Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'close');
  return text;
}

const post = (port: number, body: string) => fetch(`http://127.0.0.1:${port}/api/v1/write`, { method: 'POST', body });

test('bodies that are half sent hold their bytes: beyond the bound 503 with Retry-After, until they go', async () => {
  const { app, port } = await listening({ max_body_bytes: 10_000 });
  const [first, second] = [await begin(port, 4900, 100), await begin(port, 4900, 100)];
  await vi.waitFor(async () => {
    const refused = await post(port, 'y'.repeat(4900));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  }, 5000);
  taken.length = 0;
  first.write('x'.repeat(4800));
  await once(first, 'data');
  expect((await post(port, 'y'.repeat(4000))).status).toBe(204);
  second.destroy();
  expect(taken).toEqual([4900, 4000]);
  await app.close();
});

test('a body that comes too slowly ends its connection with 408, and others go on', async () => {
  const { app, port } = await listening({ body_timeout: '100ms', max_body_bytes: 10_000 });
  const slow = await Promise.all([1, 2].map(() => begin(port, 5000, 1)));
  const answers = await Promise.all(slow.map(answerOf));
  expect(answers.map((text) => text.slice(0, 12))).toEqual(['HTTP/1.1 408', 'HTTP/1.1 408']);
  expect((await post(port, 'y'.repeat(5000))).status).toBe(204);
  await app.close();
});

test('a body without a length counts with the most that its route takes', async () => {
  const { app, port } = await listening({ max_body_bytes: 10_000 });
  const chunked = net.connect(port, '127.0.0.1');
  sockets.push(chunked);
  chunked.write('POST /api/v1/write HTTP/1.1\r\nhost: localhost\r\ncontent-type: a/b\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n');
  await begin(port, 4900, 100);
  await vi.waitFor(async () => expect((await post(port, 'y'.repeat(200))).status).toBe(503), 5000);
  for (const socket of sockets) socket.destroy();
  await app.close();
}); // prettier-ignore
