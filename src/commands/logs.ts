import { formatDuration } from '../lib/time/duration.ts';
import { printableLine } from '../lib/text/printable.ts';
import { sleep } from '../lib/time/sleep.ts';
import { fieldHint } from '../model/field-hint.ts';
import { type AskOptions, ApiClient } from './client.ts';
import { colours } from './colours.ts';
import { printData, stateCell } from './output.ts';

interface LogRecord {
  readonly timestamp: number;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

interface LogAnswer {
  readonly records: readonly LogRecord[];
  readonly cursor: string;
  readonly unknownFields?: readonly string[];
}

export interface LogOptions extends AskOptions {
  /** Milliseconds. */
  readonly since: number;
  readonly limit: number;
  readonly follow?: boolean;
  readonly files?: boolean;
}

export async function logs(text: string | undefined, options: LogOptions): Promise<void> {
  if (options.files) return logFiles(options);
  const client = new ApiClient(options);
  const search = (parameters: Record<string, string | number | undefined>) =>
    client.data<LogAnswer>('/api/crowsnest/v1/logs', { query: text, ...parameters });
  const answer = await search({ start: (Date.now() - options.since) / 1000, limit: options.limit, order: 'newest' });
  const records = answer.records.toReversed();
  sayUnknownFields(answer);
  if (!options.follow) return print(text ?? '', records, options);
  for (const record of records) printRecord(record);
  for (let cursor = answer.cursor; await sleep(1000);) {
    const next = await search({ start: (Date.now() - 3_600_000) / 1000, limit: 1000, order: 'oldest', after: cursor });
    for (const record of next.records) printRecord(record);
    cursor = next.cursor;
  }
}

function print(text: string, records: readonly LogRecord[], { output, since, limit }: LogOptions): void {
  if (output !== 'table') return printData(output, records, [], []);
  for (const record of records) printRecord(record);
  const within = `within ${formatDuration(since)}`;
  if (records.length === 0) console.error(`no record matches ${within}; --since looks further back${hintOf(text)}`);
  else if (records.length === limit && process.stdout.isTTY)
    console.error(`the newest ${limit} records ${within}; -n shows more`);
}

function hintOf(text: string): string {
  const hint = fieldHint(text);
  return hint === undefined ? '' : `\na field is written ${printableLine(hint)}`;
}

function sayUnknownFields({ unknownFields = [] }: LogAnswer): void {
  if (unknownFields.length === 0) return;
  const names = unknownFields.map((name) => printableLine(name)).join(', ');
  console.error(`no record of that time has the ${unknownFields.length === 1 ? 'field' : 'fields'} ${names}`);
}

const LEVEL_COLOURS: Readonly<Record<string, (text: string) => string>> = {
  error: colours.red,
  fatal: colours.red,
  warn: colours.yellow,
  debug: colours.dim,
  trace: colours.dim,
};

/** A record on one line. */
function printRecord({ timestamp, level, message, fields }: LogRecord): void {
  const origin = printableLine(fields['kubernetes.pod.name'] ?? fields['log.file.path'] ?? '');
  const colour = LEVEL_COLOURS[level] ?? ((plain: string) => plain);
  const time = colours.dim(new Date(timestamp).toISOString());
  process.stdout.write(`${time} ${colours.cyan(origin)} ${colour(printableLine(message))}\n`);
}

interface LogFile {
  readonly path: string;
  readonly state: string;
  readonly reason: string;
  readonly size: number;
  readonly position: number;
  readonly lines: number;
}

async function logFiles(options: AskOptions): Promise<void> {
  const files = await new ApiClient(options).data<readonly LogFile[]>('/api/crowsnest/v1/logs/files');
  const rows = files.map(({ path, state, size, position, lines, reason }) => [
    path,
    stateCell(state),
    String(lines),
    size === 0 ? '' : `${Math.floor((Math.min(position, size) / size) * 100)}%`,
    reason,
  ]);
  printData(options.output, files, ['FILE', 'STATE', 'LINES', 'READ', 'REASON'], rows);
}
