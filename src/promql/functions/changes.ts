import { ABSENT } from '../data/matrix.ts';
import type { RangeFunction, Window } from '../eval/window.ts';
import { fold } from '../eval/window.ts';
import { detectReset, equals } from '../histogram/index.ts';
import { anchoredStart } from './extended-rate.ts';
import type { Work } from '../query-slice.ts';

export const resets: RangeFunction = (w) => {
  const start = anchoredStart(w);
  if (start === undefined) return ABSENT;
  if (w.histogramCount > 0 || w.starts !== undefined) return countPairs(w, start, isFall, isHistogramReset);
  return fold(w, start.float + 1, { count: 0 }, countFalls, countOf);
};

interface Count {
  count: number;
}

function countFalls(state: Count, { values }: Window, from: number, to: number): void {
  let { count } = state;
  for (let i = from; i < to; i++) if (values[i] < values[i - 1]) count++;
  state.count = count;
}

function countOf({ count }: Count, w: Window): number {
  return w.float(count);
}

function isFall(w: Window, previous: number, i: number): boolean {
  return w.values[i] < w.values[previous] || w.isStartReset(previous, i);
}

function isHistogramReset(w: Window, previous: number, i: number): boolean {
  return w.isHistogramStartReset(previous, i) || detectReset(w.histograms[i], w.histograms[previous]);
}

export const changes: RangeFunction = (w) => {
  const start = anchoredStart(w);
  if (start === undefined) return ABSENT;
  if (w.histogramCount > 0) return countPairs(w, start, isFloatChange, isHistogramChange);
  return fold(w, start.float + 1, { count: 0 }, countChanges, countOf);
};

function countChanges(state: Count, { values }: Window, from: number, to: number): void {
  let { count } = state;
  for (let i = from; i < to; i++) if (isChange(values[i - 1], values[i])) count++;
  state.count = count;
}

function isChange(before: number, value: number): boolean {
  return value !== before && !(Number.isNaN(value) && Number.isNaN(before));
}

function isFloatChange(w: Window, previous: number, i: number): boolean {
  return isChange(w.values[previous], w.values[i]);
}

function isHistogramChange(w: Window, previous: number, i: number): boolean {
  return !equals(w.histograms[i], w.histograms[previous]);
}

/** Of histograms about a millisecond. */
const PAIRS_AT_ONCE = 1024;

type PairTest = (w: Window, previous: number, i: number) => boolean;

/** Neighbours of which the test holds, floats and histograms in the order of time; a change of kind always counts. */
function* countPairs(
  w: Window,
  start: { float: number; histogram: number },
  ofFloats: PairTest,
  ofHistograms: PairTest,
): Work<number> {
  let count = 0;
  let i = start.float;
  let j = start.histogram;
  let previous = -1;
  let previousIsFloat = false;
  while (i < w.to || j < w.histogramTo) {
    const isFloat = j >= w.histogramTo || (i < w.to && w.times[i] < w.histogramTimes[j]);
    const at = isFloat ? i++ : j++;
    if (previous >= 0) {
      const test = isFloat ? ofFloats : ofHistograms;
      if (isFloat !== previousIsFloat || test(w, previous, at)) count++;
    }
    previousIsFloat = isFloat;
    previous = at;
    if ((i + j) % PAIRS_AT_ONCE === 0) yield PAIRS_AT_ONCE * 8;
  }
  return w.float(count);
}
