import type { FloatHistogram } from '../../model/sample.ts';
import { text } from '../annotations.ts';
import type { Annotations } from '../annotations.ts';
import type { PosRange } from '../syntax/ast.ts';
import type { Window } from '../eval/window.ts';
import type { Work } from '../query-slice.ts';
import { PIECE, UNITS_OF_HISTOGRAM } from '../query-slice.ts';
import {
  IncompatibleSchemaError,
  add,
  compact,
  detectReset,
  divide,
  isCustom,
  multiply,
  sub,
  withHint,
} from '../histogram/index.ts';
import { ABSENT, HISTOGRAM } from '../data/matrix.ts';

/** The value at `time` on the line between two samples; a counter that fell starts from zero. */
export function interpolate(
  times: ArrayLike<number>,
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

/** The histogram at a part of the way between two; a counter that was reset starts from zero. */
export function interpolateHistograms(
  before: FloatHistogram,
  after: FloatHistogram,
  part: number,
  isCounter: boolean,
  notes: Annotations,
  pos: PosRange,
): FloatHistogram {
  if (part === 0) return before;
  if (part === 1) return after;
  if (isCounter && detectReset(after, before)) return multiply(after, part);
  const difference = sub(after, before);
  if (difference.boundsReconciled) notes.inform(text.reconciledBuckets('subtraction'), pos);
  const sum = add(multiply(difference.histogram, part), before);
  if (sum.boundsReconciled) notes.inform(text.reconciledBuckets('addition'), pos);
  return sum.histogram;
}

/** rate, increase and delta of `anchored` and `smoothed` ranges: from bound to bound, without extrapolation. */
export function* extendedRate(w: Window, isCounter: boolean, isRate: boolean): Work<number> {
  if (w.histogramCount > 0 && w.floats > 0) {
    w.notes.warn(text.mixedFloatsHistograms(w.metric), w.pos);
    return ABSENT;
  }
  if (w.histogramCount > 0) return yield* extendedHistogramRate(w, isCounter, isRate);
  if (w.floats === 0) return ABSENT;
  const { times, values, rangeStart, rangeEnd, from } = w;
  const smoothed = w.extension === 'smoothed';
  const bounds = boundingSamples(w, times, from, w.to);
  if (bounds === undefined) return ABSENT;
  let { first, last } = bounds;
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
    result += yield* lostInResets(values, first, last, left, right);
  }
  return w.float(isRate ? result / (w.range / 1000) : result);
}

/**
 * The samples of an `anchored` or `smoothed` range as they are shown where no function takes them: those inside, and one at
 * either bound.
 */
export function extendedSamples(
  times: Float64Array,
  values: Float64Array,
  range: { readonly from: number; readonly to: number; readonly start: number; readonly end: number },
  smoothed: boolean,
): { time: number; value: number }[] {
  const { from, to, start, end } = range;
  if (from >= to) return [];
  let first = Math.max(from, firstWhere(times, from, to - 1, (time) => time > start) - 1);
  let last = smoothed ? firstWhere(times, from, to - 1, (time) => time >= end) : to - 1;
  if (times[last] <= start) return [];
  const left =
    smoothed && times[first] < start ? interpolate(times, values, first, first + 1, start, false) : values[first];
  const isBehind = smoothed && last > from && times[last] > end;
  const right = isBehind ? interpolate(times, values, last - 1, last, end, false) : values[last];
  if (times[first] <= start) first++;
  if (times[last] >= end) last--;
  const inside = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => ({
    time: times[first + i],
    value: values[first + i],
  }));
  return [{ time: start, value: left }, ...inside, { time: end, value: right }];
}

/** The samples at or around both ends of the range; undefined where nothing lies inside. */
function boundingSamples(
  w: Window,
  times: ArrayLike<number>,
  from: number,
  to: number,
): { first: number; last: number } | undefined {
  const smoothed = w.extension === 'smoothed';
  const first = Math.max(from, firstWhere(times, from, to - 1, (time) => time > w.rangeStart) - 1);
  const last = smoothed ? firstWhere(times, from, to - 1, (time) => time >= w.rangeEnd) : to - 1;
  if (times[last] <= w.rangeStart || (smoothed && times[first] > w.rangeEnd)) return undefined;
  return { first, last };
}

