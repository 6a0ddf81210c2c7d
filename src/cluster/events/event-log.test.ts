import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createLogger } from '../../lib/logger.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { registry } from '../../lib/metrics.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { LogBatch, ShipLogs } from '../../model/log.ts';
import { EventLog } from './event-log.ts';
import { eventRecord } from './event-record.ts';

const EVENTUALLY = { timeout: 30_000, interval: 10 };

function event(uid: string, count: number, fields: Readonly<Record<string, unknown>> = {}): KubeObject {
  return {
    metadata: { name: `e-${uid}`, namespace: 'shop', uid },
    involvedObject: { kind: 'Pod', name: 'web-1', namespace: 'shop', uid: 'pod-1' },
    reason: 'BackOff',
    type: 'Warning',
    message: `Back-off restarting ${uid}`,
    count,
    lastTimestamp: '2026-03-01T10:00:00Z',
    ...fields,
  };
}

/** Records by identity, as a store would have them. */
class Store {
  readonly records: string[] = [];
  readonly batches: LogBatch[] = [];
  failures = 0;

  readonly ship: ShipLogs = async (batch) => {
    if (this.failures > 0) {
      this.failures--;
      throw new Error('away');
    }
    const id = `${batch.source.id}:${batch.offsets[0]}`;
    const isKnown = this.records.includes(id);
    if (!isKnown) this.records.push(id);
    this.batches.push(batch);
    return { stored: isKnown ? 0 : 1, duplicates: isKnown ? 1 : 0, refused: {} };
  };
}

async function started(store: Store, folder: string): Promise<EventLog> {
  const log = new EventLog({
    destinations: [{ name: 'store', ship: store.ship }],
    identity: { 'orchestrator.cluster.name': 'east' },
    folder,
    clock: systemClock,
    logger: createLogger({ quiet: true }),
  });
  await log.start();
  return log;
}

const folderOf = () => mkdtempSync(join(tmpdir(), 'events-'));

test('an event is one record, and each repeat another of the same source', async () => {
  const store = new Store();
  const log = await started(store, folderOf());
  const handler = log.handler('');
  handler.replace([event('a', 1)]);
  handler.upsert(event('a', 1));
  handler.upsert(event('a', 3));
  await vi.waitFor(() => expect(store.records).toEqual(['k8s-event-a:1', 'k8s-event-a:3']), EVENTUALLY);
  expect(store.batches[0].source.fields).toMatchObject({
    'orchestrator.cluster.name': 'east',
    'kubernetes.namespace': 'shop',
    'kubernetes.pod.name': 'web-1',
    'kubernetes.event.reason': 'BackOff',
    'kubernetes.event.count': '1',
    'log.level': 'warn',
  });
  expect(store.batches[0].bytes.toString()).toBe('Back-off restarting a');
  await log.stop();
});

test('occurrences are counted, by how many a repeat brings', async () => {
  const counted = async () => {
    const metric = await registry.getSingleMetric('crowsnest_kubernetes_events_total')?.get();
    return metric?.values.find(({ labels }) => labels.reason === 'Counted')?.value;
  };
  const log = await started(new Store(), folderOf());
  const handler = log.handler('');
  handler.replace([event('c', 2, { reason: 'Counted' })]);
  handler.upsert(event('c', 5, { reason: 'Counted' }));
  handler.replace([event('c', 5, { reason: 'Counted' })]);
  expect(await counted()).toBe(5);
  await log.stop();
});

test('after a restart what was shipped is not shipped again, and what came meanwhile is', async () => {
  const [store, folder] = [new Store(), folderOf()];
  const first = await started(store, folder);
  first.handler('').replace([event('a', 1), event('b', 2)]);
  await vi.waitFor(() => expect(store.records).toHaveLength(2), EVENTUALLY);
  await first.stop();
  const second = await started(store, folder);
  second.handler('').replace([event('a', 1), event('b', 4), event('c', 1)]);
  await vi.waitFor(() => expect(store.records).toHaveLength(4), EVENTUALLY);
  await second.stop();
  expect(store.batches).toHaveLength(4);
  expect([...store.records].sort()).toEqual(['k8s-event-a:1', 'k8s-event-b:2', 'k8s-event-b:4', 'k8s-event-c:1']);
});

test('a destination that is away gets all of it later, in order', async () => {
  const store = new Store();
  store.failures = 1;
  const log = await started(store, folderOf());
  const handler = log.handler('');
  for (const count of [1, 2, 3]) handler.upsert(event('a', count));
  await vi.waitFor(
    () => expect(store.records).toEqual(['k8s-event-a:1', 'k8s-event-a:2', 'k8s-event-a:3']),
    EVENTUALLY,
  );
  await log.stop();
});

test('a damaged checkpoint costs that events are offered again', async () => {
  const [store, folder] = [new Store(), folderOf()];
  const first = await started(store, folder);
  first.handler('').replace([event('a', 1)]);
  await vi.waitFor(() => expect(readdirSync(folder)).toHaveLength(1), EVENTUALLY);
  await first.stop();
  writeFileSync(join(folder, readdirSync(folder)[0]), '{"version":1,"ev');
  const second = await started(store, folder);
  second.handler('').replace([event('a', 1)]);
  await vi.waitFor(() => expect(store.batches).toHaveLength(2), EVENTUALLY);
  await second.stop();
  expect(store.records).toEqual(['k8s-event-a:1']);
});

test('an event of events.k8s.io is the same record under other names', () => {
  const modern: KubeObject = {
    metadata: { name: 'e', namespace: 'shop', uid: 'a' },
    regarding: { kind: 'Pod', name: 'web-1', namespace: 'shop', uid: 'pod-1' },
    reason: 'BackOff',
    type: 'Warning',
    note: 'Back-off restarting a',
    series: { count: 4, lastObservedTime: '2026-03-01T10:00:00.000000Z' },
    reportingController: 'kubelet',
  };
  expect(eventRecord(modern)).toMatchObject({
    uid: 'a',
    count: 4,
    kind: 'Pod',
    message: 'Back-off restarting a',
    time: Date.parse('2026-03-01T10:00:00Z'),
  });
  expect(eventRecord(modern).fields['kubernetes.event.source.component']).toBe('kubelet');
});
