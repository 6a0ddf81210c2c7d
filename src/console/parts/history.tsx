import { type HistoryEvent, api } from '../lib/api.ts';
import { shortNumber } from '../lib/format.ts';
import { usePoll } from '../lib/poll.ts';
import { Time } from '../lib/time.tsx';
import { Labels } from './labels.tsx';
import { Failure, type Grade, Loading, State } from './state.tsx';
import { Table } from './table.tsx';

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

const WEEK = 7 * 86_400_000;

/** Changes in the lives of alerts, of all or of one. */
export function History({ fingerprint }: { fingerprint?: string }) {
  const { data, error } = usePoll((signal) => api.events({ fingerprint, start: Date.now() - WEEK }, signal), 10_000, [
    fingerprint,
  ]);
  if (data === undefined) return error === '' ? <Loading /> : <Failure error={error} />;
  if (data.length === 0) return <p class="empty">No change in the last 7 days.</p>;
  return (
    <Table titles={['at', 'became', fingerprint === undefined && 'alert', { number: 'value' }, 'why']}>
      {data.map((event) => (
        <tr key={`${event.at}${event.fingerprint}${event.kind}${event.detail}`}>
          <td class="nowrap">
            <Time at={event.at} />
          </td>
          <td class="nowrap">
            <State grade={GRADES[event.kind]}>{event.kind}</State>
          </td>
          {fingerprint === undefined && (
            <td>
              <a href={`/alerts/${event.fingerprint}`}>{event.alertname}</a>{' '}
              <Labels labels={event.labels} without={['alertname', 'severity']} />
            </td>
          )}
          <td class="number">{event.value === null ? '–' : shortNumber(event.value)}</td>
          <td class="wide">{event.detail}</td>
        </tr>
      ))}
    </Table>
  );
}