/** First place in `from ≤ i < end` whose time passes, as all later ones do; else `end`. */
function firstWhere(times: ArrayLike<number>, from: number, end: number, test: (time: number) => boolean): number {
  let low = from;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(times[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

function* lostInResets(values: Float64Array, first: number, last: number, left: number, right: number): Work<number> {
  const loss = { lost: 0, previous: left };
  for (let from = first; from <= last; from += PIECE) {
    addLosses(loss, values, from, Math.min(from + PIECE, last + 1));
    yield PIECE;
  }
  const { lost, previous } = loss;
  return right < previous ? lost + previous : lost;
}

function addLosses(loss: { lost: number; previous: number }, values: Float64Array, from: number, to: number): void {
  let { lost, previous } = loss;
  for (let i = from; i < to; i++) {
    if (values[i] < previous) lost += previous;
    previous = values[i];
  }
  loss.lost = lost;
  loss.previous = previous;
}

function* extendedHistogramRate(w: Window, isCounter: boolean, isRate: boolean): Work<number> {
  const bounds = boundingSamples(w, w.histogramTimes, w.histogramFrom, w.histogramTo);
  if (bounds === undefined) return ABSENT;
  const { first, last } = bounds;
  if (!isSound(w, first, last, isCounter)) return ABSENT;
  try {
    const change = yield* histogramChange(w, first, last, isCounter);
    w.histogram = compact(withHint(isRate ? divide(change, w.range / 1000) : change, 'gauge'));
    return HISTOGRAM;
  } catch (error) {
    if (!(error instanceof IncompatibleSchemaError)) throw error;
    w.notes.warn(text.mixedExponentialCustom(w.metric), w.pos);
    return ABSENT;
  }
}

function isSound(w: Window, first: number, last: number, isCounter: boolean): boolean {
  const inside = w.histograms.slice(first, last + 1);
  if (inside.some((h) => isCustom(h.schema) !== isCustom(inside[0].schema))) {
    w.notes.warn(text.mixedExponentialCustom(w.metric), w.pos);
    return false;
  }
  if (isCounter && inside.some((h) => h.counterReset === 'gauge')) w.notes.warn(text.notCounter(w.metric), w.pos);
  return true;
}

function* histogramChange(w: Window, first: number, last: number, isCounter: boolean): Work<FloatHistogram> {
  const { histograms, histogramTimes: times, rangeStart, rangeEnd } = w;
  const smoothed = w.extension === 'smoothed';
  const between = (i: number, time: number) => {
    const part = (time - times[i]) / (times[i + 1] - times[i]);
    return interpolateHistograms(histograms[i], histograms[i + 1], part, isCounter, w.notes, w.pos);
  };
  const left = smoothed && times[first] < rangeStart ? between(first, rangeStart) : histograms[first];
  const isBehind = smoothed && last > w.histogramFrom && times[last] > rangeEnd;
  const right = isBehind ? between(last - 1, rangeEnd) : histograms[last];
  if (!isCounter && !(left.counterReset === 'gauge' && right.counterReset === 'gauge')) {
    w.notes.warn(text.notGauge(w.metric), w.pos);
  }
  const difference = sub(right, left);
  if (difference.boundsReconciled) w.notes.inform(text.reconciledBuckets('subtraction'), w.pos);
  return isCounter ? yield* withResets(w, difference.histogram, first, last, left, right) : difference.histogram;
}

/** Adds what counter resets took, but for one that lies between the two samples around the range's start. */
function* withResets(
  w: Window,
  change: FloatHistogram,
  first: number,
  last: number,
  left: FloatHistogram,
  right: FloatHistogram,
): Work<FloatHistogram> {
  const { histograms } = w;
  let next = first + 1;
  let previous = left;
  const startsBefore = w.extension === 'smoothed' && w.histogramTimes[first] < w.rangeStart;
  if (startsBefore && detectReset(histograms[next], histograms[first])) previous = histograms[next++];
  if (next > last) return change;
  let total = change;
  for (let i = next; i <= last; i++) {
    const current = i === last ? right : histograms[i];
    if (detectReset(current, previous)) {
      const sum = add(total, previous);
      if (sum.boundsReconciled) w.notes.inform(text.reconciledBuckets('addition'), w.pos);
      total = sum.histogram;
    }
    previous = current;
    yield UNITS_OF_HISTOGRAM;
  }
  return total;
}

/**
 * Where the samples of an `anchored` range begin: with the last one at or before its start, be it a float or a histogram.
 * undefined where the range has no sample inside.
 */
export function anchoredStart(w: Window): { float: number; histogram: number } | undefined {
  if (w.extension !== 'anchored') return { float: w.from, histogram: w.histogramFrom };
  const inside = (time: number) => time > w.rangeStart;
  const float = firstWhere(w.times, w.from, w.to, inside);
  const histogram = firstWhere(w.histogramTimes, w.histogramFrom, w.histogramTo, inside);
  if (float >= w.to && histogram >= w.histogramTo) return undefined;
  const hasFloat = float > w.from;
  const hasHistogram = histogram > w.histogramFrom;
  if (!hasFloat && !hasHistogram) return { float, histogram };
  const isFloat = !hasHistogram || (hasFloat && w.times[float - 1] >= w.histogramTimes[histogram - 1]);
  return isFloat ? { float: float - 1, histogram } : { float, histogram: histogram - 1 };
}
