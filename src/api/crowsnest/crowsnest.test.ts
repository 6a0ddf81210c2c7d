import { expect, test } from 'vitest';
import type { Alert, MutedBy } from '../../model/alert.ts';
import type { Alertmanager, RoutedAlert } from '../../model/alertmanager.ts';
import type { LogVolumeRequest } from '../../model/log.ts';
import { NOW, testApi } from '../testing.ts';
import { Labels } from '../../model/labels.ts';

test('records are counted over an hour up to now, unless another time is asked for', async () => {
  const asked: LogVolumeRequest[] = [];
  const volume = { start: 0, step: 1, total: 3, levels: { error: [3] } };
  const app = await testApi({
    countLogs: async (request: LogVolumeRequest) => {
      asked.push(request);
      return volume;
    },
    logFiles: () => [],
  });
  const answer = await app.inject('/api/crowsnest/v1/logs/volume?query=a');
  expect(answer.json().data).toEqual(volume);
  await app.inject('/api/crowsnest/v1/logs/volume?start=1&end=2&buckets=99999');
  expect(asked).toEqual([
    { query: 'a', start: NOW - 3_600_000, end: NOW, buckets: 60 },
    { query: '', start: 1000, end: 2000, buckets: 1000 },
  ]);
  const faulty = await app.inject('/api/crowsnest/v1/logs/volume?start=2&end=1');
  expect(faulty.statusCode).toBe(400);
});

test('where nothing counts records the volume is null', async () => {
  const app = await testApi({ logFiles: () => [] });
  expect((await app.inject('/api/crowsnest/v1/logs/volume')).json()).toEqual({ status: 'success', data: null });
});

test.each([
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [Number.NaN, 'NaN'],
  [14.9, 14.9],
])('the value %d of an alert and its events is written as %j', async (value, written) => {
  const event = {
    at: NOW, fingerprint: 'f', alertname: 'A', labels: Labels.of({ alertname: 'A' }), kind: 'firing' as const, value, detail: '',
  }; // prettier-ignore
  const app = await testApi({ alertEvents: async () => [event], alerts: () => [] });
  const answer = await app.inject('/api/crowsnest/v1/alerts/events');
  expect(answer.json().data[0].value).toBe(written);
});

test('an alert that is silenced or inhibited says so, and names neither the silence nor the other alert', async () => {
  const alert = (alertname: string): Alert => {
    const labels = Labels.of({ alertname });
    return {
      labels, annotations: {}, startsAt: NOW, endsAt: 0, generatorURL: '', fingerprint: alertname, value: 1,
      fields: { playbook: '', owner: '', region: '', datacenter: '', affected: '' }, provenance: {},
    }; // prettier-ignore
  };
  const routed = (name: string, muted: Partial<MutedBy>): RoutedAlert => ({
    alert: alert(name),
    updatedAt: NOW,
    receivers: ['a'],
    muted: { inhibitedBy: [], silencedBy: [], mutedBy: [], ...muted },
  });
  const app = await testApi({
    alerts: () => ['Open', 'Silenced', 'Inhibited'].map(alert),
    alertmanager: {
      alerts: () => [
        routed('Open', {}),
        routed('Silenced', { silencedBy: ['an-id'], inhibitedBy: ['Other'] }),
        routed('Inhibited', { inhibitedBy: ['Other'] }),
      ],
    } as Partial<Alertmanager> as Alertmanager,
  });
  const answer = await app.inject('/api/crowsnest/v1/alerts');
  const found = answer.json<{ data: { fingerprint: string; muted?: string }[] }>().data;
  expect(found.map(({ fingerprint, muted }) => [fingerprint, muted])).toEqual([
    ['Open', undefined],
    ['Silenced', 'silenced'],
    ['Inhibited', 'inhibited'],
  ]);
  expect(answer.body).not.toMatch(/an-id|Other/);
});
