import { compileMatch } from '../../lib/text/match.ts';
import type { LogRecord, LogSearchAnswer, LogSearchRequest } from '../../model/log.ts';
import type { DataFile } from '../blocks/data-file.ts';
import { covers } from '../blocks/data-file.ts';
import type { ReadFile } from '../read/disk-reader.ts';
import type { ChunkReader, Database } from '../duck.ts';
import { StoreError } from '../errors.ts';
import type { KqlNode } from './kql.ts';
import { whileReading } from '../lease.ts';
import { parseKql } from './kql.ts';
import { LEVELS } from './log-level.ts';
import type { KnownSource, LogSources } from './log-sources.ts';
import { conditionOf, messageFieldsOf } from './log-sql.ts';
import { mayHaveField, messageField } from './message-fields.ts';

export interface LogSearchParts {
  readonly database: Database;
  readonly sources: LogSources;
  files(): readonly DataFile[];
  readonly readFile: ReadFile;
  /** Number of the newest record that is committed. */
  lastSeq(): number;
}

interface Found {
  readonly seq: number;
  readonly record: LogRecord;
}

const MAX_LIMIT = 100_000;

/** Searches file by file from the wanted end, until what is found cannot be bettered. @throws {StoreError} `bad_query`. */
export async function searchLogs(
  parts: LogSearchParts,
  request: LogSearchRequest,
  signal?: AbortSignal,
): Promise<LogSearchAnswer> {
  const query = parseKql(request.query);
  conditionOf(query, []);
  const allowed = sourceTest(request.sources);
  const limit = Math.min(Math.max(0, request.limit), MAX_LIMIT);
  const last = parts.lastSeq();
  const after = afterOf(request);
  // A tail that is read on from a cursor must not skip: it goes by the order of storing.
  const tail = after !== undefined && request.order === 'oldest';
  const files = inOrder(parts.files(), request).filter((file) => after === undefined || file.maxSeq > after);
  let found: Found[] = [];
  const searchAll = async () => {
    for (const file of files) {
      if (!tail && found.length > limit && cannotBetter(file, found[limit].record.timestamp, request.order)) continue;
      const own = await searchFile(
        parts,
        file,
        query,
        { request, allowed, after, last, limit: limit + 1, tail },
        signal,
      );
      found = [...found, ...own].sort(tail ? (a, b) => a.seq - b.seq : comparator(request.order)).slice(0, limit + 1);
    }
  };
  await whileReading(
    files.map(({ lease }) => lease),
    searchAll,
  );
  const more = found.length > limit;
  const taken = found.slice(0, limit);
  const cursor = tail && more ? (taken.at(-1)?.seq ?? last) : Math.max(last, after ?? last);
  const answer = { records: taken.map(({ record }) => record), cursor: String(cursor), more };
  if (taken.length > 0 || after !== undefined) return answer;
  return { ...answer, unknownFields: await unknownFields(parts, query, request, allowed, signal) };
}

/** So that a misspelt field is not taken for "no such records". */
async function unknownFields(
  parts: LogSearchParts,
  query: KqlNode,
  { start, end }: LogSearchRequest,
  allowed: SourceTest | undefined,
  signal?: AbortSignal,
): Promise<string[]> {
  const files = parts.files().filter((file) => covers(file, start, end));
  const asked = messageFieldsOf(
    query,
    [...parts.sources.all()].filter((source) => allowed?.(source) ?? true),
  );
  const unknown = new Set(asked);
  for (const file of files) {
    for (const field of unknown) {
      const isThere = `${mayHaveField(field)} and ${messageField(field)} is not null`;
      if (await hasRecord(parts, file, `ts between ${start} and ${end} and ${isThere}`, allowed, signal))
        unknown.delete(field);
    }
  }
  return [...unknown];
}

async function hasRecord(
  parts: LogSearchParts,
  file: DataFile,
  condition: string,
  allowed: SourceTest | undefined,
  signal?: AbortSignal,
): Promise<boolean> {
  let found = false;
  await parts.readFile(
    file,
    async () => {
      const table = file.table('logs');
      if (table === undefined) return;
      const sql = `select 1 from ${table} where ${withinSources(parts, file, allowed)} and ${condition} limit 1`;
      await parts.database.scan(sql, (chunk) => void (found ||= chunk.rows > 0), signal);
    },
    signal,
  );
  return found;
}

/** What is not allowed the query cannot even ask for. */
function withinSources(parts: LogSearchParts, file: DataFile, allowed: SourceTest | undefined): string {
  if (allowed === undefined) return 'true';
  const numbers = localSources(parts.sources, file)
    .filter(allowed)
    .map(({ number }) => number);
  return numbers.length === 0 ? 'false' : `source in (${numbers.join(',')})`;
}

