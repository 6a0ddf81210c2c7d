import { assert, constantFrom, property, uniqueArray, integer } from 'fast-check';
import { expect, it } from 'vitest';
import { wordsOf } from '../../model/sample.ts';
import { ColumnBuilder } from './column-builder.ts';
import { LateSamples } from './late-samples.ts';

const time = integer({ min: 0, max: 40 });

it('late samples take their places among the others; of one time the one that was there stays', () => {
  assert(
    property(uniqueArray(time), uniqueArray(time), time, time, constantFrom(0, 3), (timely, tardy, start, end, at) => {
      const late = new LateSamples();
      for (const one of tardy) late.add(7, one, wordsOf(Float64Array.of(-one)), 0);
      const run = timely.filter((one) => one >= start && one <= end).sort((a, b) => a - b);
      const builder = new ColumnBuilder();
      builder.reserve(100);
      builder.at = at;
      builder.times.set([...Array.from({ length: at }, () => 99), ...run]);
      builder.values.set(run, at);
      const to = late.merge(7, start, end, builder, at + run.length);
      const added = tardy.filter((one) => one >= start && one <= end && !run.includes(one));
      const expected = [...run.map((one) => [one, one]), ...added.map((one) => [one, -one])].sort(
        (a, b) => a[0] - b[0],
      );
      const { timestamps, values } = builder.take(to);
      expect(Array.from(timestamps, (one, i) => [one, values[i]])).toEqual(expected);
      expect([...builder.times.subarray(0, at)]).toEqual(Array.from({ length: at }, () => 99));
    }),
  );
});
