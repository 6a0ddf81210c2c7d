import { ABSENT } from '../matrix.ts';
import type { Window } from '../eval/window.ts';

/** The value at `time` on the line between two samples; a counter that fell starts from zero. */
export function interpolate(
  times: Float64Array,
  values: Float64Array,
  before: number,
  after: number,
  time: number,
  isCounter: boolean,
): number {
  const last = values[after];
  const first = isCounter && last < values[before] ? 0 : values[before];
  return first + ((last - first) * (time - times[before])) / (times[after] - times[before]);
}

/** rate, increase and delta of `anchored` and `smoothed` ranges: from bound to bound, without extrapolation. */
export function extendedRate(w: Window, isCounter: boolean, isRate: boolean): number {
  const { times, values, rangeStart, rangeEnd, from } = w;
  if (w.floats === 0) return ABSENT;
  const smoothed = w.extension === 'smoothed';
  let last = w.to - 1;
  let first = Math.max(from, firstBehind(times, from, last, rangeStart) - 1);
  if (smoothed) last = firstAt(times, from, last, rangeEnd);
  if (times[last] <= rangeStart) return ABSENT;

  const left =
    smoothed && times[first] < rangeStart
      ? interpolate(times, values, first, first + 1, rangeStart, isCounter)
      : values[first];
  const right =
    smoothed && last > from && times[last] > rangeEnd
      ? interpolate(times, values, last - 1, last, rangeEnd, isCounter)
      : values[last];
  let result = right - left;
  if (isCounter) {
    if (times[first] <= rangeStart) first++;
    if (times[last] >= rangeEnd) last--;
    result += lostInResets(values, first, last, left, right);
  }
  return w.float(isRate ? result / (w.range / 1000) : result);
}

/** First place in `from ≤ i < end` with a time behind `bound`, else `end`. */
function firstBehind(times: Float64Array, from: number, end: number, bound: number): number {
  let i = from;
  while (i < end && times[i] <= bound) i++;
  return i;
}

function firstAt(times: Float64Array, from: number, end: number, bound: number): number {
  let i = from;
  while (i < end && times[i] < bound) i++;
  return i;
}

function lostInResets(values: Float64Array, first: number, last: number, left: number, right: number): number {
  let lost = 0;
  let previous = left;
  for (let i = first; i <= last; i++) {
    if (values[i] < previous) lost += previous;
    previous = values[i];
  }
  return right < previous ? lost + previous : lost;
}

/** Where the samples of an `anchored` range begin: the last at or before its start. -1 where it has none inside. */
export function anchoredStart(w: Window): number {
  if (w.extension !== 'anchored') return w.from;
  if (w.floats === 0 || w.times[w.to - 1] <= w.rangeStart) return -1;
  return Math.max(w.from, firstBehind(w.times, w.from, w.to - 1, w.rangeStart) - 1);
}