function afterOf(request: LogSearchRequest): number | undefined {
  if (request.after === undefined) return undefined;
  const after = Number(request.after);
  if (!Number.isSafeInteger(after)) throw new StoreError('bad_query', `no cursor: ${JSON.stringify(request.after)}`);
  return after;
}

function inOrder(files: readonly DataFile[], request: LogSearchRequest): DataFile[] {
  const wanted = files.filter((file) => covers(file, request.start, request.end));
  return request.order === 'newest'
    ? wanted.sort((a, b) => b.maxTime - a.maxTime)
    : wanted.sort((a, b) => a.minTime - b.minTime);
}

function cannotBetter(file: DataFile, worst: number, order: 'newest' | 'oldest'): boolean {
  return order === 'newest' ? file.maxTime < worst : file.minTime > worst;
}

function comparator(order: 'newest' | 'oldest'): (a: Found, b: Found) => number {
  const sign = order === 'newest' ? -1 : 1;
  return (a, b) => sign * (a.record.timestamp - b.record.timestamp || a.record.nanos - b.record.nanos || a.seq - b.seq);
}

interface FileSearch {
  readonly request: LogSearchRequest;
  readonly allowed: SourceTest | undefined;
  readonly after: number | undefined;
  readonly last: number;
  readonly limit: number;
  readonly tail: boolean;
}

async function searchFile(
  parts: LogSearchParts,
  file: DataFile,
  query: KqlNode,
  search: FileSearch,
  signal?: AbortSignal,
): Promise<Found[]> {
  const { request, allowed, after, last, limit, tail } = search;
  const found: Found[] = [];
  await parts.readFile(
    file,
    async () => {
      const table = file.table('logs');
      if (table === undefined) return;
      const sources = localSources(parts.sources, file).filter((source) => allowed?.(source) ?? true);
      const way = request.order === 'newest' ? 'desc' : 'asc';
      const sql = `select seq, source, "offset", ts, nanos, stream, level, message from ${table}
        where ts between ${request.start} and ${request.end} and seq <= ${last} ${after === undefined ? '' : `and seq > ${after}`}
        and ${withinSources(parts, file, allowed)} and (${conditionOf(query, sources)})
        order by ${tail ? 'seq' : `ts ${way}, nanos ${way}, seq ${way}`} limit ${limit}`;
      found.length = 0;
      await parts.database.scan(sql, (chunk) => readRecords(chunk, parts.sources, file, found), signal);
    },
    signal,
  );
  return found;
}

export type SourceTest = (source: KnownSource) => boolean;

/** By the fields that its records are answered with; one that is absent is ''. */
export function sourceTest(matchers: LogSearchRequest['sources']): SourceTest | undefined {
  if (matchers === undefined) return undefined;
  const tests = matchers.map(({ name, op, value }) => ({ name, test: compileMatch(op, value) }));
  return (source) => {
    const fields = fieldsOf(source);
    return tests.every(({ name, test }) => test(Object.hasOwn(fields, name) ? fields[name] : ''));
  };
}

function fieldsOf({ path, fields }: KnownSource): LogRecord['fields'] {
  return { 'log.file.path': path, ...fields };
}

/** The sources under the numbers that the file knows them by. */
export function localSources(sources: LogSources, file: DataFile) {
  if (file.sourceNumbers === undefined) return [...sources.all()];
  return [...file.sourceNumbers].flatMap(([number, own]) => {
    const source = sources.get(own);
    return source === undefined ? [] : [{ ...source, number }];
  });
}

function readRecords(chunk: ChunkReader, sources: LogSources, file: DataFile, found: Found[]): void {
  const seq = chunk.i64(0);
  const source = chunk.u32(1);
  const offset = chunk.i64(2);
  const ts = chunk.i64(3);
  const nanos = chunk.u32(4);
  const stream = chunk.values(5) as number[];
  const level = chunk.values(6) as number[];
  const message = chunk.text(7);
  for (let i = 0; i < chunk.rows; i++) {
    const from = sources.get(file.sourceNumbers?.get(source[i]) ?? source[i]);
    const record: LogRecord = {
      timestamp: ts[i],
      nanos: nanos[i],
      message: message[i],
      stream: stream[i] === 1 ? 'stdout' : stream[i] === 2 ? 'stderr' : '',
      level: LEVELS[level[i]] ?? '',
      source: from?.id ?? '',
      offset: offset[i],
      fields: from === undefined ? {} : fieldsOf(from),
    };
    found.push({ seq: seq[i], record });
  }
}
