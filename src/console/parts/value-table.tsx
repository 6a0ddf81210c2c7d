import { useMemo } from 'preact/hooks';
import { api } from '../lib/api.ts';
import { usePoll } from '../lib/poll.ts';
import { type TimeRange, stepFor } from '../lib/range.ts';
import { exactNumber, plural, span } from '../lib/format.ts';
import { columnsOf, highest, sharedLabels } from '../lib/series.ts';
import { Time, now } from '../lib/time.tsx';
import { Labels } from './labels.tsx';
import { LongList } from './long-list.tsx';
import { QueryFailure } from './query-failure.tsx';
import { InstantHint } from './instant-hint.tsx';
import { Loading } from './state.tsx';

interface ValueTableProps {
  readonly query: string;
  readonly range: TimeRange;
  readonly refresh: number;
  readonly instantLink: string;
}

/** A table is read, not looked at: about this many rows, of at most so many series. */
const ROWS = 240;
const MOST_SERIES = 24;

/** A range query as a table: a row for each time, the newest first, a column for each series, all digits. */
export function ValueTable({ query, range, refresh, instantLink }: ValueTableProps) {
  const { data, error } = usePoll(
    async (signal) => {
      const step = stepFor(range.length, ROWS * 3);
      const end = Math.floor((range.end ?? now.peek()) / step) * step;
      const start = end - Math.floor(range.length / step) * step;
      const { series, notes } = await api.range(query, start, end, step, signal);
      return {
        count: series.length,
        notes,
        step,
        table: highest(columnsOf(series, { start, end, step }), MOST_SERIES),
      };
    },
    range.end === undefined ? refresh : 0,
    [query, range.length, range.end],
  );
  const rows = useMemo(() => data?.table.times.map((time, i) => ({ time, i })).toReversed() ?? [], [data]);
  if (data === undefined)
    return error === '' ? (
      <Loading />
    ) : (
      <>
        <QueryFailure query={query} error={error} />
        <InstantHint error={error} link={instantLink} />
      </>
    );
  const { table, count, step, notes } = data;
  if (count === 0) return <p class="empty">No series has a sample for this in the time that is shown.</p>;
  const shared = sharedLabels(table.series);
  return (
    <>
      <QueryFailure query={query} error={error} />
      {notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
      <p class="note">
        {count > MOST_SERIES
          ? `The ${MOST_SERIES} with the highest values of ${count} series`
          : plural(count, 'series', 'series')}
        , every {span(step)}
      </p>
      {Object.keys(shared).length > 0 && (
        <p class="shared">
          <span class="quiet">all</span> <Labels labels={shared} />
        </p>
      )}
      <div class="scroll" tabIndex={0} role="region" aria-label="Values by time">
        <table class="values by-time">
          <thead>
            <tr>
              <th scope="col">time</th>
              {table.series.map(({ labels }) => (
                <th key={JSON.stringify(labels)} scope="col" class="number">
                  <Labels labels={labels} without={Object.keys(shared)} />
                  {Object.keys(labels).length === Object.keys(shared).length && 'value'}
                </th>
              ))}
            </tr>
          </thead>
          <LongList as="tbody" items={rows} height={28} keyOf={({ time }) => String(time)}>
            {({ time, i }) => (
              <tr>
                <th scope="row">
                  <Time at={time * 1000} />
                </th>
                {table.series.map(({ labels, values }) => (
                  <td key={JSON.stringify(labels)} class="number mono">
                    {values[i] === null ? '–' : exactNumber(values[i])}
                  </td>
                ))}
              </tr>
            )}
          </LongList>
        </table>
      </div>
    </>
  );
}
