import type { FloatHistogram } from '../../model/sample.ts';
import { text } from '../annotations.ts';
import { ABSENT, HISTOGRAM } from '../data/matrix.ts';
import type { RangeFunction, Window } from '../eval/window.ts';
import { fold } from '../eval/window.ts';
import type { Work } from '../query-slice.ts';
import { PIECE, UNITS_OF_HISTOGRAM } from '../query-slice.ts';
import {
  IncompatibleSchemaError,
  add,
  compact,
  detectReset,
  emptyLike,
  isCustom,
  multiply,
  sub,
  toSchema,
  withHint,
} from '../histogram/index.ts';
import { extendedRate } from './extended-rate.ts';
import { startsOverlap } from './start-times.ts';
import type { StartTimes } from './start-times.ts';

export const rate: RangeFunction = (w) => extrapolatedRate(w, true, true);
export const increase: RangeFunction = (w) => extrapolatedRate(w, true, false);
export const delta: RangeFunction = (w) => extrapolatedRate(w, false, false);

function extrapolatedRate(w: Window, isCounter: boolean, isRate: boolean): number | Work<number> {
  if (w.extension !== undefined) return extendedRate(w, isCounter, isRate);
  if (w.histogramCount > 0) return histogramRate(w, isCounter, isRate);
  if (w.starts !== undefined && isCounter) return rateWithStarts(w, w.starts, isRate);
  if (w.floats < 2) return ABSENT;
  if (isCounter && w.values.length > PIECE) return longRate(w, isRate);
  return floatRate(w, isCounter, isRate);
}

function* longRate(w: Window, isRate: boolean): Work<number> {
  yield* w.findFalls();
  return floatRate(w, true, isRate);
}

function floatRate(w: Window, isCounter: boolean, isRate: boolean): number {
  const { times, values, from, to } = w;
  const first = values[from];
  let result = values[to - 1] - first;
  if (isCounter) {
    const { decreases } = w;
    for (let i = w.firstFallBehind(from); i < decreases.length && decreases[i] < to; i++)
      result += values[decreases[i] - 1];
  }
  const share = isCounter && result > 0 && first >= 0 ? first / result : NaN;
  const factor = extrapolation(w, times[from], times[to - 1], to - from - 1, share);
  return w.float(result * perSecond(w, factor, isRate));
}

function perSecond(w: Window, factor: number, isRate: boolean): number {
  return isRate ? factor / (w.range / 1000) : factor;
}

/**
 * How much longer the range is than the time between its first and last sample, as far as the series may be thought to
 * reach: to a bound that is near, else half a sample interval on; and never below a counter's zero.
 * `share` is the counter's first value by its increase, NaN where that says nothing.
 */
function extrapolation(w: Window, firstTime: number, lastTime: number, intervals: number, share: number): number {
  const sampled = (lastTime - firstTime) / 1000;
  const between = sampled / intervals;
  const threshold = between * 1.1;
  let toStart = (firstTime - w.rangeStart) / 1000;
  let toEnd = (w.rangeEnd - lastTime) / 1000;
  if (toStart >= threshold) toStart = between / 2;
  const toZero = sampled * share;
  if (toZero < toStart) toStart = toZero;
  if (toEnd >= threshold) toEnd = between / 2;
  return (sampled + toStart + toEnd) / sampled;
}

/** A counter whose source says when it began: that shows resets, and a beginning inside the range is a sample of zero. */
function rateWithStarts(w: Window, starts: StartTimes, isRate: boolean): number | Work<number> {
  const { values, from, to } = w;
  const state = { starts, isRate, result: values[to - 1] - values[from], overlaps: false };
  return fold(w, from + 1, state, addStartResets, rateFromStarts);
}

interface StartedRate {
  readonly starts: StartTimes;
  readonly isRate: boolean;
  result: number;
  overlaps: boolean;
}

function addStartResets(state: StartedRate, w: Window, from: number, to: number): void {
  const { times, values } = w;
  const { starts } = state;
  for (let i = from; i < to; i++) {
    if (!state.overlaps && startsOverlap(starts[i - 1], times[i - 1], starts[i])) {
      state.overlaps = true;
      w.notes.startsOverlap(w.metric, w.pos);
    }
    if (values[i] < values[i - 1] || w.isStartReset(i - 1, i)) state.result += values[i - 1];
  }
}

function rateFromStarts({ starts, isRate, result }: StartedRate, w: Window): number {
  const { times, values, from, to } = w;
  const first = values[from];
  const lastTime = times[to - 1];
  if (beginsInside(w, starts[from], times[from])) {
    const factor = extrapolationFromStart(w, starts[from], times[from], lastTime, to - from);
    return w.float((result + first) * perSecond(w, factor, isRate));
  }
  if (to - from < 2) return ABSENT;
  const share = result > 0 && first >= 0 ? first / result : NaN;
  return w.float(result * perSecond(w, extrapolation(w, times[from], lastTime, to - from - 1, share), isRate));
}

function beginsInside(w: Window, start: number, firstTime: number): boolean {
  return start !== 0 && start > w.rangeStart && start < firstTime;
}

