import { join } from 'node:path';
import type { RepeatedSql, SqlJob } from './child.ts';
import type { TableName } from './data-file.ts';
import { TABLES } from './data-file.ts';
import { sqlText } from '../duck.ts';

/** One file that goes into a block: a head, or the folder of an older block. */
export type CompactionInput = HeadInput | BlockInput;

export interface HeadInput {
  readonly kind: 'head';
  readonly path: string;
  /** Samples, see {@link HISTOGRAM_WEIGHT}. */
  readonly weight: number;
}

export interface BlockInput {
  readonly kind: 'block';
  readonly folder: string;
  /** Samples, see {@link HISTOGRAM_WEIGHT}. */
  readonly weight: number;
  readonly tables: readonly TableName[];
  /** Set for a block of the first format, whose tables lack `start_ts`. */
  readonly withoutStarts?: boolean;
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
  /** A folder that exists, for what does not fit and for parts. */
  readonly spill: string;
  readonly deletion?: Deletion;
  /** Samples to be sorted at a time. */
  readonly part?: number;
}

/** A histogram takes about the memory of so many samples. */
export const HISTOGRAM_WEIGHT = 64;

/**
 * Row groups of this size let a reader skip to a few series; larger ones save little more. Without the limit DuckDB makes
 * dictionaries of times and counters, which take a fifth more than the deltas and split bytes it writes otherwise.
 */
const PARQUET =
  "(format parquet, parquet_version 'V2', compression zstd, row_group_size 122880, dictionary_size_limit 30)";

/** A dictionary takes 0 and -0 for one value, and all NaNs: samples do without one and keep their bits. */
const PARQUET_BITS = PARQUET.replace('limit 30', 'limit 0');
const PIECE_BITS = '(format parquet, compression lz4, dictionary_size_limit 0)';

/**
 * Samples are sorted in parts of about this many, each a range of series, and the parts are then strung together. That
 * holds the child at 330 MB where one sort of everything takes 450–520 MB and, at a low limit, runs out of memory: what
 * DuckDB's sort spills depends on its guess of the rows. So a part has to fit in any case.
 */
const PART = 2e6;

/**
 * The SQL that brings inputs together as one block: series numbered by metric name and labels, so that what is asked
 * together lies together; samples by series and time; logs by time. Columns: docs/store.md.
 *
 * Every input shows itself as views `series_i`, `samples_i` … of the same columns; a table that it lacks is left out.
 */
