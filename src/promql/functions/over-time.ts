import { text } from '../annotations.ts';
import { ABSENT, HISTOGRAM } from '../matrix.ts';
import type { RangeFunction, Window } from '../eval/window.ts';
import { KahanSum, detectReset, equals } from '../histogram/index.ts';
import { anchoredStart } from './extended-rate.ts';
import { averageHistograms, sumHistograms } from './over-time-histograms.ts';
import { quantile } from './quantile.ts';

export const countOverTime: RangeFunction = (w) => w.float(w.floats + w.histogramCount);

export const presentOverTime: RangeFunction = (w) => w.float(1);

export const sumOverTime: RangeFunction = (w) => {
  if (w.histogramCount > 0) return w.floats > 0 ? refuseMix(w) : sumHistograms(w);
  const { values, to } = w;
  const total = new KahanSum();
  for (let i = w.from; i < to; i++) total.add(values[i]);
  return w.float(isInfinite(total.sum) ? total.sum : total.sum + total.lost);
};

/** The plain mean while its sum does not overflow, from there on a running mean. */
export const avgOverTime: RangeFunction = (w) => {
  if (w.histogramCount > 0) return w.floats > 0 ? refuseMix(w) : averageHistograms(w);
  const { values, from, to } = w;
  const total = new KahanSum(values[from]);
  for (let i = from + 1; i < to; i++) {
    const { sum, lost } = total;
    total.add(values[i]);
    if (isInfinite(total.sum)) return w.float(runningMean(values, from, i, to, total.restart(sum, lost)));
  }
  const count = to - from;
  return w.float(total.sum / count + total.lost / count);
};

/** Goes on with the mean of `total`, the sum of the values from `from` up to `start`. */
function runningMean(values: Float64Array, from: number, start: number, to: number, total: KahanSum): number {
  const mean = total.restart(total.sum / (start - from), total.lost / (start - from));
  for (let i = start; i < to; i++) {
    const count = i - from + 1;
    const share = (count - 1) / count;
    mean.restart(share * mean.sum, share * mean.lost).add(values[i] / count);
  }
  return mean.sum + mean.lost;
}

function isInfinite(value: number): boolean {
  return value === Infinity || value === -Infinity;
}

function refuseMix(w: Window): number {
  w.notes.warn(text.mixedFloatsHistograms(w.metric), w.pos);
  return ABSENT;
}

/** For functions of floats only: histograms among them are left out, which is said. */
function noteIgnored(w: Window): void {
  if (w.histogramCount > 0) w.notes.inform(text.histogramIgnoredInMixedRange(w.metric), w.pos);
}

export const maxOverTime: RangeFunction = (w) => {
  if (w.floats === 0) return ABSENT;
  noteIgnored(w);
  const { values, to } = w;
  let max = values[w.from];
  for (let i = w.from + 1; i < to; i++) if (values[i] > max || Number.isNaN(max)) max = values[i];
  return w.float(max);
};

export const minOverTime: RangeFunction = (w) => {
  if (w.floats === 0) return ABSENT;
  noteIgnored(w);
  const { values, to } = w;
  let min = values[w.from];
  for (let i = w.from + 1; i < to; i++) if (values[i] < min || Number.isNaN(min)) min = values[i];
  return w.float(min);
};

export const tsOfMaxOverTime: RangeFunction = (w) => timeOf(w, (value, best) => value >= best || Number.isNaN(best));
export const tsOfMinOverTime: RangeFunction = (w) => timeOf(w, (value, best) => value <= best || Number.isNaN(best));

function timeOf(w: Window, better: (value: number, best: number) => boolean): number {
  if (w.floats === 0) return ABSENT;
  noteIgnored(w);
  let best = w.from;
  for (let i = w.from; i < w.to; i++) if (better(w.values[i], w.values[best])) best = i;
  return w.float(w.times[best] / 1000);
}

export const firstOverTime: RangeFunction = (w) => {
  const older = w.histogramCount === 0 || (w.floats > 0 && w.times[w.from] < w.histogramTimes[w.histogramFrom]);
  if (older) return w.float(w.values[w.from]);
  w.histogram = w.histograms[w.histogramFrom];
  return HISTOGRAM;
};

