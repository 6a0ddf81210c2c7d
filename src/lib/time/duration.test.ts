import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

describe('durations', () => {
  test.each([
    ['0', 0, '0s'],
    ['15s', 15_000, '15s'],
    ['1h30m', 5_400_000, '1h30m'],
    ['90m', 5_400_000, '1h30m'],
    ['250ms', 250, '250ms'],
    ['7d', 604_800_000, '1w'],
    ['8d', 691_200_000, '8d'],
    ['1y', 31_536_000_000, '1y'],
  ])('%s is %d ms and prints as %s', (text, ms, printed) => {
    expect(parseDuration(text)).toBe(ms);
    expect(formatDuration(ms)).toBe(printed);
  });

  test.each(['', '5', '1m1h', '1.5h', '-5m', '5 m', '1s1s', '293y'])('%j is refused', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
