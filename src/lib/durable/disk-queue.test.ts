import { mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DiskQueue, type DiskQueueOptions, type DroppedEntries, type QueueTicket } from './disk-queue.ts';
import { FaultyFileSystem } from '../testing/faulty-fs.ts';

let folder: string;
let opened: DiskQueue[];
let dropped: DroppedEntries[];
let notices: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crowsnest-queue-'));
  dropped = [];
  notices = [];
  opened = [];
});
afterEach(async () => {
  for (const queue of opened) await queue.close().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

async function open(options: Partial<DiskQueueOptions> = {}): Promise<DiskQueue> {
  const queue = await DiskQueue.open({
    folder,
    maxBytes: 1 << 20,
    onDropped: (drop) => void dropped.push(drop),
    onNotice: (notice) => void notices.push(notice),
    ...options,
  });
  opened.push(queue);
  return queue;
}

const entry = (text: string) => ({ payload: Buffer.from(text), items: text.length, tag: 7 });

async function put(queue: DiskQueue, ...texts: string[]): Promise<void> {
  await Promise.all(texts.map((text) => queue.append([entry(text)])));
}

async function takeAll(queue: DiskQueue): Promise<QueueTicket[]> {
  const tickets: QueueTicket[] = [];
  for (let ticket = await queue.next(); ticket !== undefined; ticket = await queue.next()) tickets.push(ticket);
  return tickets;
}

const texts = (tickets: QueueTicket[]) => tickets.map((ticket) => ticket.payload.toString());
const drops = () => dropped.map(({ entries, items, reason }) => [entries, items, reason]);
const segments = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .map((name) => join(folder, name));

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] ^= 1;
  writeFileSync(path, bytes);
}

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
    expect(tickets[2]).toMatchObject({ items: 3, tag: 7 });
    await put(queue, 'dddd');
    expect(texts(await takeAll(queue))).toEqual(['dddd']);
  });

  test('a reader who keeps up is served from memory, from the first entry on', async () => {
    const queue = await open();
    for (const text of ['a', 'b']) {
      await put(queue, text);
      // A read of the disk would find no sound entry.
      for (const path of segments()) truncateSync(path);
      expect(texts(await takeAll(queue))).toEqual([text]);
    }
    expect(dropped).toEqual([]);
  });

  test('appends that wait for one another share a sync', async () => {
    const fs = new FaultyFileSystem();
    const queue = await open({ fs });
    await put(queue, 'a');
    fs.calls.length = 0;
    await put(queue, ...Array.from({ length: 50 }, (_, i) => `entry ${i}`));
    expect(fs.calls.filter((call) => call === 'sync').length).toBeLessThanOrEqual(2);
  });

  test('a segment dropped while its next entry is being read is passed over', async () => {
    const queue = await open({ maxBytes: 400, segmentBytes: 60, memoryBytes: 0 });
    for (const text of ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc', 'dddddddddd']) await put(queue, text);
    const reading = queue.next();
    for (const text of ['eeeeeeeeee', 'ffffffffff', 'gggggggggg', 'hhhhhhhhhh']) await put(queue, text);
    const read = [await reading, ...(await takeAll(queue))].flatMap((ticket) => ticket?.payload.toString() ?? []);
    expect(read.slice(-3)).toEqual(['ffffffffff', 'gggggggggg', 'hhhhhhhhhh']);
    expect(read.length + dropped.reduce((sum, { entries }) => sum + entries, 0)).toBe(8);
    expect(new Set(dropped.map(({ reason }) => reason))).toEqual(new Set(['queue_full']));
  });

  test('what was not done comes again after a restart, what was done does not', async () => {
    const queue = await open({ segmentBytes: 20 });
    await put(queue, 'a', 'b', 'c', 'd');
    const [a, b, c] = await takeAll(queue);
    queue.done(a);
    queue.done(c);
    await queue.close();
    expect(texts(await takeAll(await open()))).toEqual(['b', 'c', 'd']);
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
    for (const text of ['aaaaaa', 'bbbbbb', 'cccccc']) await put(queue, text);
    for (const ticket of await takeAll(queue)) queue.done(ticket);
    await queue.checkpoint();
    expect(segments()).toHaveLength(1);
    expect([queue.pendingBytes, queue.drained]).toEqual([0, true]);
  });

  test('never grows past its bound; the oldest goes, and is counted with its items', async () => {
    const queue = await open({ maxBytes: 400, segmentBytes: 100, memoryBytes: 0 });
    const put20 = Array.from({ length: 20 }, (_, i) => `entry ${String(i).padStart(2, '0')}`);
    for (const text of put20) {
      await put(queue, text);
      expect(segments().reduce((sum, path) => sum + readFileSync(path).length, 0)).toBeLessThanOrEqual(400);
    }
    const left = texts(await takeAll(queue));
    expect(left).toEqual(put20.slice(-left.length));
    const lost = 20 - left.length;
    const sum = (key: 'entries' | 'items') => dropped.reduce((total, drop) => total + drop[key], 0);
    expect([sum('entries'), sum('items')]).toEqual([lost, lost * 8]);
  });

  test('of a segment that is dropped, what was handed out already is not counted', async () => {
    const queue = await open({ maxBytes: 300, segmentBytes: 100, memoryBytes: 0 });
    await put(queue, 'aaaaaaaaaa');
    await put(queue, 'bbbbbbbbbb');
    queue.done((await queue.next()) as QueueTicket);
    for (const text of ['cccccccccc', 'dddddddddd', 'eeeeeeeeee', 'ffffffffff']) await put(queue, text);
    expect(drops()).toEqual([[1, 10, 'queue_full']]);
  });

  test('an entry that is larger than the whole queue is refused with both sizes', async () => {
    const queue = await open({ maxBytes: 100 });
    await expect(put(queue, 'x'.repeat(200))).rejects.toThrow('236 bytes do not fit a queue of 100');
    await put(queue, 'a');
    expect(texts(await takeAll(queue))).toEqual(['a']);
  });

  test('a reader who waits is woken by an append, or by the signal', async () => {
    const queue = await open();
    const controller = new AbortController();
    const woken = queue.waitForAppend(controller.signal);
    await put(queue, 'a');
    await woken;
    await queue.waitForAppend(controller.signal);
    await takeAll(queue);
    const waiting = queue.waitForAppend(controller.signal);
    controller.abort();
    await expect(waiting).resolves.toBeUndefined();
  });
});

