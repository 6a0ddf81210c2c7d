import { text } from '../annotations.ts';
import { fail } from '../errors.ts';
import { ABSENT } from '../data/matrix.ts';
import type { RangeFunction, Window } from '../eval/window.ts';
import { fold } from '../eval/window.ts';
import { KahanSum } from '../histogram/index.ts';

export const deriv: RangeFunction = (w) => {
  if (!enoughFloats(w)) return ABSENT;
  // Times are taken from the first sample, for the sums of whole timestamps squared would lose digits.
  return fold(w, w.from, new Sums(w.times[w.from]), addPoints, (sums) => w.float(lineThrough(sums, w).slope));
};

export const predictLinear: RangeFunction = (w) => {
  if (!enoughFloats(w)) return ABSENT;
  return fold(w, w.from, new Sums(w.time), addPoints, (sums) => {
    const { slope, intercept } = lineThrough(sums, w);
    return w.float(slope * w.param(0) + intercept);
  });
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
  const { values, from } = w;
  const start = { smoothing, trend, before: 0, smoothed: values[from], slope: values[from + 1] - values[from] };
  return fold(w, from + 1, start, smooth, ({ smoothed }) => w.float(smoothed));
};

interface Smoothing {
  readonly smoothing: number;
  readonly trend: number;
  before: number;
  smoothed: number;
  slope: number;
}

function smooth(state: Smoothing, w: Window, from: number, to: number): void {
  const { smoothing, trend } = state;
  let { before, smoothed, slope } = state;
  for (let i = from; i < to; i++) {
    if (i > w.from + 1) slope = trend * (smoothed - before) + (1 - trend) * slope;
    const next = smoothing * w.values[i] + (1 - smoothing) * (smoothed + slope);
    before = smoothed;
    smoothed = next;
  }
  state.before = before;
  state.smoothed = smoothed;
  state.slope = slope;
}

/** Two at least; histograms in between are left out, which is said. */
function enoughFloats(w: Window): boolean {
  if (w.floats > 0 && w.histogramCount > 0) {
    w.notes.inform(text.histogramIgnoredInMixedRange(w.metric), w.pos);
  }
  return w.floats >= 2;
}

/** Of points whose times are counted in seconds from `origin` (milliseconds). */
class Sums {
  readonly origin: number;
  isConstant = true;
  readonly x = new KahanSum();
  readonly y = new KahanSum();
  readonly xy = new KahanSum();
  readonly xx = new KahanSum();

  constructor(origin: number) {
    this.origin = origin;
  }
}

function addPoints(sums: Sums, w: Window, from: number, to: number): void {
  const { times, values } = w;
  const { origin, x: sumX, y: sumY, xy: sumXY, xx: sumXX } = sums;
  const first = values[w.from];
  let constant = sums.isConstant;
  for (let i = from; i < to; i++) {
    const y = values[i];
    if (y !== first) constant = false;
    const x = (times[i] - origin) / 1000;
    sumX.add(x);
    sumY.add(y);
    sumXY.add(x * y);
    sumXX.add(x * x);
  }
  sums.isConstant = constant;
}

/** Least squares: value per second, and the value at the origin. */
function lineThrough(sums: Sums, w: Window): { slope: number; intercept: number } {
  const n = w.floats;
  const first = w.values[w.from];
  if (sums.isConstant) {
    return Number.isFinite(first) ? { slope: 0, intercept: first } : { slope: NaN, intercept: NaN };
  }
  const x = sums.x.sum + sums.x.lost;
  const y = sums.y.sum + sums.y.lost;
  const covariance = sums.xy.sum + sums.xy.lost - (x * y) / n;
  const slope = covariance / (sums.xx.sum + sums.xx.lost - (x * x) / n);
  return { slope, intercept: y / n - (slope * x) / n };
}
