import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncDirectory, writeFileAtomic } from '../../lib/durable/atomic-file.ts';
import { runSqlJob } from './child.ts';
import type { BlockInput, CompactionInput, Deletion } from './compaction.ts';
import { HISTOGRAM_WEIGHT, compactionSql } from './compaction.ts';
import type { DataFile, TableName } from './data-file.ts';
import { TABLES } from './data-file.ts';
import { sqlText } from '../duck.ts';
import type { Damage } from '../damage.ts';
import { StoreError } from '../errors.ts';
import { FORMAT } from '../head/head.ts';
import { Lease } from '../lease.ts';

/** `meta.json` of a block: written last, so a folder without it was never finished. */
export interface BlockMeta {
  readonly format: number;
  /** The store whose series and source numbers the block uses. */
  readonly store: string;
  /** Heads and blocks that went into it: where one is still there, it is superfluous. */
  readonly from: readonly string[];
  readonly minTime: number;
  readonly maxTime: number;
  readonly series: number;
  readonly samples: number;
  readonly histograms: number;
  /** Samples and histograms of which is known when their counter began; absent where the tables lack `start_ts`. */
  readonly started?: number;
  readonly exemplars: number;
  readonly logRecords: number;
  /** The highest log record, -1 without any. */
  readonly maxSeq: number;
  readonly files: readonly BlockFile[];
  /** Tables whose files were found damaged and are gone; their counts are 0. */
  readonly damaged?: readonly TableName[];
}

interface BlockFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A folder of Parquet files that never change; one that is found damaged is taken out. Its series have numbers of their own, in order of name and labels. */
export class Block implements DataFile {
  readonly name: string;
  readonly folder: string;
  readonly lease = new Lease();
  readonly seriesNumbers: Int32Array;
  readonly sourceNumbers: ReadonlyMap<number, number>;
  readonly holds = undefined;
  #meta: BlockMeta;

  constructor(folder: string, meta: BlockMeta, seriesNumbers: Int32Array, sourceNumbers: ReadonlyMap<number, number>) {
    this.name = basename(folder);
    this.folder = folder;
    this.#meta = meta;
    this.seriesNumbers = seriesNumbers;
    this.sourceNumbers = sourceNumbers;
  }

  get meta(): BlockMeta {
    return this.#meta;
  }

  get minTime(): number {
    return this.meta.minTime;
  }

  get maxTime(): number {
    return this.meta.maxTime;
  }

  get samples(): number {
    return this.meta.samples + this.meta.histograms;
  }

  get hasStarts(): boolean {
    return (this.meta.started ?? 0) > 0;
  }

  get logRecords(): number {
    return this.meta.logRecords;
  }

  get maxSeq(): number {
    return this.meta.maxSeq;
  }

  get bytes(): number {
    return this.meta.files.reduce((sum, file) => sum + file.bytes, 0);
  }

  /** Some of its files were lost. */
  keep(rest: BlockMeta): void {
    this.#meta = rest;
  }

  table(name: TableName): string | undefined {
    return tablesOf(this.meta).includes(name) ? parquetTable(this.folder, name) : undefined;
  }

  asInput(): BlockInput {
    const weight = this.meta.samples + this.meta.histograms * HISTOGRAM_WEIGHT;
    const withoutStarts = this.meta.started === undefined;
    return { kind: 'block', folder: this.folder, weight, tables: tablesOf(this.meta), withoutStarts };
  }
}

export function parquetTable(folder: string, name: TableName): string {
  return `read_parquet(${sqlText(join(folder, `${name}.parquet`))})`;
}

/** The tables of a block that have rows. */
export function tablesOf(meta: BlockMeta): TableName[] {
  const rows: Readonly<Record<TableName, number>> = {
    series: meta.series,
    samples: meta.samples,
    histograms: meta.histograms,
    exemplars: meta.exemplars,
    log_sources: meta.logRecords,
    logs: meta.logRecords,
  };
  return TABLES.filter((name) => rows[name] > 0 && meta.damaged?.includes(name) !== true);
}

/** @throws {StoreError} `version`, or any error where the folder holds no block. The files are not looked at. */
export async function readBlockMeta(folder: string): Promise<BlockMeta> {
  const meta = JSON.parse(await readFile(join(folder, 'meta.json'), 'utf8')) as BlockMeta;
  if (meta.format > FORMAT) {
    throw new StoreError('version', `${folder}: written by a newer crowsnest (format ${meta.format})`);
  }
  return meta;
}

export interface BlockJob {
  readonly inputs: readonly CompactionInput[];
  readonly from: readonly string[];
  readonly store: string;
  /** The block's folder; it must not exist. */
  readonly target: string;
  readonly memory: number;
  readonly spill: string;
  readonly deletion?: Deletion;
  /** Samples to be sorted at a time; the default suits. */
  readonly part?: number;
}

