import { expect, test } from 'vitest';
import { Received } from './received.ts';

test('the rate of received samples is that of the last minute, and of the time since the start before', async () => {
  let now = 1_000_000;
  const received = new Received(() => now);
  const { write } = received.counting({
    write: async () => ({ accepted: 120, refused: {} }),
    writeMetadata() {},
  });
  const batch = { layout: { series: [] }, values: new Float64Array(), timestamps: new Float64Array() };
  expect([received.samplesPerSecond, received.lastWrite]).toEqual([0, 0]);
  for (let second = 0; second < 10; second++) {
    now += 1000;
    await write(batch);
  }
  expect([received.total, received.samplesPerSecond, received.lastWrite]).toEqual([1200, 120, now]);
  now += 55_000;
  expect(received.samplesPerSecond).toBe((5 * 120) / 60);
  now += 60_000;
  expect(received.samplesPerSecond).toBe(0);
});
