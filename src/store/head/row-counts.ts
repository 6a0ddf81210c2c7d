import { constants } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { HEAD_TABLES } from '../blocks/data-file.ts';
import type { HeadRows, HeadTable } from '../blocks/data-file.ts';

/** Bytes of the file: always the same, so that a new record replaces the old one in one write. */
const LENGTH = 512;

const VERSION = 1;

/** The file beside a head that says how many rows it has. */
export function rowCountsPath(head: string): string {
  return `${head.replace(/\.duckdb$/, '')}.rows.json`;
}

/**
 * Records how many rows of each table are committed, so that damage to the head's write-ahead log is noticed: DuckDB takes
 * a log that is cut short for one that ended there. Written after each commit and before its writers hear of it, without
 * a sync of its own: after a power cut the record may be older than the head, never newer.
 */
export async function writeRowCounts(head: string, rows: HeadRows): Promise<void> {
  const file = await open(rowCountsPath(head), constants.O_WRONLY | constants.O_CREAT, 0o600);
  try {
    await file.write(`${JSON.stringify({ version: VERSION, rows }).padEnd(LENGTH - 1)}\n`, 0);
  } finally {
    await file.close();
  }
}

/** Undefined where there is no record, or none that can be read. */
export async function readRowCounts(head: string): Promise<HeadRows | undefined> {
  try {
    const record = JSON.parse(await readFile(rowCountsPath(head), 'utf8')) as { version: number; rows: HeadRows };
    return record.version === VERSION && typeof record.rows === 'object' ? record.rows : undefined;
  } catch {
    return undefined;
  }
}

export async function removeRowCounts(head: string): Promise<void> {
  await rm(rowCountsPath(head), { force: true });
}

/** Rows that were counted and are not there, by table; undefined where none is missing. */
export function missingRows(
  counted: HeadRows | undefined,
  found: HeadRows,
): Partial<Record<HeadTable, number>> | undefined {
  const missing = HEAD_TABLES.flatMap((table) => {
    const count = (counted?.[table] ?? 0) - found[table];
    return count > 0 ? [[table, count] as const] : [];
  });
  return missing.length === 0 ? undefined : Object.fromEntries(missing);
}
