import { plural, span } from '../lib/format.ts';
import type { Filter } from '../lib/log-text.ts';
import { useTail } from '../lib/tail.ts';
import { LogRecords } from './log-records.tsx';
import { Failure } from './state.tsx';

const STATES = { connecting: 'connecting …', open: 'live', ended: 'ended' } as const;

/** Records as they come. Only the state of the connection is announced: a count that moves would never be silent. */
export function LiveTail({ query, onFilter }: { query: string; onFilter: Filter }) {
  const { records, state, error, retryIn, skipped } = useTail(query);
  return (
    <>
      <span class="quiet">
        <span role="status">{STATES[state]}</span> · {plural(records.length, 'record')}
        {skipped > 0 && `, ${skipped} older ones dropped`}
      </span>
      <Failure error={error === '' || retryIn === 0 ? error : `${error}. Next try in ${span(retryIn)}.`} />
      {records.length === 0 && state === 'open' && (
        <p class="empty">Nothing in the last minute. Waiting for the next record.</p>
      )}
      <LogRecords records={records} onFilter={onFilter} />
    </>
  );
}
