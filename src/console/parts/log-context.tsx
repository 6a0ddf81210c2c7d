import { type LogRecord, api } from '../lib/api.ts';
import { quoted } from '../lib/names.ts';
import { usePoll } from '../lib/poll.ts';
import { identity } from '../lib/tail.ts';
import { LogLines } from './log-lines.tsx';
import { Failure, Loading } from './state.tsx';
import { Text } from './text.tsx';

const LINES = 10;
const DAY = 86_400_000;

/** The lines of the same file before and after a record, whatever the search was for; the newest first. */
export function LogContext({ record }: { record: LogRecord }) {
  const { data, error } = usePoll((signal) => linesAround(record, signal), 0, [record]);
  if (data === undefined) return error === '' ? <Loading /> : <Failure error={error} />;
  return (
    <div class="log-context">
      <LogLines
        records={data}
        marked={identity(record)}
        details={({ message }) => (
          <pre class="log-details">
            <Text of={message} most={4000} />
          </pre>
        )}
      />
    </div>
  );
}

async function linesAround(record: LogRecord, signal: AbortSignal): Promise<LogRecord[]> {
  const { timestamp } = record;
  // By the file's identity, not its path: a rotated file keeps it.
  const query = `source: ${quoted(record.source)}`;
  // Records of one time stand on both sides, hence twice the lines.
  const limit = 2 * LINES + 1;
  const [before, after] = await Promise.all([
    api.logs({ query, start: timestamp - DAY, end: timestamp, limit, order: 'newest' }, signal),
    api.logs({ query, start: timestamp, end: timestamp + DAY, limit, order: 'oldest' }, signal),
  ]);
  const found = new Map([record, ...before.records, ...after.records].map((one) => [identity(one), one]));
  const sorted = [...found.values()].sort((a, b) => b.timestamp - a.timestamp || b.offset - a.offset);
  const at = sorted.findIndex((one) => identity(one) === identity(record));
  return sorted.slice(Math.max(0, at - LINES), at + LINES + 1);
}
