import { describe, expect, test } from 'vitest';
import type { Alert } from '../../model/alert.ts';
import { Labels } from '../../model/labels.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { type DedupQuestion, reasonToNotify } from './dedup.ts';
import { AggregationGroups } from './aggregation-groups.ts';
import { parseRouting } from '../routing/parse-routing.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 21);

function alert(labels: Record<string, string>, startsAt: number, endsAt = startsAt + 60 * MINUTE): Alert {
  const set = Labels.of(labels);
  return {
    labels: set, annotations: {}, startsAt, endsAt, generatorURL: '', fingerprint: fingerprintOf(set), value: 1, provenance: {},
    fields: { playbook: '', owner: '', region: '', datacenter: '', affected: '' },
  }; // prettier-ignore
}

function dispatcher(maxAlerts = 100, dropped: Alert[] = []): AggregationGroups {
  const routing = parseRouting(
    `route: {receiver: a, group_by: [alertname], group_wait: 30s, group_interval: 5m}\nreceivers: [{name: a}]\ninhibit_rules: [{source_match: {severity: critical}, target_match: {severity: warning}}]`,
    'f',
  );
  return new AggregationGroups(routing, { maxAlerts, onDrop: (one) => dropped.push(one) });
}

/** The groups flushed at a minute and second, with the alerts in them. */
function flush(from: AggregationGroups, at: number): string[] {
  return from
    .flush(START + at)
    .map(({ groupKey, alerts }) => `${groupKey} ${alerts.map(({ labels }) => labels.get('i')).join(',')}`);
}

describe('the dispatcher', () => {
  test('waits for company, then gathers for an interval', () => {
    const one = dispatcher();
    one.update([alert({ alertname: 'A', i: '1' }, START)], START);
    expect(one.nextDue()).toBe(START + 30_000);
    expect(flush(one, 29_999)).toEqual([]);
    one.update(
      [alert({ alertname: 'A', i: '2' }, START + 10_000), alert({ alertname: 'B', i: '3' }, START + 10_000)],
      START + 10_000,
    );
    expect(flush(one, 30_000)).toEqual(['{}:{alertname="A"} 1,2']);
    expect(flush(one, 40_000)).toEqual(['{}:{alertname="B"} 3']);
    expect(flush(one, 5 * MINUTE + 29_999)).toEqual([]);
    expect(flush(one, 5 * MINUTE + 30_000)).toEqual(['{}:{alertname="A"} 1,2']);
  });

  test('does not wait for an alert that has waited already, before a restart for one', () => {
    const one = dispatcher();
    one.update([alert({ alertname: 'A', i: '1' }, START - 10 * MINUTE)], START);
    expect(flush(one, 0)).toEqual(['{}:{alertname="A"} 1']);
  });

  test('lets resolved alerts go with the flush that carries them', () => {
    const one = dispatcher();
    one.update([alert({ alertname: 'A', i: '1' }, START)], START);
    flush(one, 30_000);
    one.update([alert({ alertname: 'A', i: '1' }, START, START + MINUTE)], START + MINUTE);
    expect(flush(one, 5 * MINUTE + 30_000)).toEqual(['{}:{alertname="A"} 1']);
    expect(one.alerts()).toEqual([]);
    expect(one.nextDue()).toBeUndefined();
  });

  test('leaves out what a graver alert silences', () => {
    const one = dispatcher();
    one.update(
      [
        alert({ alertname: 'A', i: '1', severity: 'warning' }, START),
        alert({ alertname: 'B', i: '2', severity: 'critical' }, START),
      ],
      START,
    );
    expect(flush(one, 30_000)).toEqual(['{}:{alertname="B"} 2']);
    one.update([alert({ alertname: 'B', i: '2', severity: 'critical' }, START, START + MINUTE)], START + MINUTE);
    expect(flush(one, 5 * MINUTE + 30_000)).toContain('{}:{alertname="A"} 1');
  });

  test('holds no more alerts than it may', () => {
    const dropped: Alert[] = [];
    const one = dispatcher(2, dropped);
    one.update(
      ['1', '2', '3'].map((i) => alert({ alertname: 'A', i }, START)),
      START,
    );
    expect(dropped.map(({ labels }) => labels.get('i'))).toEqual(['3']);
  });
});

describe('a receiver hears', () => {
  const base: DedupQuestion = {
    entry: undefined,
    firing: [],
    resolved: [],
    sendResolved: true,
    repeatInterval: 4 * 60 * MINUTE,
    now: START,
  };
  const told = (firing: string[], resolved: string[] = [], at = START - MINUTE) => ({ firing, resolved, at });
  const rows: [what: string, question: Partial<DedupQuestion>, reason: string | undefined][] = [
    ['of a new group', { firing: ['1'] }, 'first notification'],
    ['nothing of a new group that is resolved already', { resolved: ['1'] }, undefined],
    ['nothing twice', { firing: ['1'], entry: told(['1']) }, undefined],
    ['of one more alert', { firing: ['1', '2'], entry: told(['1']) }, 'new alerts added'],
    [
      'of an alert after all were resolved as of a new one',
      { firing: ['1'], entry: told([], ['2']) },
      'first notification',
    ],
    ['of one that is resolved', { firing: ['1'], resolved: ['2'], entry: told(['1', '2']) }, 'some alerts resolved'],
    [
      'not of that where it did not ask',
      { firing: ['1'], resolved: ['2'], entry: told(['1', '2']), sendResolved: false },
      undefined,
    ],
    ['of the end', { resolved: ['1'], entry: told(['1']) }, 'all alerts resolved'],
    ['of the end once', { resolved: ['1'], entry: told([], ['1']) }, undefined],
    [
      'again after the repeat interval',
      { firing: ['1'], entry: told(['1'], [], START - 241 * MINUTE) },
      'repeat interval elapsed',
    ],
  ];
  test.each(rows)('%s', (_what, question, reason) => {
    expect(reasonToNotify({ ...base, ...question })).toBe(reason);
  });
});

test('the fingerprint of an alert is that of Alertmanager', () => {
  expect(fingerprintOf(Labels.EMPTY)).toBe('cbf29ce484222325');
  expect(fingerprintOf(Labels.of({ alertname: 'InstanceDown', instance: 'localhost:9090', job: 'prometheus' }))).toBe(
    'b263407b9809ae48',
  );
});
