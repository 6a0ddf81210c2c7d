import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../lib/time/clock.ts';
import { Labels } from '../model/labels.ts';
import { BlockList } from './blocks/block-list.ts';
import { Catalog } from './catalog.ts';
import type { StoreConfig } from './config.ts';
import { Database } from './duck.ts';
import { StoreError, storeErrorOf } from './errors.ts';
import { HEAD_TABLES, NO_ROWS } from './blocks/data-file.ts';
import { Head } from './head/head.ts';
import { missingRows, readRowCounts, removeRowCounts, writeRowCounts } from './head/row-counts.ts';
import { Damage } from './damage.ts';
import type { HeadTable } from './blocks/data-file.ts';
import { LogSources } from './logs/log-sources.ts';
import { splitMemoryBudget } from './memory/budget.ts';
import { makeFolder } from '../lib/durable/make-folder.ts';
import { SeriesRegistry, grown } from './series/registry.ts';
import { SeriesState } from './series/series-state.ts';
import { EmbeddedStore } from './store.ts';
import type { StoreFolders, StoreParts } from './parts.ts';
import type { Store, StoreOptions } from './types.ts';

/** DuckDB lets one process open a file twice; the store does not. */
const opened = new Set<string>();

/**
 * Opens the store in a folder, which is made where it is missing, and puts everything back that a crash left.
 * @throws {StoreError} `locked` where another process has it, `version` where the files are of a newer crowsnest.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { config, logger, clock = systemClock } = options;
  const folders = await makeFolders(config.path);
  const lock = await realpath(folders.root);
  if (opened.has(lock)) throw new StoreError('locked', `${config.path}: this process has the store open already`);
  opened.add(lock);
  let database: Database | undefined;
  try {
    const damage = new Damage(folders.damaged, clock, logger);
    database = await openDatabase(config, folders, damage);
    const parts = await load(database, { config: { ...config }, folders, damage, logger, clock });
    return new EmbeddedStore(parts, () => opened.delete(lock));
  } catch (error) {
    database?.close();
    opened.delete(lock);
    throw storeErrorOf(error, config.path);
  }
}

async function makeFolders(root: string): Promise<StoreFolders> {
  const folders = {
    root,
    heads: join(root, 'heads'),
    blocks: join(root, 'blocks'),
    damaged: join(root, 'damaged'),
    spill: join(root, 'tmp'),
  };
  await rm(folders.spill, { recursive: true, force: true }).catch(() => undefined);
  makeFolder(root);
  for (const folder of [folders.heads, folders.blocks, folders.spill]) await mkdir(folder, { recursive: true });
  return folders;
}

function openDatabase(config: StoreConfig, folders: StoreFolders, damage: Damage): Promise<Database> {
  const options = {
    file: join(folders.root, 'catalog.duckdb'),
    memory: splitMemoryBudget(config.memory).duck,
    threads: config.threads,
    spill: folders.spill,
  };
  return openWhole(options.file, () => Database.open(options), damage).catch(async (error: unknown) => {
    if (storeErrorOf(error, config.path).reason !== 'unavailable') throw error;
    await damage.moveAside(options.file, error);
    return Database.open(options);
  });
}

/** Opens a DuckDB file; where its write-ahead log cannot be read, without that. */
async function openWhole<T>(file: string, open: () => Promise<T>, damage: Damage): Promise<T> {
  const log = `${file}.wal`;
  try {
    return await open();
  } catch (error) {
    if (storeErrorOf(error, file).reason !== 'unavailable' || !existsSync(log)) throw error;
    await damage.moveAside(log, error);
    return open();
  }
}

type Opening = Pick<StoreParts, 'config' | 'folders' | 'damage' | 'logger' | 'clock'>;

