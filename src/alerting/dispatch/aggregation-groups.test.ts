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

const ROUTING = `
route:
  receiver: a
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  routes:
    - {matchers: [team=both], receiver: a, continue: true}
    - {matchers: [team=both], receiver: b, continue: true}
receivers: [{name: a}, {name: b}]
`;

function groups(isAwaited = () => true): AggregationGroups {
  return new AggregationGroups(parseRouting(ROUTING, 'f').route, isAwaited);
}

/** The groups that are due at a time after START, with the alerts in them; they are settled at once. */
function flush(from: AggregationGroups, at: number): string[] {
  return from.due(START + at).map((one) => {
    from.settle(one, START + at);
    return `${one.groupKey} ${one.alerts.map(({ labels }) => labels.get('i')).join(',')}`;
  });
}

describe('groups of alerts', () => {
  test('wait for company, then gather for an interval', () => {
    const one = groups();
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

  test('do not wait for an alert that has waited already, before a restart for one', () => {
    const one = groups();
    one.update([alert({ alertname: 'A', i: '1' }, START - 10 * MINUTE)], START);
    expect(flush(one, 0)).toEqual(['{}:{alertname="A"} 1']);
  });

  test('belong to one route, so that two routes with equal matchers are both served', () => {
    const one = groups();
    one.update([alert({ alertname: 'A', team: 'both' }, START)], START);
    expect(one.due(START + 30_000).map(({ route }) => route.receiver)).toEqual(['a', 'b']);
  });

  test('keep a resolved alert until it is settled, and lose it then unless it fires again', () => {
    const one = groups();
    const [firing, resolved] = [
      alert({ alertname: 'A', i: '1' }, START),
      alert({ alertname: 'A', i: '1' }, START, START + MINUTE),
    ];
    one.update([firing], START);
    flush(one, 30_000);
    one.update([resolved], START + MINUTE);
    const [first] = one.due(START + 6 * MINUTE);
    expect(one.alerts()).toHaveLength(1);
    one.update([firing], START + 6 * MINUTE);
    one.settle(first, START + 6 * MINUTE);
    expect(one.alerts()).toEqual([firing]);
    one.update([resolved], START + 7 * MINUTE);
    expect(flush(one, 11 * MINUTE)).toEqual(['{}:{alertname="A"} 1']);
    expect([one.alerts(), one.nextDue()]).toEqual([[], undefined]);
  });

  test('take a resolved alert only where somebody was notified that it fires', () => {
    const one = groups(() => false);
    one.update([alert({ alertname: 'A', i: '1' }, START, START + MINUTE)], START + 2 * MINUTE);
    expect(one.nextDue()).toBeUndefined();
  });

  test('keep their times where the routing tree is replaced', () => {
    const [before, after] = [groups(), groups()];
    before.update([alert({ alertname: 'A', i: '1' }, START)], START);
    flush(before, 30_000);
    after.update(before.alerts(), START + MINUTE);
    after.takeTimes(before);
    expect(after.nextDue()).toBe(START + 5 * MINUTE + 30_000);
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
