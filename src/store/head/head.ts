import type { DuckDBConnection } from '@duckdb/node-api';
import { existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { HISTOGRAM_WEIGHT, headSamplesSql } from '../blocks/compaction.ts';
import type { CompactionInput } from '../blocks/compaction.ts';
import { HEAD_TABLES, NO_ROWS } from '../blocks/data-file.ts';
import type { DataFile, HeadRows, HeadTable, TableName } from '../blocks/data-file.ts';
import { removeRowCounts } from './row-counts.ts';
import type { Database, Duck } from '../duck.ts';
import { sqlText } from '../duck.ts';
import { StoreError } from '../errors.ts';
import { Lease } from '../lease.ts';
import { BytesColumn, F64Column, I64Column, TableWriter, TextColumn, U32Column, U8Column } from './table-writer.ts';

/**
 * Of the files' layout. A store of a higher one is refused. Blocks of 1 do not tell between which times a series has samples;
 * nothing of 1 tells when counters began.
 */
export const FORMAT = 2;

/** How far the heads had got: what was committed later lies past `rows` of `head`, or in a later head. */
export interface HeadMark {
  readonly head: Head | undefined;
  readonly rows: HeadRows;
}

const SCHEMA: Readonly<Record<HeadTable | 'about', string>> = {
  about: 'format integer, created bigint',
  series: 'series uinteger, labels varchar',
  samples: 'series uinteger, ts bigint, value double',
  // Apart from the other samples, which are most: an empty column takes as much of the write-ahead log as a full one.
  started: 'series uinteger, ts bigint, value double, start_ts bigint',
  histograms: 'series uinteger, ts bigint, histogram blob, start_ts bigint default 0',
  exemplars: 'series uinteger, ts bigint, value double, labels varchar',
  log_sources: 'source uinteger, id varchar, path varchar, fields varchar',
  logs: `seq bigint, source uinteger, "offset" bigint, ts bigint, nanos uinteger, stream utinyint, level utinyint,
    flags varchar, message varchar`,
};

/**
 * The newest data: a DuckDB file that rows are appended to in the order they come. It holds the labels of every series
 * and log source that its rows name, so each file can be understood without any other.
 */
export class Head implements DataFile {
  readonly name: string;
  readonly path: string;
  readonly alias: string;
  /** When it was made, milliseconds. */
  readonly created: number;
  readonly lease = new Lease();
  readonly seriesNumbers = undefined;
  readonly sourceNumbers = undefined;
  readonly maxSeq = Infinity;
  minTime = Infinity;
  maxTime = -Infinity;
  samples = 0;
  /** Of samples and histograms: those of which is known when their counter began. */
  started = 0;
  histograms = 0;
  exemplars = 0;
  logRecords = 0;
  /** What is committed. */
  rows: HeadRows = NO_ROWS;
  /** 1 at the number of each series whose labels stand in this file. */
  holds = new Uint8Array(0);
  #readOnly = false;
  #attached = false;

  private constructor(path: string, name: string, alias: string, created: number) {
    this.path = path;
    this.name = name;
    this.alias = alias;
    this.created = created;
  }

  static async create(database: Database, path: string, name: string, now: number): Promise<Head> {
    const head = new Head(path, name, aliasOf(name), now);
    await head.attach(database, false);
    await database.run(
      Object.entries(SCHEMA)
        .map(([table, columns]) => `create table ${head.alias}.${table}(${columns})`)
        .join(';'),
    );
    await database.run(`insert into ${head.alias}.about values (${FORMAT}, ${now})`);
    return head;
  }

  /** Counts nothing yet. @throws where the file is damaged or of another version; then nothing is attached. */
  static async open(database: Database, path: string, name: string): Promise<Head> {
    const alias = aliasOf(name);
    const unread = new Head(path, name, alias, 0);
    await unread.attach(database, false);
    try {
      const [about] = await database.rows(`select format, created from ${alias}.about`);
      if (about === undefined) throw new Error(`${path}: the file was never finished`);
      if (Number(about.format) > FORMAT) {
        throw new StoreError('version', `${path}: written by a newer crowsnest (format ${String(about.format)})`);
      }
      if (Number(about.format) === 1) {
        await database.run(`create table if not exists ${alias}.started(${SCHEMA.started});
          alter table ${alias}.histograms add column if not exists start_ts bigint default 0`);
      }
      const head = new Head(path, name, alias, Number(about.created));
      head.#attached = true;
      return head;
    } catch (error) {
      await database.run(`detach ${alias}`);
      throw error;
    }
  }

  get hasStarts(): boolean {
    return this.started > 0;
  }

  get readOnly(): boolean {
    return this.#readOnly;
  }

  async attach(database: Database, readOnly: boolean): Promise<void> {
    await database.run(`attach ${sqlText(this.path)} as ${this.alias} ${readOnly ? '(read_only)' : ''}`);
    this.#readOnly = readOnly;
    this.#attached = true;
  }

  /** Lets another process read the file, too. Call it while nobody reads; again where it failed, for then nobody can read. */
  async makeReadOnly(database: Database): Promise<void> {
    if (this.#readOnly) return;
    if (this.#attached) {
      await database.run(`checkpoint ${this.alias}`);
      await database.run(`detach ${this.alias}`);
      this.#attached = false;
    }
    await this.attach(database, true);
  }

  /** Takes the file away for good. Call it while nobody reads. */
  async destroy(database: Database): Promise<void> {
    if (this.#attached) await database.run(`detach ${this.alias}`);
    this.#attached = false;
    // First, or a crash would leave a count without a head: the sign of one that is lost.
    await removeRowCounts(this.path);
    await rm(this.path, { force: true });
    await rm(`${this.path}.wal`, { force: true });
  }

  asInput(): CompactionInput {
    return { kind: 'head', path: this.path, weight: this.samples + this.histograms * HISTOGRAM_WEIGHT };
  }

  table(name: TableName, upTo?: HeadRows): string | undefined {
    const counts = { samples: this.samples, histograms: this.histograms, exemplars: this.exemplars };
    if (name in counts && counts[name as keyof typeof counts] === 0) return undefined;
    if ((name === 'logs' || name === 'log_sources') && this.logRecords === 0) return undefined;
    const rows = (table: HeadTable) =>
      upTo === undefined
        ? `${this.alias}.${table}`
        : `(select * from ${this.alias}.${table} where rowid < ${upTo[table]})`;
    if (name === 'samples' && this.hasStarts) return `(${headSamplesSql(rows, '0::bigint')})`;
    return rows(name);
  }

  /** Without the write-ahead log. */
  get fileBytes(): number {
    return existsSync(this.path) ? statSync(this.path).size : 0;
  }

  /** Of the file and its write-ahead log. */
  get bytes(): number {
    return [this.path, `${this.path}.wal`].reduce((sum, path) => sum + (existsSync(path) ? statSync(path).size : 0), 0);
  }

  covers(time: number): void {
    if (time < this.minTime) this.minTime = time;
    if (time > this.maxTime) this.maxTime = time;
  }
}

function aliasOf(name: string): string {
  return name.replaceAll('-', '_');
}

/** The rows of one commit to a head, all of them or none. */
export class HeadTransaction {
  readonly head: Head;
  readonly series: LazyTable<{ series: U32Column; labels: TextColumn }>;
  readonly samples: LazyTable<{ series: U32Column; ts: I64Column; value: F64Column }>;
  readonly started: LazyTable<{ series: U32Column; ts: I64Column; value: F64Column; start: I64Column }>;
  readonly histograms: LazyTable<{ series: U32Column; ts: I64Column; histogram: BytesColumn; start: I64Column }>;
  readonly exemplars: LazyTable<{ series: U32Column; ts: I64Column; value: F64Column; labels: TextColumn }>;
  readonly logSources: LazyTable<{ source: U32Column; id: TextColumn; path: TextColumn; fields: TextColumn }>;
  readonly logs: LazyTable<LogColumns>;
  readonly #connection: DuckDBConnection;
  readonly #tables: Readonly<Record<HeadTable, { close(): void; readonly rows: number }>>;

  private constructor(duck: Duck, connection: DuckDBConnection, head: Head) {
    this.#connection = connection;
    this.head = head;
    const at = { duck, connection, catalog: head.alias };
    this.series = new LazyTable(at, 'series', () => ({ series: new U32Column(), labels: new TextColumn() }));
    this.samples = new LazyTable(at, 'samples', () => ({
      series: new U32Column(),
      ts: new I64Column(),
      value: new F64Column(),
    }));
    this.started = new LazyTable(at, 'started', () => ({
      series: new U32Column(),
      ts: new I64Column(),
      value: new F64Column(),
      start: new I64Column(),
    }));
    this.histograms = new LazyTable(at, 'histograms', () => ({
      series: new U32Column(),
      ts: new I64Column(),
      histogram: new BytesColumn('BLOB'),
      start: new I64Column(),
    }));
    this.exemplars = new LazyTable(at, 'exemplars', () => ({
      series: new U32Column(),
      ts: new I64Column(),
      value: new F64Column(),
      labels: new TextColumn(),
    }));
    this.logSources = new LazyTable(at, 'log_sources', () => ({
      source: new U32Column(),
      id: new TextColumn(),
      path: new TextColumn(),
      fields: new TextColumn(),
    }));
    this.logs = new LazyTable(at, 'logs', logColumns);
    const { series, samples, started, histograms, exemplars, logSources, logs } = this;
    this.#tables = { series, samples, started, histograms, exemplars, log_sources: logSources, logs };
  }

  static async begin(duck: Duck, connection: DuckDBConnection, head: Head): Promise<HeadTransaction> {
    await connection.run('begin transaction');
    return new HeadTransaction(duck, connection, head);
  }

  /** Rows that the head will have with what was appended so far. */
  get rows(): HeadRows {
    const { rows } = this.head;
    return Object.fromEntries(HEAD_TABLES.map((table) => [table, rows[table] + this.#tables[table].rows])) as HeadRows;
  }

  /** Resolves when the rows survive a crash. */
  async commit(): Promise<void> {
    for (const table of Object.values(this.#tables)) table.close();
    await this.#connection.run('commit');
  }

  /** Never rejects: what failed may have ended the transaction already. */
  async rollback(): Promise<void> {
    await this.#connection.run('rollback').catch(() => undefined);
  }
}

interface LogColumns {
  seq: I64Column;
  source: U32Column;
  offset: I64Column;
  ts: I64Column;
  nanos: U32Column;
  stream: U8Column;
  level: U8Column;
  flags: TextColumn;
  message: BytesColumn;
}

function logColumns(): LogColumns {
  return {
    seq: new I64Column(),
    source: new U32Column(),
    offset: new I64Column(),
    ts: new I64Column(),
    nanos: new U32Column(),
    stream: new U8Column(),
    level: new U8Column(),
    flags: new TextColumn(),
    message: new BytesColumn('VARCHAR'),
  };
}

type TableColumns = Record<string, U8Column | U32Column | I64Column | F64Column | TextColumn | BytesColumn>;

/** A table's appender that is made when the first row comes. */
class LazyTable<C extends { [K in keyof C]: TableColumns[string] }> {
  readonly #at: { duck: Duck; connection: DuckDBConnection; catalog: string };
  readonly #name: HeadTable;
  readonly #make: () => C;
  #rows = 0;
  #open: { columns: C; writer: TableWriter } | undefined;

  constructor(at: { duck: Duck; connection: DuckDBConnection; catalog: string }, name: HeadTable, make: () => C) {
    this.#at = at;
    this.#name = name;
    this.#make = make;
  }

  async open(): Promise<{ columns: C; writer: TableWriter }> {
    if (this.#open !== undefined) return this.#open;
    const columns = this.#make();
    const { duck, connection, catalog } = this.#at;
    const writer = await TableWriter.open(duck, connection, catalog, this.#name, Object.values(columns));
    this.#open = { columns, writer };
    return this.#open;
  }

  get rows(): number {
    return this.#rows + (this.#open?.writer.total ?? 0);
  }

  close(): void {
    this.#open?.writer.close();
    this.#rows = this.rows;
    this.#open = undefined;
  }
}
