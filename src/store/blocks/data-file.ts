import type { Lease } from '../lease.ts';

/** The tables that heads and blocks have alike; docs/store.md lists their columns. */
export const TABLES = ['series', 'samples', 'histograms', 'exemplars', 'log_sources', 'logs'] as const;
export type TableName = (typeof TABLES)[number];

/** Heads have counters whose start is known in a table of their own. */
export type HeadTable = TableName | 'started';

/** Rows of each table of a head. A head is only appended to, so a row's `rowid` is its place in that order. */
export type HeadRows = Readonly<Record<HeadTable, number>>;

/** The tables of a head. */
export const HEAD_TABLES: readonly HeadTable[] = [
  'series',
  'samples',
  'started',
  'histograms',
  'exemplars',
  'log_sources',
  'logs',
];

export const NO_ROWS = Object.fromEntries(HEAD_TABLES.map((table) => [table, 0])) as HeadRows;

/** One stretch of the data on disk: a head (DuckDB) or a block (Parquet). */
export interface DataFile {
  readonly name: string;
  readonly lease: Lease;
  /** Of samples and logs, milliseconds; Infinity and -Infinity while there are none. */
  readonly minTime: number;
  readonly maxTime: number;
  readonly samples: number;
  readonly logRecords: number;
  /** Whether of any sample it is known when its counter began: then `samples` and `histograms` have the column `start_ts`. */
  readonly hasStarts: boolean;
  /**
   * What follows `from` in SQL, or undefined where the file has no such table or it is empty. `upTo` leaves out rows of a
   * head that were committed later.
   */
  table(name: TableName, upTo?: HeadRows): string | undefined;
  /** Number in the file → number in the registry; undefined where they are the same. */
  readonly seriesNumbers: Int32Array | undefined;
  /** 1 at the number of each series in it; undefined where `seriesNumbers` tells. */
  readonly holds: Uint8Array | undefined;
  /** As `seriesNumbers`, for log sources. */
  readonly sourceNumbers: ReadonlyMap<number, number> | undefined;
  /** The highest log record in it, -1 without any; Infinity while it may still grow. */
  readonly maxSeq: number;
}

/** Whether the file may hold anything between the times (inclusive). */
export function covers(file: DataFile, start: number, end: number): boolean {
  return file.minTime <= end && file.maxTime >= start;
}
