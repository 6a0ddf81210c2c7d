import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OpenFile } from '../../lib/durable/file-system.ts';
import { FaultyFileSystem } from '../../lib/testing/faulty-fs.ts';
import { temporaryFolder } from '../testing.ts';
import { Block } from './block.ts';
import { exportBlocks } from './transfer.ts';

let folder: { path: string; remove: () => void };
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** A block of two files, as compaction leaves it but for the content. */
function makeBlock(name: string): Block {
  const path = join(folder.path, name);
  mkdirSync(path);
  const files = ['samples.parquet', 'series.parquet'].map((file) => {
    const content = `${name} ${file}`;
    writeFileSync(join(path, file), content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { name: file, bytes: content.length, sha256 };
  });
  const counts = { series: 1, samples: 1, histograms: 0, exemplars: 0, logRecords: 0, maxSeq: -1 };
  const meta = { format: 1, store: 's', from: [], minTime: 0, maxTime: 1, ...counts, files };
  return new Block(path, meta, new Int32Array(1), new Map());
}

/** The real file system, which notes the paths that are synced and renamed to, in order. */
class NotingFileSystem extends FaultyFileSystem {
  readonly notes: string[] = [];

  override async open(path: string, flags: string, mode?: number): Promise<OpenFile> {
    const file = await super.open(path, flags, mode);
    const sync = file.sync.bind(file);
    file.sync = async () => {
      await sync();
      this.notes.push(`sync ${path}`);
    };
    return file;
  }

  override async rename(from: string, to: string): Promise<void> {
    await super.rename(from, to);
    this.notes.push(`rename ${to}`);
  }
}

it('an export syncs every file, every folder and its own entries before the manifest appears', async () => {
  const fs = new NotingFileSystem();
  const target = join(folder.path, 'export');
  await exportBlocks([makeBlock('b1'), makeBlock('b2')], target, fs);
  const manifest = fs.notes.indexOf(`rename ${join(target, 'crowsnest-export.json')}`);
  expect(manifest).toBeGreaterThan(0);
  const before = fs.notes.slice(0, manifest);
  for (const block of ['b1', 'b2']) {
    const inside = join(target, block);
    for (const path of [join(inside, 'samples.parquet'), join(inside, 'series.parquet'), inside])
      expect(before).toContain(`sync ${path}`);
  }
  expect(before).toContain(`sync ${target}`);
  expect(fs.notes.slice(manifest + 1)).toEqual([`sync ${target}`]);
});

it('an export whose files cannot be synced has no manifest, whichever sync fails', async () => {
  const block = makeBlock('b1');
  // Two files, the block's folder, the export's folder, the manifest itself.
  for (let good = 0; good < 5; good++) {
    const fs = new FaultyFileSystem();
    let syncs = 0;
    const open = fs.open.bind(fs);
    fs.open = async (path, flags, mode) => {
      if (syncs++ === good) fs.fail('sync', { error: 'EIO' });
      return open(path, flags, mode);
    };
    const target = join(folder.path, `export-${good}`);
    await expect(exportBlocks([block], target, fs)).rejects.toThrow('EIO');
    expect(existsSync(join(target, 'crowsnest-export.json'))).toBe(false);
  }
});