export function compactionSql(job: CompactionJob): SqlJob {
  const { inputs, target, deletion, part = PART } = job;
  const having = (table: TableName) =>
    inputs.flatMap((input, i) => (input.kind === 'head' || input.tables.includes(table) ? [i] : []));
  const union = (table: TableName, select: (i: number) => string) =>
    having(table)
      .map((i) => select(i))
      .join(' union all ');
  const out = (table: TableName) => sqlText(join(target, `${table}.parquet`));
  const statements: (string | RepeatedSql)[] = inputs.flatMap((input, i) => viewsOf(input, i));
  const weight = inputs.reduce((sum, input) => sum + input.weight, 0);
  const parts = Math.max(1, Math.ceil(weight / part));
  const series = union('series', (i) => `select number, labels from series_${i}`);
  statements.push(
    `create table numbered as
       select (row_number() over (order by metric, key) - 1)::uinteger as series, number, metric, labels from (
         select number, first(labels) as labels, first(labels['__name__']) as metric, first(labels::varchar) as key
         from (${series === '' ? "select 0::uinteger as number, map([''],['']) as labels limit 0" : series})
         group by number)`,
  );
  const weights = SERIES_TABLES.flatMap(([table]) => having(table).map((i) => weightSql(table, i, deletion)));
  const weighed = ['select series, 0 as weight, null::bigint as low, null::bigint as high from numbered', ...weights];
  statements.push(
    `create table parts as select series, min_ts, max_ts, least(sum(weight) over (order by series) // ${part}, ${parts - 1}) as part
       from (select series, sum(weight) as weight, min(low) as min_ts, max(high) as max_ts
         from (${weighed.join(' union all ')}) group by series)`,
    `copy (select series, number, metric, labels, min_ts, max_ts from numbered join parts using (series) order by series)
       to ${out('series')} ${PARQUET}`,
    ...having('series').map(
      (i) => `create table map_${i} as select local, series, number, part
        from series_${i} join numbered using (number) join parts using (series)`,
    ),
    // Samples stream past the hash of the map. Left to itself, DuckDB may take them for the smaller side and hash them.
    "set disabled_optimizers = 'join_order,build_side_probe_side'",
  );
  for (const [table, columns] of SERIES_TABLES) {
    if (having(table).length === 0) continue;
    const rows = union(
      table,
      (i) => `select mapped.series as series, number, part, ${columns} from ${table}_${i} as rows
        join map_${i} as mapped on rows.series = mapped.local`,
    );
    const sorted = (place: number) =>
      `select series, ${columns} from (${rows}) where part = ${place} ${keepSql(deletion)} order by series, ts`;
    statements.push(...copyInParts(sorted, parts, out(table), join(job.spill, table)));
  }
  if (having('logs').length > 0) {
    const logs = union('logs', (i) => `select ${LOG_COLUMNS} from logs_${i}`);
    const sources = union('log_sources', (i) => `select * from log_sources_${i}`) || NO_SOURCES;
    statements.push(
      ...sortedLogs(logs, out('logs'), join(job.spill, 'logs'), job.memory),
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

/**
 * Log records in order of time. They, too, are sorted in parts that fit in memory, each a range of time that holds about a
 * thirtieth of it: what DuckDB does with all of them ends where they are more than the limit. Row groups of long
 * records have fewer of them, for DuckDB gathers each in memory. Without any record there is one empty part.
 */
function sortedLogs(logs: string, file: string, aside: string, memory: number): (string | RepeatedSql)[] {
  const group = `greatest(2048, least(122880, sum(records) * ${Math.round(memory / 8)} // sum(bytes)))::integer as group_rows`;
  return [
    `create table log_seconds as select ts // 1000 as second, min(ts) as low, max(ts) as high,
       count(*)::bigint as records, sum(strlen(message) + 64)::bigint as bytes from (${logs}) group by second`,
    `create table log_parts as select *, sum(bytes) over (order by second) // ${Math.round(memory / 32)} as part from log_seconds`,
    {
      rows: `select min(low) as low, max(high) as high, lpad(part::varchar, 9, '0') as part, ${group}
        from log_parts group by part union all select 0, -1, 'none', 2048 where not exists (from log_parts)`,
      sql: `copy (select * from (${logs}) where ts between {low} and {high} order by ts, nanos, seq)
        to ${sqlText(`${aside}-{part}.parquet`)} (format parquet, compression lz4, row_group_size {group_rows})`,
    },
    {
      rows: `select ${group} from log_seconds`,
      sql: `copy (select * from read_parquet(${sqlText(`${aside}-*.parquet`)})) to ${file} ${PARQUET.replace('122880', '{group_rows}')}`,
    },
  ];
}

const SERIES_TABLES: readonly (readonly [TableName, string])[] = [
  ['samples', 'ts, value, start_ts'],
  ['histograms', 'ts, histogram, start_ts'],
  ['exemplars', 'ts, value, exemplar'],
];

const NO_SOURCES = `select 0::uinteger as source, '' as id, '' as path, map([''],['']) as fields, 0::bigint as position limit 0`;

const LOG_COLUMNS = 'seq, source, "offset", ts, nanos, stream, level, flags, message';

function viewsOf(input: CompactionInput, i: number): string[] {
  if (input.kind === 'block') return blockViews(input, i);
  const head = `head_${i}`;
  return [
    `attach ${sqlText(input.path)} as ${head} (read_only)`,
    `create table series_${i} as select distinct series as local, series as number,
       labels::json::map(varchar, varchar) as labels from ${head}.series`,
    `create view samples_${i} as ${headSamplesSql((table) => `${head}.${table}`, 'null::bigint')}`,
    `create view histograms_${i} as select series, ts, histogram, nullif(start_ts, 0) as start_ts from ${head}.histograms`,
    `create view exemplars_${i} as select series, ts, value, labels::json::map(varchar, varchar) as exemplar
       from ${head}.exemplars`,
    `create view logs_${i} as select ${LOG_COLUMNS} from ${head}.logs`,
    `create view log_sources_${i} as select source, id, path, fields::json::map(varchar, varchar) as fields,
       (select max("offset") from ${head}.logs where logs.source = s.source) as position
       from (select distinct source, id, path, fields from ${head}.log_sources) as s`,
  ];
}

/** All samples of an attached head; `unknown` is the `start_ts` of those whose counter's start is not known. */
export function headSamplesSql(rows: (table: 'samples' | 'started') => string, unknown: string): string {
  return `select series, ts, value, ${unknown} as start_ts from ${rows('samples')}
    union all select series, ts, value, start_ts from ${rows('started')}`;
}

function blockViews({ folder, tables, renumber, withoutStarts = false }: BlockInput, i: number): string[] {
  const columns: Partial<Record<TableName, string>> = { series: 'series as local, number, labels' };
  if (withoutStarts) columns.samples = columns.histograms = '*, null::bigint as start_ts';
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

/** How much of each series an input holds, and between which times; exemplars do not count there. */
function weightSql(table: TableName, i: number, deletion: Deletion | undefined): string {
  const weight = table === 'histograms' ? HISTOGRAM_WEIGHT : 1;
  const times = table === 'exemplars' ? 'null::bigint as low, null::bigint as high' : 'min(ts) as low, max(ts) as high';
  const kept =
    deletion === undefined
      ? ''
      : `where not (ts between ${deletion.start} and ${deletion.end}
          and series in (select local from series_${i} where number in (${listSql(deletion.numbers)})))`;
  return `select numbered.series, weight, low, high
    from (select series as local, ${weight} * count(*) as weight, ${times} from ${table}_${i} ${kept} group by series)
    join series_${i} using (local) join numbered using (number)`;
}

/** One file of all parts in their order; `aside` begins the paths of the files between. */
function copyInParts(sorted: (part: number) => string, parts: number, file: string, aside: string): string[] {
  if (parts === 1) return [`copy (${sorted(0)}) to ${file} ${PARQUET_BITS}`];
  const pieces = Array.from({ length: parts }, (_, part) => sqlText(`${aside}-${part}.parquet`));
  return [
    ...pieces.map((piece, part) => `copy (${sorted(part)}) to ${piece} ${PIECE_BITS}`),
    `copy (select * from read_parquet([${pieces.join(', ')}])) to ${file} ${PARQUET_BITS}`,
  ];
}

function keepSql(deletion: Deletion | undefined): string {
  if (deletion === undefined) return '';
  const numbers = listSql(deletion.numbers);
  return `and not (ts between ${deletion.start} and ${deletion.end} and coalesce(number in (${numbers}), false))`;
}

function listSql(numbers: readonly number[]): string {
  return numbers.length === 0 ? 'null' : numbers.join(',');
}

function countSql(table: TableName, exists: boolean, file: string): string {
  if (!exists) return 'select 0::double as n';
  const timed = table !== 'series' && table !== 'log_sources';
  const times = timed ? ', min(ts)::double as low, max(ts)::double as high' : '';
  const started = table === 'samples' || table === 'histograms' ? ', count(start_ts)::double as started' : '';
  const seq = table === 'logs' ? ', max(seq)::double as seq' : '';
  return `select count(*)::double as n ${times} ${started} ${seq} from ${file}`;
}
