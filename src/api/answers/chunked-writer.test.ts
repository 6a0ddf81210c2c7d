import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import fastify from 'fastify';
import { expect, test, vi } from 'vitest';
import { ChunkedWriter, inPieces, sendPieces } from './chunked-writer.ts';

test('text of any length and script comes out as it went in', () => {
  const parts = [
    '',
    'a',
    'ä€😀',
    'x'.repeat(70_000),
    '€'.repeat(30_000),
    'end',
    ...Array.from({ length: 9000 }, String),
  ];
  const pieces = [...inPieces(parts)];
  expect(Buffer.concat(pieces).toString()).toBe(parts.join(''));
  expect(pieces.length).toBeLessThan(10);
});

test('what is written by hand stands among texts', () => {
  const out = new ChunkedWriter();
  for (let i = 0; i < 100_000; i++) {
    out.reserve(1);
    out.piece[out.at++] = 0x78;
    if (i % 1000 === 0) out.text('-');
  }
  const text = Buffer.concat([...out.rest()]).toString();
  expect(text).toBe(`x-${`${'x'.repeat(1000)}-`.repeat(99)}${'x'.repeat(999)}`);
});

test('nothing is written ahead of a client that does not read, and nothing for one that has gone', async () => {
  const PIECES = 2000;
  let made = 0;
  let closed = false;
  function* pieces(): Generator<Buffer> {
    try {
      for (; made < PIECES; made++) yield Buffer.alloc(64 * 1024);
    } finally {
      closed = true;
    }
  }
  const app = fastify().get('/', (_, reply) => sendPieces(reply, 'text/plain', pieces()));
  const [response] = (await once(get(await app.listen({ host: '127.0.0.1', port: 0 })), 'response')) as [
    IncomingMessage,
  ];
  let before = -1;
  // The sockets' buffers fill first.
  await vi.waitFor(() => {
    const madeBefore = before;
    before = made;
    expect(made).toBe(madeBefore);
  }, 10_000);
  expect(made).toBeGreaterThan(0);
  expect(made).toBeLessThan(PIECES / 2);
  response.destroy();
  await vi.waitFor(() => expect(closed).toBe(true));
  expect(made).toBeLessThan(PIECES);
  await app.close();
});

test('others have their turn while a long answer goes to a client that takes it at once', async () => {
  let turns = 0;
  let turnsWhileWriting = 0;
  function* pieces(): Generator<Buffer> {
    const turnsBefore = turns;
    for (let i = 0; i < 50; i++) {
      const until = performance.now() + 2;
      while (performance.now() < until);
      yield Buffer.alloc(10);
    }
    turnsWhileWriting = turns - turnsBefore;
  }
  let counting = true;
  (function count() {
    turns++;
    if (counting) setImmediate(count);
  })();
  const one = fastify().get('/', (_, reply) => sendPieces(reply, 'text/plain', pieces()));
  const { payload } = await one.inject('/');
  counting = false;
  expect(payload).toHaveLength(500);
  expect(turnsWhileWriting).toBeGreaterThan(10);
});
