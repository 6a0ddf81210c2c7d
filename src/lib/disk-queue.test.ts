import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DiskQueue, type QueueTicket } from './disk-queue.ts';

let folder: string;
let opened: DiskQueue[];
let dropped: [entries: number, items: number, reason: string][];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crowsnest-queue-'));
  dropped = [];
  opened = [];
});
afterEach(async () => {
  for (const queue of opened) await queue.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(
  options: { maxBytes?: number; segmentBytes?: number; memoryBytes?: number } = {},
): Promise<DiskQueue> {
  const queue = await DiskQueue.open({
    folder,
    maxBytes: 1 << 20,
    onDropped: (...drop) => void dropped.push(drop),
    ...options,
  });
  opened.push(queue);
  return queue;
}

async function put(queue: DiskQueue, ...texts: string[]): Promise<void> {
  await Promise.all(texts.map((text) => queue.append({ payload: Buffer.from(text), items: text.length, lane: 7 })));
}

async function takeAll(queue: DiskQueue): Promise<QueueTicket[]> {
  const tickets: QueueTicket[] = [];
  for (let ticket = await queue.next(); ticket !== undefined; ticket = await queue.next()) tickets.push(ticket);
  return tickets;
}

const texts = (tickets: QueueTicket[]) => tickets.map((ticket) => ticket.payload.toString());

describe('a queue on disk', () => {
  test.each([
    ['from memory', { memoryBytes: 1 << 20 }],
    ['from disk', { memoryBytes: 0 }],
    ['from both, over many segments', { memoryBytes: 4, segmentBytes: 20 }],
  ])('hands out in order %s', async (_, options) => {
    const queue = await open(options);
    await put(queue, 'a', 'bb', 'ccc');
    const tickets = await takeAll(queue);
    expect(texts(tickets)).toEqual(['a', 'bb', 'ccc']);
    expect(tickets[2]).toMatchObject({ items: 3, lane: 7 });
    await put(queue, 'dddd');
    expect(texts(await takeAll(queue))).toEqual(['dddd']);
    await queue.close();
  });

  test('a reader who keeps up is served from memory, from the first entry on', async () => {
    const queue = await open();
    for (const text of ['a', 'b']) {
      await put(queue, text);
      // Whoever read the disk would find no sound entry.
      for (const name of readdirSync(folder).filter((name) => name.endsWith('.q')))
        writeFileSync(join(folder, name), '');
      expect(texts(await takeAll(queue))).toEqual([text]);
    }
    expect(dropped).toEqual([]);
  });

  test('a segment given up while its next entry is being read is passed over', async () => {
    const queue = await open({ maxBytes: 100, segmentBytes: 20, memoryBytes: 0 });
    await put(queue, 'aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc', 'dddddddddd');
    const reading = queue.next();
    await put(queue, 'eeeeeeeeee', 'ffffffffff', 'gggggggggg');
    const read = [await reading, ...(await takeAll(queue))].flatMap((ticket) => ticket?.payload.toString() ?? []);
    expect(read.slice(-3)).toEqual(['eeeeeeeeee', 'ffffffffff', 'gggggggggg']);
    expect(new Set(dropped.map(([, , reason]) => reason))).toEqual(new Set(['queue_full']));
  });

  test('what was not done comes again after a restart, what was done does not', async () => {
    const queue = await open({ segmentBytes: 20 });
    await put(queue, 'a', 'b', 'c', 'd');
    const [a, b, c] = await takeAll(queue);
    queue.done(a);
    queue.done(c);
    await queue.close();
    const again = await takeAll(await open());
    expect(texts(again)).toEqual(['b', 'c', 'd']);
    expect(again.map(({ inherited }) => inherited)).toEqual([true, true, true]);
    expect(b.inherited).toBe(false);
    queue.done(b);
    await queue.checkpoint();
    expect(texts(await takeAll(await open()))).toEqual(['d']);
  });

  test('a kill without close loses nothing that was appended', async () => {
    const queue = await open();
    await put(queue, 'a', 'b');
    expect(texts(await takeAll(await open()))).toEqual(['a', 'b']);
  });

  test('finished segments leave the disk', async () => {
    const queue = await open({ segmentBytes: 20 });
    await put(queue, 'aaaaaa', 'bbbbbb', 'cccccc');
    for (const ticket of await takeAll(queue)) queue.done(ticket);
    await queue.checkpoint();
    expect(readdirSync(folder).filter((name) => name.endsWith('.q'))).toHaveLength(1);
    expect(queue.pendingBytes).toBe(0);
  });

  test('above its bound the oldest goes, and is counted', async () => {
    const queue = await open({ maxBytes: 100, segmentBytes: 20, memoryBytes: 0 });
    for (const text of ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc', 'dddddddddd', 'eeeeeeeeee']) await put(queue, text);
    const left = texts(await takeAll(queue));
    expect(left).toEqual(['cccccccccc', 'dddddddddd', 'eeeeeeeeee']);
    expect(dropped).toEqual([
      [1, 10, 'queue_full'],
      [1, 10, 'queue_full'],
    ]);
  });

  test('an entry half written at a kill is cut off and counted, and the queue goes on', async () => {
    const queue = await open();
    await put(queue, 'a');
    const [file] = readdirSync(folder);
    appendFileSync(join(folder, file), Buffer.from([9, 0, 0, 0, 1]));
    const again = await open();
    await put(again, 'b');
    expect(texts(await takeAll(again))).toEqual(['a', 'b']);
    expect(dropped).toEqual([[1, 0, 'damaged']]);
  });

  test('a flipped bit harms its segment only', async () => {
    const queue = await open({ segmentBytes: 20 });
    await put(queue, 'aaaaaa', 'bbbbbb');
    const file = join(folder, readdirSync(folder).sort()[0]);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(file, bytes);
    expect(texts(await takeAll(await open()))).toEqual(['bbbbbb']);
    expect(dropped).toEqual([[1, 0, 'damaged']]);
  });

  test('a reader who waits is woken by an append, or by the signal', async () => {
    const queue = await open();
    const controller = new AbortController();
    const woken = queue.waitForAppend(controller.signal);
    await put(queue, 'a');
    await woken;
    const given = queue.waitForAppend(controller.signal);
    controller.abort();
    await expect(given).resolves.toBeUndefined();
  });
});
