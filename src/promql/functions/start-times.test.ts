import { expect, test } from 'vitest';
import { Labels } from '../../model/labels.ts';
import { createEngine } from '../engine.ts';
import { isStartReset } from './start-times.ts';

test.each([
  ['a start behind the sample before', [5, 10, 15, 20], true],
  ['no start', [5, 10, 0, 20], false],
  ['the same start as before', [5, 10, 5, 20], false],
  ['a start at its own sample, which is not known', [5, 10, 20, 20], false],
  ['a start after its own sample', [5, 10, 25, 20], false],
  ['the same start again, though it lies after the sample before', [15, 10, 15, 20], true],
  ['a start at the sample before, whose own is known', [5, 10, 10, 20], true],
  ['a start at the sample before, whose own is not', [10, 10, 10, 20], false],
] as const)('%s', (_, [previousStart, previousTime, start, time], expected) => {
  expect(isStartReset(previousStart, previousTime, start, time)).toBe(expected);
});

test('increase where a start lies after its sample and before the next adds what was counted until then', async () => {
  const series = {
    labels: Labels.of({ __name__: 'calls' }),
    timestamps: Float64Array.of(0, 60_000, 120_000, 180_000, 240_000, 300_000),
    values: Float64Array.of(0, 1, 2, 3, 4, 5),
    startTimestamps: Float64Array.of(0, 90_000, 90_000, 90_000, 90_000, 90_000),
  };
  const engine = createEngine({
    select: () => Promise.resolve([series]),
    features: { 'use-start-timestamps': true },
  });
  const result = await engine.instant('increase(calls[301s])', 300_000);
  if (result.type !== 'vector') throw new Error(result.type);
  expect(Math.round(result.samples[0].value)).toBe(6);
});
