import { shownIntegration } from '../../model/alert.ts';
import { type Delivery, type Notification, api } from '../lib/api.ts';
import { plural } from '../lib/format.ts';
import { usePoll } from '../lib/poll.ts';
import { clipped } from '../lib/text.ts';
import { Time } from '../lib/time.tsx';
import { isClosed } from './closed-note.tsx';
import { Failure, type Grade, Loading, State } from './state.tsx';
import { Table } from './table.tsx';
import { Text } from './text.tsx';

const GRADES: Readonly<Record<Delivery['state'], Grade>> = {
  sent: 'good',
  waiting: 'off',
  superseded: 'off',
  failed: 'bad',
};

/** Notifications with what became of them at each integration. */
export function Sent() {
  const { data, error } = usePoll(async (signal) => {
    const [notifications, deliveries] = await Promise.all([api.notifications(signal), api.deliveries(signal)]);
    return notifications.map((notification) => ({
      notification,
      deliveries: deliveries.filter((delivery) => delivery.notification === notification.id),
    }));
  }, 5000);
  if (data === undefined) return error === '' ? <Loading /> : <Failure error={error} />;
  if (isClosed('notifications')) return null;
  if (data.length === 0)
    return (
      <p class="empty">No notification was made yet. They appear here as soon as an alert is routed to a receiver.</p>
    );
  return (
    <>
      <Failure error={error} />
      <Table titles={['made', 'about', 'receiver', 'became of it']}>
        {data.map((row) => (
          <SentRow key={row.notification.id} {...row} />
        ))}
      </Table>
    </>
  );
}

function SentRow({ notification, deliveries }: { notification: Notification; deliveries: readonly Delivery[] }) {
  const { createdAt, status, alerts, receiver, reason, groupLabels } = notification;
  const group = Object.entries(groupLabels).map(([name, value]) => `${name}=${value}`);
  const sentence = alerts[0]?.annotations.summary ?? alerts[0]?.labels.alertname ?? '';
  return (
    <tr>
      <td class="nowrap">
        <Time at={createdAt} />
      </td>
      <td class="wide">
        <State grade={status === 'firing' ? 'bad' : 'good'}>{status}</State> {clipped(sentence, 400)}
        <div class="quiet">
          {group.length === 0 ? 'all alerts' : clipped(group.join(' '), 300)} · {plural(alerts.length, 'alert')}
          {reason === '' ? '' : ` · ${reason}`}
        </div>
      </td>
      <td>{clipped(receiver, 200)}</td>
      <td>
        {deliveries.length === 0 && <span class="quiet">not handed over yet</span>}
        {deliveries.map((delivery) => (
          <div key={delivery.integration} class="delivery">
            <State
              grade={GRADES[delivery.state]}
            >{`${shownIntegration(delivery.integration)} ${delivery.state}`}</State>
            {delivery.state === 'sent' && <span class="quiet"> {clipped(delivery.receipt, 200)}</span>}
            {delivery.attempts > 1 && <span class="quiet"> {delivery.attempts} tries</span>}
            {delivery.lastError !== '' && delivery.state !== 'sent' && (
              <div class="detail bad">
                <Text of={delivery.lastError} most={500} />
              </div>
            )}
          </div>
        ))}
      </td>
    </tr>
  );
}