export const lastOverTime: RangeFunction = (w) => {
  const newer = w.histogramCount === 0 || (w.floats > 0 && w.histogramTimes[w.histogramTo - 1] < w.times[w.to - 1]);
  if (newer) return w.float(w.values[w.to - 1]);
  w.histogram = w.histograms[w.histogramTo - 1];
  return HISTOGRAM;
};

export const tsOfFirstOverTime: RangeFunction = (w) => {
  const float = w.floats > 0 ? w.times[w.from] : Infinity;
  const histogram = w.histogramCount > 0 ? w.histogramTimes[w.histogramFrom] : Infinity;
  return w.float(Math.min(float, histogram) / 1000);
};

export const tsOfLastOverTime: RangeFunction = (w) => {
  const float = w.floats > 0 ? w.times[w.to - 1] : 0;
  const histogram = w.histogramCount > 0 ? w.histogramTimes[w.histogramTo - 1] : 0;
  return w.float(Math.max(float, histogram) / 1000);
};

export const quantileOverTime: RangeFunction = (w) => {
  if (w.floats === 0) return ABSENT;
  const q = w.param(0);
  if (!(q >= 0 && q <= 1)) w.notes.warn(text.invalidQuantile(q), w.pos);
  noteIgnored(w);
  return w.float(quantile(q, w.values.slice(w.from, w.to)));
};

/** Median of the distances from the median. */
export const madOverTime: RangeFunction = (w) => {
  if (w.floats === 0) return ABSENT;
  noteIgnored(w);
  const values = w.values.slice(w.from, w.to);
  if (values.some(Number.isNaN)) return w.float(NaN);
  const median = quantile(0.5, values);
  return w.float(
    quantile(
      0.5,
      values.map((value) => Math.abs(value - median)),
    ),
  );
};

export const stdvarOverTime: RangeFunction = (w) => {
  if (w.floats === 0) return ABSENT;
  noteIgnored(w);
  return w.float(variance(w));
};

export const stddevOverTime: RangeFunction = (w) => {
  if (w.floats === 0) return ABSENT;
  noteIgnored(w);
  return w.float(Math.sqrt(variance(w)));
};

/** Welford's method with compensated sums. */
function variance(w: Window): number {
  const { values, from, to } = w;
  const mean = new KahanSum();
  const squares = new KahanSum();
  for (let i = from; i < to; i++) {
    const delta = values[i] - (mean.sum + mean.lost);
    mean.add(delta / (i - from + 1));
    squares.add(delta * (values[i] - (mean.sum + mean.lost)));
  }
  return (squares.sum + squares.lost) / (to - from);
}

export const resets: RangeFunction = (w) => {
  const start = anchoredStart(w);
  if (start === undefined) return ABSENT;
  if (w.histogramCount > 0 || w.starts !== undefined) return countPairs(w, start, isFall, isHistogramReset);
  const { values, to } = w;
  let count = 0;
  for (let i = start.float + 1; i < to; i++) if (values[i] < values[i - 1]) count++;
  return w.float(count);
};

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
  const { values, to } = w;
  let count = 0;
  for (let i = start.float + 1; i < to; i++) if (isChange(values[i - 1], values[i])) count++;
  return w.float(count);
};

function isChange(before: number, value: number): boolean {
  return value !== before && !(Number.isNaN(value) && Number.isNaN(before));
}

function isFloatChange(w: Window, previous: number, i: number): boolean {
  return isChange(w.values[previous], w.values[i]);
}

function isHistogramChange(w: Window, previous: number, i: number): boolean {
  return !equals(w.histograms[i], w.histograms[previous]);
}

type PairTest = (w: Window, previous: number, i: number) => boolean;

/** Neighbours of which the test holds, floats and histograms in the order of time; a change of kind always counts. */
function countPairs(
  w: Window,
  start: { float: number; histogram: number },
  ofFloats: PairTest,
  ofHistograms: PairTest,
): number {
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
  }
  return w.float(count);
}
