import { describe, expect, test } from 'vitest';
import { ManualClock } from './clock.ts';
import { registry } from '../metrics.ts';
import { Ticker } from './ticker.ts';

describe('a ticker', () => {
  test('ticks at multiples of its interval plus its offset', async () => {
    const clock = new ManualClock(1_003);
    const ticks: number[] = [];
    const ticker = new Ticker({ interval: 100, offset: 7, clock }, async (at) => void ticks.push(at));
    ticker.start();
    await clock.advance(300);
    expect(ticks).toEqual([1_007, 1_107, 1_207]);
    await ticker.stop();
    await clock.advance(300);
    expect(ticks).toHaveLength(3);
  });

  test('skips and counts what comes due during a long run', async () => {
    const clock = new ManualClock(0);
    const ticks: number[] = [];
    let missed = 0;
    const ticker = new Ticker({ interval: 100, clock, onMissed: (count) => (missed += count) }, async (at) => {
      ticks.push(at);
      if (ticks.length === 1) await clock.advance(350);
    });
    ticker.start();
    await clock.advance(100);
    await clock.advance(100);
    expect(ticks[1]).toBe(500);
    expect(missed).toBe(3);
    await ticker.stop();
  });

  test.each([-3_600_000, -120, 3_600_000])('goes on at the new time where the clock is set by %d ms', async (by) => {
    const clock = new ManualClock(7_200_000);
    const ticks: number[] = [];
    const ticker = new Ticker({ interval: 100, clock }, async (at) => void ticks.push(at));
    ticker.start();
    await clock.advance(150);
    clock.jump(by);
    const set = clock.now();
    ticks.length = 0;
    await clock.advance(1000);
    expect(ticks.length).toBeGreaterThanOrEqual(8);
    // The one that was due when the clock was set forward comes late, and is told so by its time.
    for (const at of by > 0 ? ticks.slice(1) : ticks) expect(Math.abs(at - set)).toBeLessThanOrEqual(1100);
    await ticker.stop();
  });

  test('goes on after a run that rejects or throws, counts it and tells it once', async () => {
    const clock = new ManualClock(0);
    const told: unknown[] = [];
    let runs = 0;
    const ticker = new Ticker({ interval: 100, clock, name: 'test', onFailure: (error) => told.push(error) }, () => {
      runs++;
      if (runs === 2) throw new Error('thrown');
      return runs < 5 ? Promise.reject(new Error('rejected')) : Promise.resolve();
    });
    ticker.start();
    await clock.advance(700);
    expect(runs).toBe(7);
    expect(told.map(String)).toEqual(['Error: rejected', 'Error: thrown', 'Error: rejected']);
    const metric = await registry.getSingleMetric('crowsnest_task_failures_total')?.get();
    expect(metric?.values).toEqual([{ labels: { task: 'test' }, value: 4 }]);
    await ticker.stop();
  });
});
