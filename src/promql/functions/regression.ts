import { text } from '../annotations.ts';
import { fail } from '../errors.ts';
import { ABSENT } from '../matrix.ts';
import type { RangeFunction, Window } from '../eval/window.ts';
import { KahanSum } from '../histogram/index.ts';

export const deriv: RangeFunction = (w) => {
  if (!enoughFloats(w)) return ABSENT;
  // Times are taken from the first sample, for the sums of whole timestamps squared would lose digits.
  return w.float(linearRegression(w, w.times[w.from]).slope);
};

export const predictLinear: RangeFunction = (w) => {
  if (!enoughFloats(w)) return ABSENT;
  const { slope, intercept } = linearRegression(w, w.time);
  return w.float(slope * w.param(0) + intercept);
};

/** Smoothing by weights that fall exponentially into the past, with a trend. */
export const doubleExponentialSmoothing: RangeFunction = (w) => {
  const smoothing = w.param(0);
  const trend = w.param(1);
  if (smoothing <= 0 || smoothing >= 1) {
    fail(`invalid smoothing factor. Expected: 0 < sf < 1, got: ${smoothing.toFixed(6)}`);
  }
  if (trend <= 0 || trend >= 1) fail(`invalid trend factor. Expected: 0 < tf < 1, got: ${trend.toFixed(6)}`);
  if (!enoughFloats(w)) return ABSENT;
  const { values, from, to } = w;
  let before = 0;
  let smoothed = values[from];
  let slope = values[from + 1] - values[from];
  for (let i = from + 1; i < to; i++) {
    if (i > from + 1) slope = trend * (smoothed - before) + (1 - trend) * slope;
    const next = smoothing * values[i] + (1 - smoothing) * (smoothed + slope);
    before = smoothed;
    smoothed = next;
  }
  return w.float(smoothed);
};

/** Two at least; histograms in between are left out, which is said. */
function enoughFloats(w: Window): boolean {
  if (w.floats > 0 && w.histogramCount > 0) {
    w.notes.inform(text.histogramIgnoredInMixedRange(w.metric), w.pos);
  }
  return w.floats >= 2;
}

/** Least squares: value per second, and the value at `origin` (milliseconds). */
function linearRegression(w: Window, origin: number): { slope: number; intercept: number } {
  const { times, values, from, to } = w;
  const n = to - from;
  const first = values[from];
  let constant = true;
  const sumX = new KahanSum();
  const sumY = new KahanSum();
  const sumXY = new KahanSum();
  const sumXX = new KahanSum();
  for (let i = from; i < to; i++) {
    const y = values[i];
    if (y !== first) constant = false;
    const x = (times[i] - origin) / 1000;
    sumX.add(x);
    sumY.add(y);
    sumXY.add(x * y);
    sumXX.add(x * x);
  }
  if (constant) return Number.isFinite(first) ? { slope: 0, intercept: first } : { slope: NaN, intercept: NaN };
  const x = sumX.sum + sumX.lost;
  const y = sumY.sum + sumY.lost;
  const covariance = sumXY.sum + sumXY.lost - (x * y) / n;
  const slope = covariance / (sumXX.sum + sumXX.lost - (x * x) / n);
  return { slope, intercept: y / n - (slope * x) / n };
}
