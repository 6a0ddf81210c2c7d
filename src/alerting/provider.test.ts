import { expect, test } from 'vitest';
import type { Alert } from '../model/alert.ts';
import { Labels } from '../model/labels.ts';
import { AlertProvider } from './provider.ts';

const NOW = 1_000_000;

function alertOf(id: string, endsAt: () => number): Alert {
  return {
    labels: Labels.of({ alertname: 'Full', id }),
    annotations: {},
    fields: {},
    provenance: {},
    startsAt: 0,
    get endsAt() {
      return endsAt();
    },
    generatorURL: '',
    fingerprint: id,
    value: 1,
    origin: 'api',
  } as Alert;
}

test('alerts on top of those that fit are dropped without a look at every held alert for each of them', () => {
  let looks = 0;
  const dropped: Alert[] = [];
  const provider = new AlertProvider({ maxAlerts: 500, onDrop: (alert) => dropped.push(alert) });
  const endsAt = () => {
    looks++;
    return NOW + 60_000;
  };
  provider.put(
    Array.from({ length: 1500 }, (_, i) => alertOf(`a${i}`, endsAt)),
    NOW,
  );
  expect(dropped).toHaveLength(1000);
  expect(provider.all()).toHaveLength(500);
  expect(looks).toBeLessThanOrEqual(3000);
});

test('an alert that is resolved makes room for a new one when no more fit', () => {
  const dropped: Alert[] = [];
  const provider = new AlertProvider({ maxAlerts: 2, onDrop: (alert) => dropped.push(alert) });
  const firing = () => NOW + 60_000;
  provider.put([alertOf('ended', () => NOW), alertOf('held', firing)], NOW - 1);
  provider.put([alertOf('new', firing), alertOf('over', firing)], NOW);
  expect(provider.all().map(({ fingerprint }) => fingerprint)).toEqual(['held', 'new']);
  expect(dropped.map(({ fingerprint }) => fingerprint)).toEqual(['over']);
});
