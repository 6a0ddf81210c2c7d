import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FaultyFileSystem } from '../testing/faulty-fs.ts';
import { AppendFile } from './append-file.ts';
import { Journal } from './journal.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crowsnest-journal-'));
  path = join(folder, 'journal');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Entry {
  readonly n: number;
}

function parse(json: unknown): Entry {
  if (typeof (json as Entry | null)?.n !== 'number') throw new Error('no number');
  return json as Entry;
}

const journalOn = (fs?: FaultyFileSystem) => new Journal<Entry>(path, { parse, fs });

async function reopened(): Promise<{ numbers: number[]; damaged: number }> {
  const journal = journalOn();
  const { records, damaged } = await journal.open();
  await journal.close();
  return { numbers: records.map(({ n }) => n), damaged };
}

async function write(...numbers: number[]): Promise<void> {
  const journal = journalOn();
  await journal.open();
  for (const n of numbers) await journal.append([{ n }]);
  await journal.close();
}

describe('a journal', () => {
  test('returns what was appended, and goes on behind it', async () => {
    await write(1, 2);
    await write(3);
    expect(await reopened()).toEqual({ numbers: [1, 2, 3], damaged: 0 });
  });

  test('any single byte that is flipped costs one record at most, is counted, and the file is kept', async () => {
    await write(1, 2, 3);
    const sound = readFileSync(path);
    for (let at = 0; at < sound.length; at++) {
      const bytes = Buffer.from(sound);
      bytes[at] ^= 1;
      writeFileSync(path, bytes);
      if (/^crowsnest journal \d+\n/.test(bytes.toString()) && bytes[18] !== sound[18]) continue;
      const { numbers, damaged } = await reopened();
      const lost = [1, 2, 3].filter((n) => !numbers.includes(n));
      expect(lost.length, `byte ${at}`).toBeLessThanOrEqual(1);
      if (lost.length > 0) {
        expect(damaged, `byte ${at}`).toBeGreaterThan(0);
        expect(readFileSync(`${path}.damaged`)).toEqual(bytes);
      }
    }
  });

  test('a file cut anywhere returns the whole records before the cut and takes more', async () => {
    await write(1, 2, 3);
    const sound = readFileSync(path);
    for (let length = 0; length < sound.length; length++) {
      writeFileSync(path, sound.subarray(0, length));
      await write(4);
      const { numbers } = await reopened();
      expect(numbers.at(-1), `${length} bytes`).toBe(4);
      expect([1, 2, 3]).toEqual(expect.arrayContaining(numbers.slice(0, -1)));
    }
  });

  test.each(['null', '7', '{"m":1}', 'garbage', '{"n":'])('a line `%s` is counted and passed over', async (line) => {
    await write(1);
    appendFileSync(path, `${line}\n`);
    await write(2);
    expect((await reopened()).numbers).toEqual([1, 2]);
    expect(readFileSync(`${path}.damaged`, 'utf8')).toContain(line);
  });

  test('lines of bare JSON, as before version 1, are read', async () => {
    writeFileSync(path, '{"n":1}\n{"n":2}\n');
    await write(3);
    expect(await reopened()).toEqual({ numbers: [1, 2, 3], damaged: 0 });
  });

  test('a later version is refused by name and left as it is', async () => {
    writeFileSync(path, 'crowsnest journal 2\nwhatever\n');
    await expect(journalOn().open()).rejects.toThrow(`${path}: journal of version 2; this program reads version 1`);
    expect(readFileSync(path, 'utf8')).toBe('crowsnest journal 2\nwhatever\n');
  });

  test.each([
    ['ENOSPC with nothing written', 'write', { error: 'ENOSPC' }],
    ['ENOSPC in the middle', 'write', { error: 'ENOSPC', written: 9 }],
    ['EIO in the middle', 'write', { error: 'EIO', written: 20 }],
    ['ESTALE', 'write', { error: 'ESTALE' }],
    ['EIO at the sync', 'sync', { error: 'EIO' }],
  ] as const)('%s rejects that append alone; all that resolved is there', async (_, call, fault) => {
    const fs = new FaultyFileSystem();
    const journal = journalOn(fs);
    await journal.open();
    await journal.append([{ n: 1 }]);
    fs.fail(call, fault);
    await expect(journal.append([{ n: 2 }])).rejects.toThrow(fault.error);
    await journal.append([{ n: 3 }]);
    await journal.close();
    expect(await reopened()).toEqual({ numbers: [1, 3], damaged: 0 });
  });

  test('nothing resolves behind a torn record that cannot be cut off', async () => {
    const fs = new FaultyFileSystem();
    const journal = journalOn(fs);
    await journal.open();
    await journal.append([{ n: 1 }]);
    fs.fail('write', { error: 'EIO', written: 9 });
    fs.failAlways('truncate', { error: 'EIO' });
    for (const n of [2, 3]) await expect(journal.append([{ n }])).rejects.toThrow('EIO');
    fs.failAlways('truncate', undefined);
    await journal.append([{ n: 4 }]);
    await journal.close();
    expect((await reopened()).numbers).toEqual([1, 4]);
  });

  test('short writes are gone on with', async () => {
    const fs = new FaultyFileSystem();
    fs.failAlways('write', { short: 3 });
    const journal = journalOn(fs);
    await journal.open();
    await journal.append([{ n: 1 }, { n: 2 }]);
    await journal.compact(() => [{ n: 2 }, { n: 3 }]);
    await journal.close();
    expect(await reopened()).toEqual({ numbers: [2, 3], damaged: 0 });
  });

  test('a disk that fills while the journal is written anew leaves the old one, which goes on', async () => {
    const fs = new FaultyFileSystem();
    const journal = journalOn(fs);
    await journal.open();
    await journal.append([{ n: 1 }]);
    fs.fail('write', { error: 'ENOSPC', written: 5 });
    await expect(journal.compact(() => [{ n: 9 }])).rejects.toThrow('ENOSPC');
    await journal.append([{ n: 2 }]);
    await journal.close();
    expect((await reopened()).numbers).toEqual([1, 2]);
  });

  test('a kill between any two calls loses nothing that resolved', async () => {
    for (let after = 0; ; after++) {
      rmSync(path, { force: true });
      const fs = new FaultyFileSystem();
      fs.killAfter(after);
      const journal = journalOn(fs);
      const resolved: number[] = [];
      try {
        await journal.open();
        for (const n of [1, 2]) {
          await journal.append([{ n }]);
          resolved.push(n);
        }
        await journal.compact(() => [{ n: 1 }, { n: 2 }]);
        await journal.append([{ n: 3 }]);
        resolved.push(3);
      } catch (error) {
        expect((error as Error).message).toBe('killed');
      }
      await journal.close();
      expect((await reopened()).numbers).toEqual(expect.arrayContaining(resolved));
      if (!fs.killed) break;
    }
  });
});

describe('a file that only grows', () => {
  test('that somebody else cut refuses more, naming both sizes', async () => {
    const fs = new FaultyFileSystem();
    const file = await AppendFile.open(path, fs);
    await file.append([Buffer.from('0123456789')]);
    writeFileSync(path, '0123');
    fs.fail('write', { error: 'EIO' });
    await expect(file.append([Buffer.from('x')])).rejects.toThrow('EIO');
    await expect(file.append([Buffer.from('x')])).rejects.toThrow(`${path}: 10 bytes were written, 4 are there`);
    await file.close();
  });
});