async function load(database: Database, opening: Opening): Promise<StoreParts> {
  const { folders, damage } = opening;
  const catalog = await Catalog.open(database);
  const registry = new SeriesRegistry();
  const state = new SeriesState();
  const sources = new LogSources();
  const { storeId } = catalog;
  const blocks = new BlockList({ database, folder: folders.blocks, storeId, registry, state, sources, damage });
  const superfluous = await blocks.load();
  const files = await readdir(folders.heads);
  const names = files.filter((name) => /^head-\d+\.duckdb$/.test(name)).sort();
  const heads: Head[] = [];
  let nextSeq = 1 + Math.max(-1, ...blocks.all.map((block) => block.maxSeq));
  for (const file of names) {
    const path = join(folders.heads, file);
    const name = file.replace('.duckdb', '');
    if (superfluous.has(name)) {
      await removeRowCounts(path);
      for (const gone of [path, `${path}.wal`]) await rm(gone, { force: true });
      continue;
    }
    try {
      const head = await openWhole(path, () => Head.open(database, path, name), damage);
      nextSeq = Math.max(nextSeq, await restoreHead(database, head, registry, state, sources));
      const missing = missingRows(await readRowCounts(path), head.rows);
      if (missing !== undefined) await damage.lost(path, missing);
      await writeRowCounts(path, head.rows);
      heads.push(head);
    } catch (error) {
      if (storeErrorOf(error, path).reason !== 'unavailable') throw error;
      await damage.moveAside(path, error);
    }
  }
  await reportLostHeads(folders.heads, files, heads, superfluous, damage);
  registry.collectGaps();
  // A number that a block names as its origin must not come again: that head would be taken for superfluous.
  const nextHead = 1 + Math.max(0, ...[...files, ...superfluous].map(headNumber));
  const found = { registry, state, sources, heads, blocks, nextHead, nextSeq };
  return { ...opening, database, catalog, ...found };
}

/** A count of rows without a head: the head was removed, or is not readable at all. */
async function reportLostHeads(
  folder: string,
  files: readonly string[],
  heads: readonly Head[],
  superfluous: ReadonlySet<string>,
  damage: Damage,
): Promise<void> {
  for (const file of files) {
    const name = /^(head-\d+)\.rows\.json$/.exec(file)?.[1];
    if (name === undefined || heads.some((head) => head.name === name)) continue;
    const path = join(folder, `${name}.duckdb`);
    const missing = missingRows(await readRowCounts(path), NO_ROWS);
    if (missing !== undefined && !superfluous.has(name)) await damage.lost(path, missing);
    await removeRowCounts(path);
  }
}

/** 0 for the name of something else. */
function headNumber(name: string): number {
  return Number(/^head-(\d+)/.exec(name)?.[1] ?? 0);
}

/** Reads back which series and log sources a head has and how far each got; answers the next free record number. */
async function restoreHead(
  database: Database,
  head: Head,
  registry: SeriesRegistry,
  state: SeriesState,
  sources: LogSources,
): Promise<number> {
  await database.scan(`select series, labels from ${head.alias}.series`, (chunk) => {
    const numbers = chunk.u32(0);
    const labels = chunk.text(1);
    for (let i = 0; i < chunk.rows; i++) {
      if (numbers[i] >= head.holds.length) head.holds = grown(head.holds, numbers[i] + 1024);
      head.holds[numbers[i]] = 1;
      registry.restore(numbers[i], Labels.of(JSON.parse(labels[i]) as Record<string, string>));
    }
  });
  state.reach(registry.bound);
  const counts = HEAD_TABLES.map((table) => `(select count(*) from ${head.alias}.${table})::double as ${table}`);
  const [rows] = await database.rows(`select ${counts.join(', ')}`);
  head.rows = rows as Record<HeadTable, number>;
  for (const table of ['samples', 'started', 'histograms', 'exemplars'] as const) {
    await database.scan(
      `select series, min(ts), max(ts), count(*) from ${head.alias}.${table} group by series`,
      (chunk) => {
        const numbers = chunk.u32(0);
        const low = chunk.i64(1);
        const high = chunk.i64(2);
        const rows = chunk.i64(3);
        for (let i = 0; i < chunk.rows; i++) {
          head[table] += rows[i];
          if (table === 'started') head.samples += rows[i];
          head.covers(low[i]);
          head.covers(high[i]);
          if (table !== 'exemplars') state.covers(numbers[i], low[i], high[i]);
        }
      },
    );
  }
  const [{ starts }] = await database.rows(
    `select count(*)::double as starts from ${head.alias}.histograms where start_ts <> 0`,
  );
  head.started += starts as number;
  const known = await database.rows(`select distinct source, id, path, fields from ${head.alias}.log_sources`);
  for (const { source, id, path, fields } of known) {
    const parsed = JSON.parse(fields as string) as Record<string, string>;
    sources.restore(Number(source), { id: id as string, path: path as string, fields: parsed }, true);
  }
  let next = 0;
  const positions = await database.rows(
    `select source, max("offset")::double as position, max(seq)::double as seq, min(ts)::double as low,
       max(ts)::double as high, count(*)::double as rows from ${head.alias}.logs group by source`,
  );
  for (const { source, position, seq, low, high, rows } of positions) {
    head.logRecords += rows as number;
    head.covers(low as number);
    head.covers(high as number);
    const id = sources.get(Number(source))?.id;
    if (id !== undefined) sources.restorePosition(id, position as number);
    next = Math.max(next, (seq as number) + 1);
  }
  return next;
}