/** Writes a block aside, makes it lasting, then gives it its name: it is there whole or not at all. */
export async function writeBlock(job: BlockJob, signal?: AbortSignal): Promise<BlockMeta> {
  const temporary = join(dirname(job.target), `tmp-${basename(job.target)}`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  // Two DuckDBs that spill into one folder take each other's files for their own.
  const spill = join(job.spill, basename(job.target));
  await mkdir(spill, { recursive: true });
  try {
    const answer = await runSqlJob(compactionSql({ ...job, spill, target: temporary }), signal);
    const meta = metaOf(job, answer.rows, answer.files);
    await writeFileAtomic(join(temporary, 'meta.json'), `${JSON.stringify(meta, null, 2)}\n`);
    await rename(temporary, job.target);
    await syncDirectory(dirname(job.target));
    return meta;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(spill, { recursive: true, force: true });
  }
}

function metaOf(
  job: BlockJob,
  rows: readonly Readonly<Record<string, number | null>>[],
  files: readonly { path: string; bytes: number; sha256: string }[],
): BlockMeta {
  const of = (name: TableName) => rows[TABLES.indexOf(name)];
  const timed = (['samples', 'histograms', 'exemplars', 'logs'] as const).map(of).filter(({ n }) => n !== 0);
  return {
    format: FORMAT,
    store: job.store,
    from: job.from,
    // JSON has no Infinity: an empty block has 0 and -1, and so covers nothing.
    minTime: timed.length === 0 ? 0 : Math.min(...timed.map(({ low }) => low ?? 0)),
    maxTime: Math.max(-1, ...timed.map(({ high }) => high ?? -1)),
    series: of('series').n ?? 0,
    samples: of('samples').n ?? 0,
    histograms: of('histograms').n ?? 0,
    started: (of('samples').started ?? 0) + (of('histograms').started ?? 0),
    exemplars: of('exemplars').n ?? 0,
    logRecords: of('logs').n ?? 0,
    maxSeq: of('logs').seq ?? -1,
    files: files.map(({ path, bytes, sha256 }) => ({ name: basename(path), bytes, sha256 })),
  };
}

/** Reads every byte of a block; returns what is wrong, '' when nothing is. */
export async function faultOf(folder: string, meta: BlockMeta): Promise<string> {
  const [first] = await faultsOf(folder, meta, 'bytes');
  return first === undefined ? '' : first.fault;
}

interface FileFault {
  readonly name: string;
  readonly fault: string;
}

/** What is wrong with which files: by their sizes, which costs nothing, or by all of their bytes. */
async function faultsOf(folder: string, meta: BlockMeta, look: 'sizes' | 'bytes'): Promise<FileFault[]> {
  const faults: FileFault[] = [];
  for (const file of meta.files) {
    const fault = await fileFault(join(folder, file.name), file, look).catch(
      (error: unknown) => `${file.name} cannot be read: ${(error as Error).message}`,
    );
    if (fault !== '') faults.push({ name: file.name, fault });
  }
  return faults;
}

async function fileFault(path: string, { name, bytes, sha256 }: BlockFile, look: 'sizes' | 'bytes'): Promise<string> {
  const { size } = await stat(path);
  if (size !== bytes) return `${name} has ${size} bytes, expected ${bytes}`;
  if (look === 'sizes') return '';
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex') === sha256 ? '' : `${name} was changed: its checksum differs`;
}

/**
 * Moves the damaged files of a block aside and writes its `meta.json` anew without them, so that the rest is served.
 * Returns what the block is then; undefined where no file is damaged.
 */
export async function setDamagedFilesAside(
  folder: string,
  meta: BlockMeta,
  look: 'sizes' | 'bytes',
  damage: Damage,
): Promise<BlockMeta | undefined> {
  const faults = await faultsOf(folder, meta, look);
  if (faults.length === 0) return undefined;
  const rest = withoutFiles(meta, faults);
  for (const { name, fault } of faults) {
    await damage.moveAside(join(folder, name), new Error(fault), `${basename(folder)}-${name}`);
  }
  await writeFileAtomic(join(folder, 'meta.json'), `${JSON.stringify(rest, null, 2)}\n`);
  return rest;
}

function withoutFiles(meta: BlockMeta, faults: readonly FileFault[]): BlockMeta {
  const gone = faults.map(({ name }) => name.replace('.parquet', '') as TableName);
  // Without the labels nobody can say what the numbers in these are.
  const lost = gone.includes('series') ? [...gone, 'samples', 'histograms', 'exemplars'] : gone;
  const left = (name: TableName, count: number) => (lost.includes(name) ? 0 : count);
  return {
    ...meta,
    series: left('series', meta.series),
    samples: left('samples', meta.samples),
    histograms: left('histograms', meta.histograms),
    exemplars: left('exemplars', meta.exemplars),
    logRecords: left('logs', meta.logRecords),
    files: meta.files.filter(({ name }) => faults.every((fault) => fault.name !== name)),
    damaged: [...(meta.damaged ?? []), ...gone],
  };
}
