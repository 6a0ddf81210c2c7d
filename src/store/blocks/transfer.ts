import { cp, readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { syncDirectory, writeFileAtomic } from '../../lib/durable/atomic-file.ts';
import { type FileSystem, nodeFileSystem } from '../../lib/durable/file-system.ts';
import { makeFolder } from '../../lib/durable/make-folder.ts';
import { faultOf, readBlockMeta } from './block.ts';
import type { Block, BlockMeta } from './block.ts';
import type { Database } from '../duck.ts';
import { StoreError } from '../errors.ts';
import type { Head } from '../head/head.ts';
import { FORMAT } from '../head/head.ts';
import { whileReading } from '../lease.ts';
import type { Fault } from '../types.ts';

const MANIFEST = 'crowsnest-export.json';

/**
 * Copies blocks into a folder that must be new or empty. The manifest that lists them is written last, once the files and
 * the folder's own entries are synced: a folder that has a manifest is whole. @throws {StoreError}
 */
export async function exportBlocks(
  blocks: readonly Block[],
  folder: string,
  fs: FileSystem = nodeFileSystem,
): Promise<void> {
  makeFolder(folder);
  if ((await readdir(folder)).length > 0) throw new StoreError('unavailable', `${folder} is not empty`);
  await whileReading(
    blocks.map(({ lease }) => lease),
    async () => {
      for (const block of blocks) await copyBlock(block, join(folder, block.name), fs);
    },
  );
  await syncDirectory(folder, fs);
  const manifest = { format: FORMAT, blocks: blocks.map(({ name }) => name) };
  await writeFileAtomic(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, fs);
}

/** Copies a block and makes the copy last through a power cut. @throws {StoreError} where it is not what was written. */
async function copyBlock(block: Block, target: string, fs: FileSystem): Promise<void> {
  await cp(block.folder, target, { recursive: true });
  const fault = await faultOf(target, block.meta);
  if (fault !== '') throw new StoreError('unavailable', `${block.folder} cannot be copied: ${fault}`);
  for (const name of await readdir(target)) {
    const file = await fs.open(join(target, name), 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await syncDirectory(target, fs);
}

/** Hands every block of an exported folder over, after checking each byte of them all. @throws {StoreError} */
export async function importBlocks(
  folder: string,
  takeOver: (folder: string, meta: BlockMeta) => Promise<void>,
): Promise<void> {
  const { blocks } = await readManifest(folder);
  const checked: { folder: string; meta: BlockMeta }[] = [];
  for (const name of blocks) {
    const from = join(folder, basename(name));
    const meta = await readBlockMeta(from);
    const fault = await faultOf(from, meta);
    if (fault !== '') throw new StoreError('unavailable', `${from}: ${fault}`);
    checked.push({ folder: from, meta });
  }
  for (const { folder: from, meta } of checked) await takeOver(from, meta);
}

async function readManifest(folder: string): Promise<{ blocks: readonly string[] }> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch(() => {
    throw new StoreError('unavailable', `${folder} holds no export: ${MANIFEST} is missing`);
  });
  const manifest = JSON.parse(text) as { format: number; blocks: readonly string[] };
  if (manifest.format > FORMAT) throw new StoreError('version', `${folder}: exported by a newer crowsnest`);
  return manifest;
}

/** Reads every block's bytes and every row of the heads. */
export async function verifyFiles(
  database: Database,
  blocks: readonly Block[],
  heads: readonly Head[],
): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const block of blocks) {
    const fault = await whileReading([block.lease], () => faultOf(block.folder, block.meta));
    if (fault !== '') faults.push({ file: block.folder, fault });
  }
  for (const head of heads) {
    try {
      await whileReading([head.lease], () =>
        database.run(`select count(series), count(ts), sum(value) from ${head.alias}.samples;
          select count(series), count(ts), sum(value), sum(start_ts) from ${head.alias}.started;
          select count(histogram) from ${head.alias}.histograms; select sum(length(message)) from ${head.alias}.logs`),
      );
    } catch (error) {
      faults.push({ file: head.path, fault: (error as Error).message });
    }
  }
  return faults;
}
