import { array, assert, constant, constantFrom, double, integer, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markStale, wordsOf } from '../../model/sample.ts';
import { ColumnBuilder } from './column-builder.ts';
import { MemoryWindow } from './window.ts';

/** Bits of the values, since NaN is not equal to itself. */
function read(
  window: MemoryWindow,
  series: number,
  start = -Infinity,
  end = Infinity,
  how: 'read' | 'readNewest' = 'read',
): [number, string][] {
  const builder = new ColumnBuilder();
  const count = window[how](series, start, end, builder);
  const { timestamps, values } = builder.take(builder.at + count);
  const words = wordsOf(values);
  return Array.from(timestamps, (time, i) => [time, `${words[2 * i]}:${words[2 * i + 1]}`]);
}

const value = oneof(
  integer({ min: -300, max: 300 }),
  integer({ min: -1e9, max: 1e12 }),
  integer({ min: -1e6, max: 1e6 }).map((n) => n / 100),
  double(),
  constantFrom(0, -0, Number.NaN, Infinity, 2 ** 53, 0.001),
  constant('stale' as const),
);

/** Stretches of like values, as real series have them, so that every way of packing comes up. */
const samples = array(
  record({
    value,
    repeat: integer({ min: 1, max: 40 }),
    step: constantFrom(1, 15_000, 14_987, 300_000, 2 ** 33),
    jitter: integer({ min: 0, max: 300 }),
  }),
  { minLength: 1, maxLength: 12 },
);

describe('the memory window', () => {
  it('gives back every sample bit for bit, whatever order they came in', () => {
    assert(
      property(samples, integer({ min: 1, max: 50 }), (stretches, late) => {
        const window = new MemoryWindow({ floor: -Infinity, bytes: 1e9 });
        const expected = new Map<number, string>();
        const put = (time: number, one: number | 'stale') => {
          const column = new Float64Array([one === 'stale' ? 0 : one]);
          const words = wordsOf(column);
          if (one === 'stale') markStale(words, 0);
          window.add(7, time, words, 0);
          if (!expected.has(time)) expected.set(time, `${words[0]}:${words[1]}`);
        };
        let time = 1e12;
        let count = 0;
        for (const { value: one, repeat, step, jitter } of stretches) {
          for (let i = 0; i < repeat; i++) {
            time += step + ((i * jitter) % 301);
            put(time, one);
            if (++count % late === 0) put(time - 1_000_000 + count, 4.5);
          }
        }
        const all = [...expected].sort(([a], [b]) => a - b);
        expect(read(window, 7)).toEqual(all);
        const [from, to] = [all[Math.floor(all.length / 3)][0], all[Math.floor((all.length * 2) / 3)][0]];
        expect(read(window, 7, from, to)).toEqual(all.filter(([at]) => at >= from && at <= to));
        expect(read(window, 8)).toEqual([]);
        for (const [at] of all) {
          expect(read(window, 7, from, at, 'readNewest').at(-1)).toEqual(read(window, 7, from, at).at(-1));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('keeps its promise about everything past the floor when memory is short', () => {
    const window = new MemoryWindow({ floor: 0, bytes: 3 * 1024 ** 2 });
    const column = new Float64Array(1);
    const words = wordsOf(column);
    for (let k = 1; k <= 1000; k++) {
      for (let series = 0; series < 400; series++) {
        column[0] = series * k * 1.000001;
        window.add(series, k * 1000, words, 0);
      }
      if (k % 100 === 0) window.trim(0);
    }
    expect(window.bytes).toBeLessThanOrEqual(3 * 1024 ** 2);
    expect(window.floor).toBeGreaterThan(0);
    for (const series of [0, 7, 399]) {
      const times = read(window, series).map(([time]) => time);
      const expected = Array.from({ length: 1000 }, (_, k) => (k + 1) * 1000).filter((time) => time > window.floor);
      expect(times).toEqual(expected);
    }
  });

  it('gives up what was brought back from disk before its own, and keeps its promise all the while', () => {
    const window = new MemoryWindow({ floor: 1_000_000, bytes: 5 * 1024 ** 2 });
    const older = window.bringBack(0);
    const times = new Float64Array(500);
    const values = new Float64Array(500);
    for (const file of [0, 1]) {
      for (let series = 0; series < 300; series++) {
        for (let k = 0; k < 500; k++) {
          times[k] = (file * 500 + k + 1) * 1000;
          values[k] = series * k * 1.000001;
        }
        older?.fill(series, times, values, wordsOf(values), 0, 500);
      }
    }
    window.add(3, 400_500, wordsOf(new Float64Array([7])), 0);
    expect(window.floor).toBe(1_000_000);
    if (older !== undefined) older.whole = true;
    expect(window.floor).toBe(0);
    const floors = new Set<number>();
    const column = new Float64Array(1);
    const words = wordsOf(column);
    for (let k = 1001; k <= 2000; k++) {
      for (let series = 0; series < 300; series++) {
        column[0] = series * k * 1.000001;
        window.add(series, k * 1000 + (k % 7), words, 0);
      }
      floors.add(window.floor);
      if (k % 50 !== 0) continue;
      window.trim(0);
      expect(window.bytes).toBeLessThanOrEqual(5 * 1024 ** 2);
      for (const series of [3, 299]) {
        const all = Array.from({ length: k }, (_, i) => (i + 1) * 1000 + (i >= 1000 ? (i + 1) % 7 : 0));
        if (series === 3) all.splice(400, 0, 400_500);
        expect(read(window, series).map(([time]) => time)).toEqual(all.filter((time) => time > window.floor));
      }
    }
    expect([...floors].slice(0, 3)).toEqual([0, 500_000, 1_000_000]);
  });

  it('leaves to the disk what it brought back once too much of it comes late', () => {
    const window = new MemoryWindow({ floor: 1e9, bytes: 1e9 });
    const older = window.bringBack(0);
    if (older !== undefined) older.whole = true;
    const words = wordsOf(new Float64Array([1]));
    for (let time = 1; window.floor === 0 && time < 1e6; time++) window.add(time % 100, time, words, 0);
    expect(window.floor).toBe(1e9);
    expect(read(window, 7)).toEqual([]);
  });

  it('lets go of what is older than asked, idle series among them', () => {
    const window = new MemoryWindow({ floor: 0, bytes: 1e9 });
    const words = wordsOf(new Float64Array([1]));
    window.add(1, 1000, words, 0);
    for (let k = 1; k <= 100; k++) window.add(2, k * 1000, words, 0);
    window.trim(50_000);
    expect(read(window, 1)).toEqual([]);
    expect(window.floor).toBeLessThan(50_000);
    expect(read(window, 2).at(-1)?.[0]).toBe(100_000);
    window.add(1, 101_000, words, 0);
    expect(read(window, 1).map(([time]) => time)).toEqual([101_000]);
  });
});