describe('a damaged queue', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => `entry ${String(i).padStart(2, '0')}`);

  test('a flipped byte anywhere costs one entry, which is counted with its items; the rest is finished', async () => {
    const queue = await open();
    await put(queue, 'aaaa', 'bbbb', 'cccc', 'dddd');
    await queue.close();
    const [path] = segments();
    const sound = readFileSync(path);
    const position = readFileSync(join(folder, 'position.json'));
    for (let at = 16; at < sound.length; at++) {
      for (const other of segments()) rmSync(other);
      writeFileSync(join(folder, 'position.json'), position);
      writeFileSync(path, sound);
      flip(path, at);
      dropped = [];
      const again = await open({ memoryBytes: 0 });
      await put(again, 'eeee');
      const read = await takeAll(again);
      expect(read, `byte ${at}`).toHaveLength(4);
      expect(drops(), `byte ${at}`).toEqual([[1, 4, 'damaged']]);
      for (const ticket of read) again.done(ticket);
      expect([again.pendingBytes, again.drained], `byte ${at}`).toEqual([0, true]);
      await again.close();
    }
  });

  test('of a hundred entries with a byte of the third flipped, one is lost', async () => {
    const queue = await open();
    await put(queue, ...hundred);
    await queue.close();
    flip(segments()[0], 16 + 2 * 44 + 40);
    const again = await open();
    const read = await takeAll(again);
    expect(texts(read)).toEqual(hundred.toSpliced(2, 1));
    expect(drops()).toEqual([[1, 8, 'damaged']]);
    for (const ticket of read) again.done(ticket);
    expect(again.pendingBytes).toBe(0);
  });

  test('a segment that lost its second half is named and counted, whether others follow or not', async () => {
    const queue = await open({ segmentBytes: 1000 });
    for (const text of hundred) await put(queue, text);
    await queue.close();
    const files = segments();
    truncateSync(files[1], 500);
    truncateSync(files.at(-1) as string, 60);
    const read = texts(await takeAll(await open()));
    expect(dropped.map(({ file }) => file)).toEqual([files.at(-1), files[2]]);
    expect(dropped.reduce((sum, { entries }) => sum + entries, 0)).toBe(100 - read.length);
    expect(dropped.reduce((sum, { items }) => sum + items, 0)).toBe(8 * (100 - read.length));
  });

  test('segments that are gone are counted, all of them as well', async () => {
    const queue = await open({ segmentBytes: 1000 });
    for (const text of hundred) await put(queue, text);
    await queue.close();
    for (const path of segments()) rmSync(path);
    const again = await open();
    expect(drops()).toEqual([[100, 800, 'damaged']]);
    await put(again, 'new');
    expect(texts(await takeAll(again))).toEqual(['new']);
    expect(dropped).toHaveLength(1);
  });

  test('an entry half written at a kill is passed over and is no loss, as nobody was promised it', async () => {
    const queue = await open();
    await put(queue, 'a');
    await queue.close();
    const [path] = segments();
    writeFileSync(path, Buffer.concat([readFileSync(path), readFileSync(path).subarray(16, 40)]));
    const again = await open();
    await put(again, 'b');
    expect(texts(await takeAll(again))).toEqual(['a', 'b']);
    expect(dropped).toEqual([]);
  });

  test('garbage in place of the position is told, and all entries come again', async () => {
    const queue = await open();
    await put(queue, 'a', 'b');
    queue.done((await queue.next()) as QueueTicket);
    await queue.close();
    for (const garbage of ['', 'null', '{"version":2,"done":{"segment":-1}}']) {
      writeFileSync(join(folder, 'position.json'), garbage);
      expect(texts(await takeAll(await open()))).toEqual(['a', 'b']);
      expect(notices.pop()).toMatch(/position\.json: damaged/);
    }
  });

  test('a segment of a later version is left as it is, and said by name', async () => {
    writeFileSync(join(folder, '00000001.seg'), 'crowsnest rec 2\nwhatever');
    await expect(open()).rejects.toThrow('00000001.seg: records of version 2; this program reads version 1');
  });

  test('opening a large queue reads a few entries of it, not all', async () => {
    const queue = await open({ maxBytes: 1 << 30, segmentBytes: 1 << 20 });
    for (let i = 0; i < 100; i++) await queue.append([{ payload: Buffer.alloc(100_000), items: 1, tag: 0 }]);
    await queue.close();
    const fs = new FaultyFileSystem();
    const again = await open({ fs });
    expect(fs.calls.filter((call) => call === 'read').length).toBeLessThan(40);
    expect(await takeAll(again)).toHaveLength(100);
  });
});