/** As {@link extrapolation}, where the counter's beginning is known so that only the end is open. */
function extrapolationFromStart(w: Window, start: number, firstTime: number, lastTime: number, count: number): number {
  const sampled = (lastTime - start) / 1000;
  const between = count > 1 ? (lastTime - firstTime) / 1000 / (count - 1) : 0;
  const toEnd = (w.rangeEnd - lastTime) / 1000;
  return (sampled + (toEnd >= between * 1.1 ? between / 2 : toEnd)) / sampled;
}

function* histogramRate(w: Window, isCounter: boolean, isRate: boolean): Work<number> {
  if (w.floats > 0) {
    w.notes.warn(text.mixedFloatsHistograms(w.metric), w.pos);
    return ABSENT;
  }
  const { histogramTimes: times, histogramFrom: from, histogramTo: to, histograms } = w;
  const start = isCounter ? (w.histogramStarts?.[from] ?? 0) : 0;
  const isWhole = beginsInside(w, start, times[from]);
  if (to - from < 2 && !isWhole) return ABSENT;
  const first = histograms[from];
  let change = to - from < 2 ? first : yield* histogramChange(w, isCounter);
  if (change === undefined) return ABSENT;
  if (isWhole) {
    if (to - from > 1) change = addNoting(w, change, first);
    if (change === undefined) return ABSENT;
    const factor = extrapolationFromStart(w, start, times[from], times[to - 1], to - from);
    w.histogram = multiply(change, perSecond(w, factor, isRate));
    return HISTOGRAM;
  }
  const share = isCounter && change.count > 0 && first.count >= 0 ? first.count / change.count : NaN;
  const factor = extrapolation(w, times[from], times[to - 1], to - from - 1, share);
  w.histogram = multiply(change, perSecond(w, factor, isRate));
  return HISTOGRAM;
}

/** The sum; undefined, and a warning, where the histograms do not go together. */
function addNoting(w: Window, a: FloatHistogram, b: FloatHistogram): FloatHistogram | undefined {
  try {
    const sum = add(a, b);
    if (sum.boundsReconciled) w.notes.inform(text.reconciledBuckets('addition'), w.pos);
    return sum.histogram;
  } catch (error) {
    if (!(error instanceof IncompatibleSchemaError)) throw error;
    w.notes.warn(text.mixedExponentialCustom(w.metric), w.pos);
    return undefined;
  }
}

/** Last minus first, plus what counter resets took; undefined where the histograms do not go together. */
function* histogramChange(w: Window, isCounter: boolean): Work<FloatHistogram | undefined> {
  const points = w.histograms.slice(w.histogramFrom, w.histogramTo);
  const last = points[points.length - 1];
  const isGauge = (h: FloatHistogram) => h.counterReset === 'gauge';
  let previous = points[0];
  if (isCounter && points.some(isGauge)) w.notes.warn(text.notCounter(w.metric), w.pos);
  // Of a first sample right before a reset nothing counts, so its layout must not matter either.
  const from = w.histogramFrom;
  const isReset = isCounter && (w.isHistogramStartReset(from, from + 1) || detectReset(points[1], previous));
  if (isReset) previous = emptyLike(points[1]);
  const custom = isCustom(previous.schema);
  const others = isCounter ? points.slice(1) : [last];
  if (others.some((h) => isCustom(h.schema) !== custom)) {
    w.notes.warn(text.mixedExponentialCustom(w.metric), w.pos);
    return undefined;
  }
  if (!isCounter && !(isGauge(points[0]) && isGauge(last))) w.notes.warn(text.notGauge(w.metric), w.pos);

  const schema = others.reduce((least, h) => Math.min(least, h.schema), previous.schema);
  try {
    const difference = sub(toSchema(last, schema), previous);
    if (difference.boundsReconciled) w.notes.inform(text.reconciledBuckets('subtraction'), w.pos);
    const change = isCounter ? yield* addResets(w, difference.histogram, previous, points) : difference.histogram;
    return compact(withHint(change, 'gauge'));
  } catch (error) {
    if (!(error instanceof IncompatibleSchemaError)) throw error;
    w.notes.warn(text.mixedExponentialCustom(w.metric), w.pos);
    return undefined;
  }
}

function* addResets(
  w: Window,
  change: FloatHistogram,
  before: FloatHistogram,
  points: readonly FloatHistogram[],
): Work<FloatHistogram> {
  let previous = before;
  let total = change;
  const starts = w.histogramStarts;
  let overlaps = false;
  for (let i = 1; i < points.length; i++) {
    const at = w.histogramFrom + i;
    if (!overlaps && starts !== undefined && startsOverlap(starts[at - 1], w.histogramTimes[at - 1], starts[at])) {
      overlaps = true;
      w.notes.startsOverlap(w.metric, w.pos);
    }
    if (w.isHistogramStartReset(at - 1, at) || detectReset(points[i], previous)) {
      const sum = add(total, previous);
      if (sum.boundsReconciled) w.notes.inform(text.reconciledBuckets('addition'), w.pos);
      total = sum.histogram;
    }
    previous = points[i];
    yield UNITS_OF_HISTOGRAM;
  }
  return total;
}
