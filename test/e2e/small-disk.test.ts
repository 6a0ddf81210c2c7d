import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { DiskQueue } from '../../src/lib/durable/disk-queue.ts';
import { Journal } from '../../src/lib/durable/journal.ts';
import { temporaryFolder } from '../servers/process.ts';

const folder = temporaryFolder();
const disk = join(folder, 'disk');
const filler = join(disk, 'filler');
const mounted = mount();

function mount(): boolean {
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function fill(): void {
  try {
    for (;;) appendFileSync(filler, Buffer.alloc(4096));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  }
}

const why = mounted ? '' : ' [skipped: a small disk can only be mounted by root]';

describe.skipIf(!mounted)(`files on a disk of 2 MB that fills${why}`, () => {
  afterAll(() => {
    if (mounted) execFileSync('umount', ['-l', disk]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** The numbers of the writes that resolved; the disk is full before the fifth and has room again behind it. */
  async function resolved(write: (n: number) => Promise<void>): Promise<number[]> {
    const done: number[] = [];
    for (let n = 1; n <= 8; n++) {
      if (n === 5) fill();
      if (n === 6) rmSync(filler);
      await write(n).then(
        () => done.push(n),
        (error: NodeJS.ErrnoException) => expect(error.code).toBe('ENOSPC'),
      );
    }
    return done;
  }

  test('the queue hands out all that resolved', async () => {
    const open = () =>
      DiskQueue.open({
        folder: join(disk, 'queue'),
        maxBytes: 64 << 20,
        onDropped: ({ reason }) => expect.unreachable(reason),
      });
    const queue = await open();
    const done = await resolved((n) => queue.append([{ payload: Buffer.alloc(100_000, n), items: 1, tag: 0 }]));
    await queue.close();
    const again = await open();
    const read: number[] = [];
    for (let ticket = await again.next(); ticket !== undefined; ticket = await again.next())
      read.push(ticket.payload[0]);
    expect([done, read]).toEqual([[1, 2, 3, 4, 6, 7, 8], done]);
    await again.close();
  });

  test('the journal returns all that resolved', async () => {
    const open = () => new Journal(join(disk, 'journal'), { parse: (json) => json as { n: number; text: string } });
    const journal = open();
    await journal.open();
    const done = await resolved((n) => journal.append([{ n, text: 'x'.repeat(20_000) }]));
    await journal.close();
    const again = open();
    const { records, damaged } = await again.open();
    await again.close();
    expect([done, records.map(({ n }) => n), damaged]).toEqual([[1, 2, 3, 4, 6, 7, 8], done, 0]);
  });
});
