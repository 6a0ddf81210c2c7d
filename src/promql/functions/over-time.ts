import { text } from '../annotations.ts';
import { ABSENT, HISTOGRAM } from '../data/matrix.ts';
import type { RangeFunction, Window } from '../eval/window.ts';
import { fold } from '../eval/window.ts';
import { KahanSum } from '../histogram/index.ts';
import { averageHistograms, sumHistograms } from './over-time-histograms.ts';
import { quantile, quantileInPieces } from './quantile.ts';
import type { Work } from '../query-slice.ts';
import { PIECE } from '../query-slice.ts';

export const countOverTime: RangeFunction = (w) => w.float(w.floats + w.histogramCount);

export const presentOverTime: RangeFunction = (w) => w.float(1);

export const sumOverTime: RangeFunction = (w) => {
  if (w.histogramCount > 0) return w.floats > 0 ? refuseMix(w) : sumHistograms(w);
  return fold(w, w.from, new KahanSum(), addAll, sumOf);
};

function addAll(total: KahanSum, { values }: Window, from: number, to: number): void {
  total.addAll(values, from, to);
}

function sumOf({ sum, lost }: KahanSum, w: Window): number {
  return w.float(isInfinite(sum) ? sum : sum + lost);
}

/** The plain mean while its sum does not overflow, from there on a running mean. */
export const avgOverTime: RangeFunction = (w) => {
  if (w.histogramCount > 0) return w.floats > 0 ? refuseMix(w) : averageHistograms(w);
  const state: Mean = { total: new KahanSum(w.values[w.from]), isRunning: false };
  return fold(w, w.from + 1, state, addToMean, meanOf);
};

interface Mean {
  readonly total: KahanSum;
  /** `total` is the mean and no longer the sum. */
  isRunning: boolean;
}

function addToMean(state: Mean, w: Window, from: number, to: number): void {
  const { total } = state;
  const { values } = w;
  let i = from;
  if (!state.isRunning) {
    const { sum, lost } = total;
    total.addAll(values, from, to);
    if (!isInfinite(total.sum)) return;
    // Somewhere it overflowed, or an infinite value came: sample by sample.
    total.restart(sum, lost);
  }
  while (i < to && !state.isRunning) {
    const { sum, lost } = total;
    total.add(values[i]);
    if (isInfinite(total.sum)) {
      state.isRunning = true;
      total.restart(sum / (i - w.from), lost / (i - w.from));
    } else i++;
  }
  for (; i < to; i++) {
    const count = i - w.from + 1;
    const share = (count - 1) / count;
    total.restart(share * total.sum, share * total.lost).add(values[i] / count);
  }
}

function meanOf({ total, isRunning }: Mean, w: Window): number {
  return w.float(isRunning ? total.sum + total.lost : total.sum / w.floats + total.lost / w.floats);
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

export const maxOverTime: RangeFunction = (w) => best(w, greatest, valueOf);
export const minOverTime: RangeFunction = (w) => best(w, least, valueOf);
export const tsOfMaxOverTime: RangeFunction = (w) => best(w, lastGreatest, timeOf);
export const tsOfMinOverTime: RangeFunction = (w) => best(w, lastLeast, timeOf);

interface Best {
  /** Place of the best value so far. */
  at: number;
}

type Visit<S> = (state: S, w: Window, from: number, to: number) => void;

function best(w: Window, visit: Visit<Best>, answer: (found: Best, w: Window) => number): number | Work<number> {
  if (w.floats === 0) return ABSENT;
  noteIgnored(w);
  return fold(w, w.from, { at: w.from }, visit, answer);
}

function greatest(found: Best, { values }: Window, from: number, to: number): void {
  let max = values[found.at];
  for (let i = from; i < to; i++) if (values[i] > max || Number.isNaN(max)) max = values[(found.at = i)];
}

function least(found: Best, { values }: Window, from: number, to: number): void {
  let min = values[found.at];
  for (let i = from; i < to; i++) if (values[i] < min || Number.isNaN(min)) min = values[(found.at = i)];
}

function lastGreatest(found: Best, { values }: Window, from: number, to: number): void {
  let max = values[found.at];
  for (let i = from; i < to; i++) if (values[i] >= max || Number.isNaN(max)) max = values[(found.at = i)];
}

function lastLeast(found: Best, { values }: Window, from: number, to: number): void {
  let min = values[found.at];
  for (let i = from; i < to; i++) if (values[i] <= min || Number.isNaN(min)) min = values[(found.at = i)];
}

function valueOf({ at }: Best, w: Window): number {
  return w.float(w.values[at]);
}

function timeOf({ at }: Best, w: Window): number {
  return w.float(w.times[at] / 1000);
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
  if (w.floats > PIECE) return longQuantile(w, q);
  return w.float(quantile(q, w.values.slice(w.from, w.to)));
};

function* longQuantile(w: Window, q: number): Work<number> {
  return w.float(yield* quantileInPieces(q, yield* copyOf(w)));
}

/** Median of the distances from the median. */
export const madOverTime: RangeFunction = (w) => {
  if (w.floats === 0) return ABSENT;
  noteIgnored(w);
  return medianDistance(w);
};

function* medianDistance(w: Window): Work<number> {
  const values = yield* copyOf(w);
  const median = yield* quantileInPieces(0.5, values);
  // NaN comes first among what the quantile has put in order, and whatever is that far away is nowhere.
  for (let from = 0; from < values.length; from += PIECE) {
    const to = Math.min(from + PIECE, values.length);
    for (let i = from; i < to; i++) {
      if (Number.isNaN(values[i])) return w.float(NaN);
      values[i] = Math.abs(values[i] - median);
    }
    yield to - from;
  }
  return w.float(yield* quantileInPieces(0.5, values));
}

/** The floats in the window, for who reorders them. */
function* copyOf({ values, from, to }: Window): Work<Float64Array> {
  const copy = new Float64Array(to - from);
  for (let at = from; at < to; at += PIECE) {
    copy.set(values.subarray(at, Math.min(at + PIECE, to)), at - from);
    yield PIECE;
  }
  return copy;
}

export const stdvarOverTime: RangeFunction = (w) => variance(w, varianceOf);
export const stddevOverTime: RangeFunction = (w) => variance(w, deviationOf);

interface Spread {
  readonly mean: KahanSum;
  readonly squares: KahanSum;
}

function variance(w: Window, answer: (spread: Spread, w: Window) => number): number | Work<number> {
  if (w.floats === 0) return ABSENT;
  noteIgnored(w);
  return fold(w, w.from, { mean: new KahanSum(), squares: new KahanSum() }, addToSpread, answer);
}

/** Welford's method with compensated sums. */
function addToSpread({ mean, squares }: Spread, w: Window, from: number, to: number): void {
  const { values } = w;
  for (let i = from; i < to; i++) {
    const delta = values[i] - (mean.sum + mean.lost);
    mean.add(delta / (i - w.from + 1));
    squares.add(delta * (values[i] - (mean.sum + mean.lost)));
  }
}

function varianceOf({ squares }: Spread, w: Window): number {
  return w.float((squares.sum + squares.lost) / w.floats);
}

function deviationOf({ squares }: Spread, w: Window): number {
  return w.float(Math.sqrt((squares.sum + squares.lost) / w.floats));
}
