import { useState } from 'preact/hooks';
import { api } from '../lib/api.ts';
import { plural } from '../lib/format.ts';
import { usePoll } from '../lib/poll.ts';
import { quoted } from '../lib/promql-text.ts';
import type { TimeRange } from '../lib/range.ts';
import { useTail } from '../lib/tail.ts';
import { now } from '../lib/time.tsx';
import { useAddress } from '../lib/url.ts';
import { LogLines } from './log-lines.tsx';
import { QueryBox } from './query-box.tsx';
import { Failure, Loading } from './state.tsx';

const PAGE = 200;

/** Log records for a query, newest first; live ones as they come. */
export function LogSearch({ range }: { range: TimeRange }) {
  const { params, change } = useAddress();
  const query = params.logs ?? '';
  const live = params.live === '1';
  const filter = (name: string, value: string, not: boolean) => {
    const term = `${not ? 'not ' : ''}${name}: ${quoted(value)}`;
    change({ logs: query === '' ? term : `${query} and ${term}` });
  };
  return (
    <>
      <QueryBox
        value={query}
        label="Log query"
        placeholder='log.level: error and message: "timeout"'
        colours={(text) => <code>{text}</code>}
        onRun={(logs) => change({ logs })}
      />
      <div class="bar">
        <button
          type="button"
          aria-pressed={live}
          onClick={() => change({ live: live ? undefined : '1', end: undefined })}
        >
          {live ? '■ Stop' : '▶ Live'}
        </button>
        {live ? <Live query={query} onFilter={filter} /> : <Found query={query} range={range} onFilter={filter} />}
      </div>
    </>
  );
}

interface PartProps {
  readonly query: string;
  readonly onFilter: (name: string, value: string, not: boolean) => void;
}

function Found({ query, range, onFilter }: PartProps & { range: TimeRange }) {
  const [limit, setLimit] = useState(PAGE);
  const { data, error } = usePoll(
    (signal) => {
      const end = range.end ?? now.peek();
      return api.logs({ query, start: end - range.length, end, limit }, signal);
    },
    range.end === undefined ? 15_000 : 0,
    [query, range.length, range.end, limit],
  );
  return (
    <>
      {data !== undefined && (
        <span class="quiet">
          {data.more ? `the newest ${data.records.length} records` : plural(data.records.length, 'record')}
        </span>
      )}
      <Failure error={error.replace(/^invalid parameter "query": /, '')} />
      {data === undefined && error === '' && <Loading />}
      {data !== undefined && data.records.length === 0 && error === '' && (
        <p class="empty">
          {query === '' ? 'No record' : 'No record matches'} in this time. Look at a longer one, or at{' '}
          <a href="/sources?show=logs">the files that lines come from</a>.
        </p>
      )}
      {data !== undefined && <LogLines records={data.records} onFilter={onFilter} />}
      {data?.more === true && (
        <button type="button" onClick={() => setLimit(limit * 2)}>
          More
        </button>
      )}
    </>
  );
}

function Live({ query, onFilter }: PartProps) {
  const { records, state, error, skipped } = useTail(query);
  return (
    <>
      <span class="quiet" role="status">
        {state === 'open' ? 'live' : 'connecting …'} · {plural(records.length, 'record')}
        {skipped > 0 && `, ${skipped} older ones let go`}
      </span>
      <Failure error={error} />
      {records.length === 0 && state === 'open' && (
        <p class="empty">Nothing in the last minute. Waiting for the next record.</p>
      )}
      <LogLines records={records} onFilter={onFilter} />
    </>
  );
}
