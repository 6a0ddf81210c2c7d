import { useMemo, useState } from 'preact/hooks';
import { fieldHint } from '../../model/field-hint.ts';
import { api } from '../lib/api.ts';
import { plural } from '../lib/format.ts';
import type { Filter } from '../lib/log-text.ts';
import { quoted } from '../lib/names.ts';
import { pastLogs, remember } from '../lib/past-queries.ts';
import { usePoll } from '../lib/poll.ts';
import type { TimeRange } from '../lib/range.ts';
import { clipped } from '../lib/text.ts';
import { now } from '../lib/time.tsx';
import { useAddress } from '../lib/url.ts';
import { Boundary } from './boundary.tsx';
import { LiveTail } from './live-tail.tsx';
import { LogDownload } from './log-download.tsx';
import { LogRecords } from './log-records.tsx';
import { LogVolume } from './log-volume.tsx';
import { PastQueries } from './past-queries.tsx';
import { QueryBox } from './query-box.tsx';
import { QueryFailure } from './query-failure.tsx';
import { Loading } from './state.tsx';

const PAGE = 200;
/** The server's bound for one answer. */
const MOST = 5000;

interface LogSearchProps {
  readonly range: TimeRange;
  readonly onRange: (start: number, end: number) => void;
}

/** Log records for a query, newest first, under their volume over time; live ones as they come. */
export function LogSearch({ range, onRange }: LogSearchProps) {
  const { params, change } = useAddress();
  const query = params.logs ?? '';
  const live = params.live === '1';
  const filter: Filter = (name, value, not) => {
    const term = `${not ? 'not ' : ''}${fieldName(name)}: ${quoted(value)}`;
    // An `or` in what is there already binds weaker than what is added.
    const old = /\sor\s/i.test(query) ? `(${query})` : query;
    change({ logs: query === '' ? term : `${old} and ${term}` });
  };
  const run = (logs: string) => {
    remember(pastLogs, logs);
    change({ logs });
  };
  return (
    <>
      <QueryBox
        value={query}
        label="Log query"
        placeholder='log.level: error and message: "timeout"'
        colours={(text) => <code>{text}</code>}
        onRun={run}
      >
        <PastQueries past={pastLogs} onTake={run} />
      </QueryBox>
      <div class="bar">
        <button
          type="button"
          aria-pressed={live}
          onClick={() => change({ live: live ? undefined : '1', end: undefined })}
        >
          {live ? '■ Stop' : '▶ Live'}
        </button>
        {live ? (
          <LiveTail query={query} onFilter={filter} />
        ) : (
          <Found query={query} range={range} onFilter={filter} onRange={onRange} />
        )}
      </div>
    </>
  );
}

/** A field's name as a search takes it: quoted where it holds what ends a word. */
function fieldName(name: string): string {
  return /^[\w.@-]+$/.test(name) ? name : quoted(name);
}

/** Fields of the query that no record of the time has: mostly a typing error. */
function UnknownFields({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  const listed = names.map((name) => clipped(name, 100)).join(', ');
  return (
    <p class="note">
      No record of this time has the {names.length === 1 ? 'field' : 'fields'} {listed}.
    </p>
  );
}

interface FoundProps extends LogSearchProps {
  readonly query: string;
  readonly onFilter: Filter;
}

function Found({ query, range, onFilter, onRange }: FoundProps) {
  const [limit, setLimit] = useState(PAGE);
  const { data, error } = usePoll(
    async (signal) => {
      const end = range.end ?? now.peek();
      const start = end - range.length;
      return { ...(await api.logs({ query, start, end, limit }, signal)), start, end };
    },
    range.end === undefined ? 15_000 : 0,
    [query, range.length, range.end, limit],
  );
  const hint = fieldHint(query);
  const time = useMemo(() => data && { start: data.start, end: data.end }, [data?.start, data?.end]);
  return (
    <>
      {data !== undefined && (
        <span class="quiet">
          {data.more ? `the newest ${data.records.length} records` : plural(data.records.length, 'record')}
        </span>
      )}
      {data !== undefined && data.records.length > 0 && <LogDownload query={query} {...data} />}
      <QueryFailure query={query} error={error} />
      {data === undefined && error === '' && <Loading />}
      {time !== undefined && error === '' && (
        <Boundary name="The volume" reset={time}>
          <LogVolume query={query} time={time} onZoom={onRange} />
        </Boundary>
      )}
      {data !== undefined && data.records.length === 0 && error === '' && (
        <p class="empty">
          {query === '' ? 'No record' : 'No record matches'} in this time.{' '}
          {hint !== undefined && (
            <>
              A field is written <code>{clipped(hint, 100)}</code>.{' '}
            </>
          )}
          Look at a longer one, or at <a href="/sources?show=logs">the files that lines come from</a>.
        </p>
      )}
      <UnknownFields names={data?.unknownFields ?? []} />
      {data !== undefined && <LogRecords records={data.records} onFilter={onFilter} />}
      {data?.more === true &&
        (limit < MOST ? (
          <button type="button" onClick={() => setLimit(Math.min(MOST, limit * 2))}>
            More
          </button>
        ) : (
          <p class="note">No more than {MOST} records are shown; narrow the query or the time.</p>
        ))}
    </>
  );
}
