import type { FloatHistogram } from '../../model/sample.ts';
import { text } from '../annotations.ts';
import { ABSENT, HISTOGRAM } from '../matrix.ts';
import type { RangeFunction, Window } from '../eval/window.ts';
import {
  IncompatibleSchemaError,
  add,
  compact,
  detectReset,
  divide,
  emptyLike,
  isCustom,
  multiply,
  sub,
  toSchema,
  withHint,
} from '../histogram/index.ts';
import { extendedRate } from './extended-rate.ts';

export const rate: RangeFunction = (w) => extrapolatedRate(w, true, true);
export const increase: RangeFunction = (w) => extrapolatedRate(w, true, false);
export const delta: RangeFunction = (w) => extrapolatedRate(w, false, false);
export const irate: RangeFunction = (w) => instantValue(w, true);
export const idelta: RangeFunction = (w) => instantValue(w, false);

function extrapolatedRate(w: Window, isCounter: boolean, isRate: boolean): number {
  if (w.extension !== undefined) return extendedRate(w, isCounter, isRate);
  const { floats, histogramCount } = w;
  if (histogramCount > 0) return histogramRate(w, isCounter, isRate);
  if (floats < 2) return ABSENT;
  const { times, values, from, to } = w;
  const first = values[from];
  let result = values[to - 1] - first;
  if (isCounter) {
    let previous = first;
    for (let i = from + 1; i < to; i++) {
      const value = values[i];
      if (value < previous) result += previous;
      previous = value;
    }
  }
  const factor = extrapolation(
    w,
    times[from],
    times[to - 1],
    floats - 1,
    isCounter && result > 0 && first >= 0 ? first / result : NaN,
  );
  return w.float(result * (isRate ? factor / (w.range / 1000) : factor));
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

function histogramRate(w: Window, isCounter: boolean, isRate: boolean): number {
  if (w.floats > 0) {
    w.notes.warn(text.mixedFloatsHistograms(w.metric), w.pos);
    return ABSENT;
  }
  if (w.histogramCount < 2) return ABSENT;
  const change = histogramChange(w, isCounter);
  if (change === undefined) return ABSENT;
  const { histogramTimes: times, histogramFrom: from, histogramTo: to } = w;
  const firstCount = w.histograms[from].count;
  const share = isCounter && change.count > 0 && firstCount >= 0 ? firstCount / change.count : NaN;
  const factor = extrapolation(w, times[from], times[to - 1], to - from - 1, share);
  w.histogram = multiply(change, isRate ? factor / (w.range / 1000) : factor);
  return HISTOGRAM;
}

/** Last minus first, plus what counter resets took; undefined where the histograms do not go together. */
function histogramChange(w: Window, isCounter: boolean): FloatHistogram | undefined {
  const points = w.histograms.slice(w.histogramFrom, w.histogramTo);
  const last = points[points.length - 1];
  const isGauge = (h: FloatHistogram) => h.counterReset === 'gauge';
  let previous = points[0];
  if (isCounter && points.some(isGauge)) w.notes.warn(text.notCounter(w.metric), w.pos);
  // Of a first sample right before a reset nothing counts, so its layout must not matter either.
  if (isCounter && detectReset(points[1], previous)) previous = emptyLike(points[1]);
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
    const change = isCounter ? addResets(w, difference.histogram, previous, points) : difference.histogram;
    return compact(withHint(change, 'gauge'));
  } catch (error) {
    if (!(error instanceof IncompatibleSchemaError)) throw error;
    w.notes.warn(text.mixedExponentialCustom(w.metric), w.pos);
    return undefined;
  }
}

function addResets(
  w: Window,
  change: FloatHistogram,
  before: FloatHistogram,
  points: readonly FloatHistogram[],
): FloatHistogram {
  let previous = before;
  let total = change;
  for (const point of points.slice(1)) {
    if (detectReset(point, previous)) {
      const sum = add(total, previous);
      if (sum.boundsReconciled) w.notes.inform(text.reconciledBuckets('addition'), w.pos);
      total = sum.histogram;
    }
    previous = point;
  }
  return total;
}

/** From the last two samples alone. */
function instantValue(w: Window, isRate: boolean): number {
  const floats = w.floats;
  const histograms = w.histogramCount;
  if (floats + histograms < 2) return ABSENT;
  if (histograms > 0) return instantValueMixed(w, isRate);
  const { times, values, to } = w;
  const elapsed = times[to - 1] - times[to - 2];
  if (elapsed === 0) return ABSENT;
  const last = values[to - 1];
  const previous = values[to - 2];
  const result = isRate && last < previous ? last : last - previous;
  return w.float(isRate ? result / (elapsed / 1000) : result);
}

function instantValueMixed(w: Window, isRate: boolean): number {
  const newest = [
    ...lastTwo(w.times, w.from, w.to).map((i) => ({ time: w.times[i], value: w.values[i], histogram: undefined })),
    ...lastTwo(w.histogramTimes, w.histogramFrom, w.histogramTo).map((i) => ({
      time: w.histogramTimes[i],
      value: 0,
      histogram: w.histograms[i],
    })),
  ].sort((a, b) => a.time - b.time);
  const [previous, last] = newest.slice(-2);
  const elapsed = last.time - previous.time;
  if (elapsed === 0) return ABSENT;
  if (last.histogram === undefined && previous.histogram === undefined) {
    const result = isRate && last.value < previous.value ? last.value : last.value - previous.value;
    return w.float(isRate ? result / (elapsed / 1000) : result);
  }
  if (last.histogram === undefined || previous.histogram === undefined) {
    w.notes.warn(text.mixedFloatsHistograms(w.metric), w.pos);
    return ABSENT;
  }
  const change = instantChange(w, previous.histogram, last.histogram, isRate);
  if (change === undefined) return ABSENT;
  w.histogram = isRate ? divide(change, elapsed / 1000) : change;
  return HISTOGRAM;
}

function lastTwo(times: ArrayLike<number>, from: number, to: number): number[] {
  return [to - 2, to - 1].filter((i) => i >= from);
}

function instantChange(
  w: Window,
  previous: FloatHistogram,
  last: FloatHistogram,
  isRate: boolean,
): FloatHistogram | undefined {
  const gauges = [previous, last].filter((h) => h.counterReset === 'gauge').length;
  if (isRate && gauges > 0) w.notes.warn(text.notCounter(w.metric), w.pos);
  if (!isRate && gauges < 2) w.notes.warn(text.notGauge(w.metric), w.pos);
  if (isRate && detectReset(last, previous)) return compact(withHint(last, 'gauge'));
  try {
    const difference = sub(last, previous);
    if (difference.boundsReconciled) w.notes.inform(text.reconciledBuckets('subtraction'), w.pos);
    return compact(withHint(difference.histogram, 'gauge'));
  } catch (error) {
    if (!(error instanceof IncompatibleSchemaError)) throw error;
    w.notes.warn(text.mixedExponentialCustom(w.metric), w.pos);
    return undefined;
  }
}
