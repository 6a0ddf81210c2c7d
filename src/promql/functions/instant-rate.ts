import type { FloatHistogram } from '../../model/sample.ts';
import { text } from '../annotations.ts';
import { ABSENT, HISTOGRAM } from '../data/matrix.ts';
import type { RangeFunction, Window } from '../eval/window.ts';
import { IncompatibleSchemaError, compact, detectReset, divide, sub, withHint } from '../histogram/index.ts';

export const irate: RangeFunction = (w) => instantValue(w, true);
export const idelta: RangeFunction = (w) => instantValue(w, false);

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
  const isReset = last < previous || w.isStartReset(to - 2, to - 1);
  const result = isRate && isReset ? last : last - previous;
  return w.float(isRate ? result / (elapsed / 1000) : result);
}

function instantValueMixed(w: Window, isRate: boolean): number {
  const newest = [
    ...lastTwo(w.from, w.to).map((i) => ({ time: w.times[i], value: w.values[i], histogram: undefined, i })),
    ...lastTwo(w.histogramFrom, w.histogramTo).map((i) => ({
      time: w.histogramTimes[i],
      value: 0,
      histogram: w.histograms[i],
      i,
    })),
  ].sort((a, b) => a.time - b.time);
  const [previous, last] = newest.slice(-2);
  const elapsed = last.time - previous.time;
  if (elapsed === 0) return ABSENT;
  if (last.histogram === undefined && previous.histogram === undefined) {
    const isReset = last.value < previous.value || w.isStartReset(previous.i, last.i);
    const result = isRate && isReset ? last.value : last.value - previous.value;
    return w.float(isRate ? result / (elapsed / 1000) : result);
  }
  if (last.histogram === undefined || previous.histogram === undefined) {
    w.notes.warn(text.mixedFloatsHistograms(w.metric), w.pos);
    return ABSENT;
  }
  const change = instantChange(
    w,
    previous.histogram,
    last.histogram,
    isRate,
    w.isHistogramStartReset(previous.i, last.i),
  );
  if (change === undefined) return ABSENT;
  w.histogram = isRate ? divide(change, elapsed / 1000) : change;
  return HISTOGRAM;
}

function lastTwo(from: number, to: number): number[] {
  return [to - 2, to - 1].filter((i) => i >= from);
}

function instantChange(
  w: Window,
  previous: FloatHistogram,
  last: FloatHistogram,
  isRate: boolean,
  isStartReset: boolean,
): FloatHistogram | undefined {
  const gauges = [previous, last].filter((h) => h.counterReset === 'gauge').length;
  if (isRate && gauges > 0) w.notes.warn(text.notCounter(w.metric), w.pos);
  if (!isRate && gauges < 2) w.notes.warn(text.notGauge(w.metric), w.pos);
  if (isRate && (isStartReset || detectReset(last, previous))) return compact(withHint(last, 'gauge'));
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
