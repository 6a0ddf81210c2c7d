import { useMemo, useState } from 'preact/hooks';
import { type HistoryEvent, api } from '../lib/api.ts';
import { exactNumber, parseValue, plural, shortNumber } from '../lib/format.ts';
import { usePoll } from '../lib/poll.ts';
import { clipped } from '../lib/text.ts';
import { Time } from '../lib/time.tsx';
import { isClosed } from './closed-note.tsx';
import { Filter } from './filter.tsx';
import { Labels } from './labels.tsx';
import { Failure, type Grade, Loading, State } from './state.tsx';
import { Table } from './table.tsx';
import { Text } from './text.tsx';

const GRADES: Readonly<Record<HistoryEvent['kind'], Grade>> = {
  pending: 'off',
  firing: 'bad',
  resolved: 'good',
  routed: 'off',
  muted: 'off',
  superseded: 'off',
  sent: 'good',
  failed: 'bad',
  dropped: 'warn',
};

const DAY = 86_400_000;

/** Changes in the lives of alerts: of all in a week, of one in 30 days. */
export function History({ fingerprint }: { fingerprint?: string }) {
  const [filter, setFilter] = useState('');
  const days = fingerprint === undefined ? 7 : 30;
  const { data, error } = usePoll(
    (signal) => api.events({ fingerprint, start: Date.now() - days * DAY }, signal),
    10_000,
    [fingerprint],
  );
  const entries = useMemo(() => data?.map((event) => ({ event, text: textOf(event) })) ?? [], [data]);
  if (data === undefined) return error === '' ? <Loading /> : <Failure error={error} />;
  if (isClosed('the history of alerts')) return null;
  if (data.length === 0) return <p class="empty">No change in the last {days} days.</p>;
  const words = filter.toLowerCase().split(/\s+/);
  const found = entries.filter(({ text }) => words.every((word) => text.includes(word)));
  return (
    <>
      <Failure error={error} />
      {fingerprint === undefined && (
        <Filter
          label="Filter history"
          value={filter}
          onChange={setFilter}
          count={found.length}
          of={plural(data.length, 'event')}
        />
      )}
      {found.length === 0 && <p class="empty">No event has all of these words.</p>}
      <Table titles={['at', 'became', fingerprint === undefined && 'alert', { number: 'value' }, 'why']}>
        {found.map(({ event }) => (
          <EventRow
            key={`${event.at}${event.fingerprint}${event.kind}${event.detail}`}
            event={event}
            named={fingerprint === undefined}
          />
        ))}
      </Table>
    </>
  );
}

function EventRow({ event, named }: { event: HistoryEvent; named: boolean }) {
  const value = parseValue(event.value);
  return (
    <tr>
      <td class="nowrap">
        <Time at={event.at} />
      </td>
      <td class="nowrap">
        <State grade={GRADES[event.kind]}>{event.kind}</State>
      </td>
      {named && (
        <td>
          <a href={`/alerts/${event.fingerprint}`}>{clipped(event.alertname, 200)}</a>{' '}
          <Labels labels={event.labels} without={['alertname', 'severity']} />
        </td>
      )}
      <td class="number" title={exactNumber(value)}>
        {event.value === null ? '–' : shortNumber(value)}
      </td>
      <td class="wide">
        <Text of={event.detail} most={500} />
      </td>
    </tr>
  );
}

function textOf({ alertname, kind, detail, labels }: HistoryEvent): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value.slice(0, 500)}`);
  return [alertname, kind, detail.slice(0, 1000), ...pairs].join(' ').toLowerCase();
}
