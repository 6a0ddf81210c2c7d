import { array, assert, constantFrom, integer, property, tuple, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StartTimes } from './start-times.ts';

const told = uniqueArray(tuple(integer({ min: 1, max: 60 }), constantFrom(0, 1, 2, 3)), {
  selector: ([time]) => time,
  minLength: 1,
});

function starts(samples: readonly (readonly [number, number])[]): StartTimes {
  const times = new StartTimes();
  times.add(1, 1, 1);
  for (const [time, start] of samples) times.add(0, time, start);
  return times;
}

describe('the times at which counters began', () => {
  it('are those that were told, whatever order the samples came in', () => {
    assert(
      property(told, (samples) => {
        const sorted = [...samples].sort((a, b) => a[0] - b[0]);
        const found = starts(samples).at(
          0,
          Float64Array.from(sorted, ([time]) => time),
        );
        expect(sorted.map((_, i) => found?.[i] ?? 0)).toEqual(sorted.map(([, start]) => start));
      }),
    );
  });

  it('are kept past a floor, and nothing of what lies before takes memory for ever', () => {
    assert(
      property(told, array(integer({ min: 0, max: 60 })), (samples, floors) => {
        const times = starts(samples);
        const floor = Math.max(0, ...floors);
        for (const one of floors) times.drop(one);
        const kept = [...samples].sort((a, b) => a[0] - b[0]).filter(([time]) => time > floor);
        const found = times.at(
          0,
          Float64Array.from(kept, ([time]) => time),
        );
        expect(kept.map((_, i) => found?.[i] ?? 0)).toEqual(kept.map(([, start]) => start));
        times.drop(60);
        expect(times.at(0, Float64Array.of(61))).toBeUndefined();
        expect(times.bytes).toBe(new StartTimes().bytes + 2 * 24);
      }),
    );
  });

  it('are merged in linear time, though every late sample changes them', () => {
    const COUNT = 200_000;
    const times = new StartTimes();
    times.add(0, 2 * COUNT, 1);
    for (let i = COUNT - 1; i >= 0; i--) times.add(0, 2 * i, 2 + i);
    const all = Float64Array.from({ length: COUNT + 1 }, (_, i) => 2 * i);
    const found = times.at(0, all);
    expect(found?.every((start, i) => start === (i === COUNT ? 1 : 2 + i))).toBe(true);
  });

  it('take nothing where none is known', () => {
    const times = new StartTimes();
    times.add(5, 1, 0);
    expect([times.bytes, times.at(5, Float64Array.of(1))]).toEqual([0, undefined]);
  });
});