describe('a queue on a disk that fails', () => {
  test.each([
    ['ENOSPC', 'write', { error: 'ENOSPC' }],
    ['ENOSPC in the middle', 'write', { error: 'ENOSPC', written: 40 }],
    ['EIO in the middle', 'write', { error: 'EIO', written: 3 }],
    ['ESTALE', 'write', { error: 'ESTALE' }],
    ['EIO at the sync', 'sync', { error: 'EIO' }],
    ['a short write', 'write', { short: 5 }],
  ] as const)(
    '%s: what resolved is handed out, now and after a restart, what rejected is not',
    async (_, call, fault) => {
      const fs = new FaultyFileSystem();
      const queue = await open({ fs, memoryBytes: 0 });
      const resolved: string[] = [];
      for (const text of ['1', '22', '333', '4444']) {
        if (text === '22') fs.fail(call, fault);
        await put(queue, text).then(
          () => resolved.push(text),
          () => undefined,
        );
      }
      expect(resolved).toEqual('error' in fault ? ['1', '333', '4444'] : ['1', '22', '333', '4444']);
      expect(texts(await takeAll(queue))).toEqual(resolved);
      expect(texts(await takeAll(await open()))).toEqual(resolved);
      expect(dropped).toEqual([]);
    },
  );

  test('a disk that fills takes nothing until it has room, and then goes on', async () => {
    const fs = new FaultyFileSystem();
    fs.space = 2000;
    const queue = await open({ fs });
    const resolved: string[] = [];
    for (let i = 0; i < 8; i++) {
      if (i === 5) fs.space += 4000;
      const text = `${i}`.repeat(500);
      await put(queue, text).then(
        () => resolved.push(text),
        (error: NodeJS.ErrnoException) => expect(error.code).toBe('ENOSPC'),
      );
    }
    expect(resolved.map(([first]) => first)).toEqual(['0', '1', '2', '5', '6', '7']);
    expect(texts(await takeAll(await open()))).toEqual(resolved);
    expect(dropped).toEqual([]);
  });

  test('a part of the disk that cannot be read costs what stands on it', async () => {
    const queue = await open({ segmentBytes: 50_000, memoryBytes: 0 });
    for (let i = 0; i < 6; i++) await put(queue, `${i}`.repeat(30_000));
    await queue.close();
    const fs = new FaultyFileSystem();
    const again = await open({ fs, memoryBytes: 0 });
    // The first read of an entry fails with any handle.
    fs.fail('read', { error: 'EIO' });
    fs.fail('read', { error: 'EIO' });
    const read = texts(await takeAll(again)).map(([first]) => first);
    expect(read.length).toBeGreaterThanOrEqual(4);
    expect(dropped.reduce((sum, { entries }) => sum + entries, 0)).toBe(6 - read.length);
  });

  test('a kill between any two calls loses nothing that resolved and nothing that was not done', async () => {
    for (let after = 0; ; after++) {
      rmSync(folder, { recursive: true, force: true });
      const fs = new FaultyFileSystem();
      fs.killAfter(after);
      const resolved: string[] = [];
      const done: string[] = [];
      try {
        const queue = await open({ fs, segmentBytes: 60 });
        for (const text of ['a', 'b', 'c', 'd']) {
          await put(queue, text);
          resolved.push(text);
        }
        for (let i = 0; i < 2; i++) {
          const ticket = (await queue.next()) as QueueTicket;
          queue.done(ticket);
          done.push(ticket.payload.toString());
        }
        await queue.checkpoint();
        await put(queue, 'e');
        resolved.push('e');
      } catch (error) {
        expect((error as Error).message).toBe('killed');
      }
      const again = texts(await takeAll(await open()));
      expect(again, `after ${after} calls`).toEqual(
        expect.arrayContaining(resolved.filter((text) => !done.includes(text))),
      );
      expect(again).toEqual(again.toSorted());
      expect(dropped).toEqual([]);
      if (!fs.killed) break;
    }
  });
});
