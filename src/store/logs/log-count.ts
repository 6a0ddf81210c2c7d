import type { LogLevel, LogVolume, LogVolumeRequest } from '../../model/log.ts';
import { type DataFile, covers } from '../blocks/data-file.ts';
import type { ChunkReader } from '../duck.ts';
import { StoreError } from '../errors.ts';
import { whileReading } from '../lease.ts';
import { type KqlNode, parseKql } from './kql.ts';
import { LEVELS } from './log-level.ts';
import { type LogSearchParts, type SourceTest, localSources, sourceTest } from './log-search.ts';
import { conditionOf } from './log-sql.ts';

const MOST_BUCKETS = 1000;

interface Count {
  readonly query: KqlNode;
  readonly allowed: SourceTest | undefined;
  readonly request: LogVolumeRequest;
  readonly last: number;
  /** Milliseconds of a bucket. */
  readonly step: number;
}

/**
 * Counts what a search finds, by level and equal parts of its time. Each file is counted by the database; nothing but the
 * figures comes out of it. @throws {StoreError} `bad_query`.
 */
export async function countLogs(
  parts: LogSearchParts,
  request: LogVolumeRequest,
  signal?: AbortSignal,
): Promise<LogVolume> {
  const { start, end, buckets } = request;
  if (!(end >= start) || !Number.isInteger(buckets) || buckets < 1 || buckets > MOST_BUCKETS)
    throw new StoreError('bad_query', `expected a time and 1 to ${MOST_BUCKETS} buckets`);
  const query = parseKql(request.query);
  conditionOf(query, []);
  const step = Math.max(1, Math.ceil((end - start + 1) / buckets));
  const count: Count = { query, allowed: sourceTest(request.sources), request, last: parts.lastSeq(), step };
  const files = parts.files().filter((file) => covers(file, start, end));
  const levels: Partial<Record<LogLevel | '', number[]>> = {};
  let total = 0;
  const countAll = async () => {
    for (const file of files) {
      for (const [bucket, level, records] of await countFile(parts, file, count, signal)) {
        total += records;
        const column = (levels[LEVELS[level] ?? ''] ??= Array.from({ length: buckets }, () => 0));
        if (bucket >= 0 && bucket < buckets) column[bucket] += records;
      }
    }
  };
  await whileReading(
    files.map(({ lease }) => lease),
    countAll,
  );
  return { start, step, total, levels };
}

type Row = readonly [bucket: number, level: number, records: number];

async function countFile(
  parts: LogSearchParts,
  file: DataFile,
  { query, allowed, request: { start, end }, last, step }: Count,
  signal?: AbortSignal,
): Promise<Row[]> {
  const found: Row[] = [];
  await parts.readFile(
    file,
    async () => {
      const table = file.table('logs');
      if (table === undefined) return;
      const sources = localSources(parts.sources, file).filter((source) => allowed?.(source) ?? true);
      const numbers = sources.map(({ number }) => number).join(',');
      const within = allowed === undefined ? '' : numbers === '' ? 'and false' : `and source in (${numbers})`;
      const sql = `select ((ts - ${start}) // ${step})::bigint, level::integer::bigint, count(*)::bigint from ${table}
        where ts between ${start} and ${end} and seq <= ${last} ${within} and (${conditionOf(query, sources)}) group by 1, 2`;
      // A file that moved meanwhile is read again from its start.
      found.length = 0;
      await parts.database.scan(sql, (chunk) => readRows(chunk, found), signal);
    },
    signal,
  );
  return found;
}

function readRows(chunk: ChunkReader, found: Row[]): void {
  const [bucket, level, records] = [chunk.i64(0), chunk.i64(1), chunk.i64(2)];
  for (let i = 0; i < chunk.rows; i++) found.push([bucket[i], level[i], records[i]]);
}
