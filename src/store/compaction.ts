import { join } from 'node:path';
import type { SqlJob } from './child.ts';
import type { TableName } from './data-file.ts';
import { TABLES } from './data-file.ts';
import { sqlText } from './duck.ts';

/** One file that goes into a block: a head, or the folder of an older block. */
export type CompactionInput = { readonly kind: 'head'; readonly path: string } | BlockInput;

export interface BlockInput {
  readonly kind: 'block';
  readonly folder: string;
  readonly tables: readonly TableName[];
  /** Set for a block of another store: the numbers here, by the number there. Its log records count as old. */
  readonly renumber?: { readonly series: Int32Array; readonly sources: ReadonlyMap<number, number> };
}

/** Samples that shall not come along: of these series, between these times (inclusive). */
export interface Deletion {
  /** Numbers in the registry. */
  readonly numbers: readonly number[];
  readonly start: number;
  readonly end: number;
}

export interface CompactionJob {
  readonly inputs: readonly CompactionInput[];
  /** New and empty. */
  readonly target: string;
  readonly memory: number;
  readonly spill: string;
  readonly deletion?: Deletion;
}

/**
 * Row groups of this size let a reader skip to a few series; larger ones save little more. Without the limit DuckDB makes
 * dictionaries of times and counters, which take a fifth more than the deltas and split bytes it writes otherwise.
 */
const PARQUET =
  "(format parquet, parquet_version 'V2', compression zstd, row_group_size 122880, dictionary_size_limit 30)";

/**
 * The SQL that brings inputs together as one block: series numbered by metric name and labels, so that what is asked
 * together lies together; samples by series and time; logs by time. Columns: docs/store.md.
 *
 * Every input shows itself as views `series_i`, `samples_i` … of the same columns; a table that it lacks is left out.
 */
export function compactionSql(job: CompactionJob): SqlJob {
  const { inputs, target, deletion } = job;
  const having = (table: TableName) =>
    inputs.flatMap((input, i) => (input.kind === 'head' || input.tables.includes(table) ? [i] : []));
  const union = (table: TableName, select: (i: number) => string) =>
    having(table)
      .map((i) => select(i))
      .join(' union all ');
  const out = (table: TableName) => sqlText(join(target, `${table}.parquet`));
  const statements = inputs.flatMap((input, i) => viewsOf(input, i));
  const series = union('series', (i) => `select number, labels from series_${i}`);
  statements.push(
    `create table numbered as
       select (row_number() over (order by metric, key) - 1)::uinteger as series, number, metric, labels from (
         select number, first(labels) as labels, first(labels['__name__']) as metric, first(labels::varchar) as key
         from (${series === '' ? "select 0::uinteger as number, map([''],['']) as labels limit 0" : series})
         group by number)`,
    `copy (select * from numbered order by series) to ${out('series')} ${PARQUET}`,
  );
  for (const [table, columns] of SERIES_TABLES) {
    if (having(table).length === 0) continue;
    const rows = union(
      table,
      (i) => `select numbered.series as series, numbered.number as number, ${columns} from ${table}_${i} as rows
        join series_${i} as own on rows.series = own.local join numbered on own.number = numbered.number`,
    );
    statements.push(
      `copy (select series, ${columns} from (${rows}) ${keepSql(deletion)} order by series, ts) to ${out(table)} ${PARQUET}`,
    );
  }
  if (having('logs').length > 0) {
    const logs = union('logs', (i) => `select ${LOG_COLUMNS} from logs_${i}`);
    const sources = union('log_sources', (i) => `select * from log_sources_${i}`);
    statements.push(
      `copy (select ${LOG_COLUMNS} from (${logs}) order by ts, nanos, seq) to ${out('logs')} ${PARQUET}`,
      `copy (select source, id, path, fields, max(position) as position from (${sources}) group by all order by source)
         to ${out('log_sources')} ${PARQUET}`,
    );
  }
  return {
    statements,
    memory: job.memory,
    spill: job.spill,
    questions: TABLES.map((table) => countSql(table, having(table).length > 0, out(table))),
    files: TABLES.map((table) => join(target, `${table}.parquet`)),
  };
}

const SERIES_TABLES: readonly (readonly [TableName, string])[] = [
  ['samples', 'ts, value'],
  ['histograms', 'ts, histogram'],
  ['exemplars', 'ts, value, exemplar'],
];

const LOG_COLUMNS = 'seq, source, "offset", ts, nanos, stream, level, flags, message';

function viewsOf(input: CompactionInput, i: number): string[] {
  if (input.kind === 'block') return blockViews(input, i);
  const head = `head_${i}`;
  return [
    `attach ${sqlText(input.path)} as ${head} (read_only)`,
    `create table series_${i} as select distinct series as local, series as number,
       labels::json::map(varchar, varchar) as labels from ${head}.series`,
    `create view samples_${i} as select series, ts, value from ${head}.samples`,
    `create view histograms_${i} as select series, ts, histogram from ${head}.histograms`,
    `create view exemplars_${i} as select series, ts, value, labels::json::map(varchar, varchar) as exemplar
       from ${head}.exemplars`,
    `create view logs_${i} as select ${LOG_COLUMNS} from ${head}.logs`,
    `create view log_sources_${i} as select source, id, path, fields::json::map(varchar, varchar) as fields,
       (select max("offset") from ${head}.logs where logs.source = s.source) as position
       from (select distinct source, id, path, fields from ${head}.log_sources) as s`,
  ];
}

function blockViews({ folder, tables, renumber }: BlockInput, i: number): string[] {
  const columns: Partial<Record<TableName, string>> = { series: 'series as local, number, labels' };
  const statements: string[] = [];
  if (renumber !== undefined) {
    const sources = [...renumber.sources];
    statements.push(
      mapSql(`series_map_${i}`, [...renumber.series.keys()], [...renumber.series]),
      mapSql(`source_map_${i}`, sources.map(([there]) => there), sources.map(([, here]) => here)),
    ); // prettier-ignore
    const source = `(select here from source_map_${i} where there = source) as source`;
    columns.series = `series as local, (select here from series_map_${i} where there = series) as number, labels`;
    columns.logs = `* replace (-1::bigint as seq, ${source})`;
    columns.log_sources = `* replace (${source})`;
  }
  for (const table of tables) {
    const from = `read_parquet(${sqlText(join(folder, `${table}.parquet`))})`;
    statements.push(`create view ${table}_${i} as select ${columns[table] ?? '*'} from ${from}`);
  }
  return statements;
}

function mapSql(name: string, there: readonly number[], here: readonly number[]): string {
  return `create table ${name} as
    select unnest([${there.join(',')}]::uinteger[]) as there, unnest([${here.join(',')}]::uinteger[]) as here`;
}

function keepSql(deletion: Deletion | undefined): string {
  if (deletion === undefined) return '';
  const numbers = deletion.numbers.length === 0 ? 'null' : deletion.numbers.join(',');
  return `where not (ts between ${deletion.start} and ${deletion.end} and coalesce(number in (${numbers}), false))`;
}

function countSql(table: TableName, exists: boolean, file: string): string {
  if (!exists) return 'select 0::double as n';
  const timed = table !== 'series' && table !== 'log_sources';
  const times = timed ? ', min(ts)::double as low, max(ts)::double as high' : '';
  const seq = table === 'logs' ? ', max(seq)::double as seq' : '';
  return `select count(*)::double as n ${times} ${seq} from ${file}`;
}
