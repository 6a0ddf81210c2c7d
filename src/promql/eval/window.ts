import type { Labels } from '../../model/labels.ts';
import type { SeriesColumns } from '../../model/query.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import type { Annotations } from '../annotations.ts';
import type { PosRange } from '../ast.ts';
import { withHint } from '../histogram/index.ts';
import type { Grid, Matrix } from '../matrix.ts';
import { ABSENT, FLOAT, labelsOf } from '../matrix.ts';
import { withoutStale } from './select.ts';

/** The samples of one series for a range function: floats and histograms apart, oldest first, no staleness markers. */
export interface Track {
  readonly labels: Labels;
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histogramTimes: readonly number[];
  readonly histograms: readonly FloatHistogram[];
}

const NO_HISTOGRAMS: readonly never[] = [];

export function trackOfColumns(series: SeriesColumns): Track {
  if (series.histograms !== undefined) return mixedTrack(series, series.histograms);
  const { times, values } = withoutStale(series.timestamps, series.values);
  return { labels: series.labels, times, values, histogramTimes: NO_HISTOGRAMS, histograms: NO_HISTOGRAMS };
}

function mixedTrack(series: SeriesColumns, found: readonly (FloatHistogram | undefined)[]): Track {
  const histogramTimes: number[] = [];
  const histograms: FloatHistogram[] = [];
  const isFloat = Uint8Array.from(series.timestamps, (_, i) => (found[i] === undefined ? 1 : 0));
  const floats = isFloat.reduce((sum, one) => sum + one, 0);
  const times = new Float64Array(floats);
  const values = new Float64Array(floats);
  let count = 0;
  series.timestamps.forEach((time, i) => {
    const histogram = found[i];
    if (histogram !== undefined) {
      histogramTimes.push(time);
      histograms.push(histogram);
      return;
    }
    times[count] = time;
    // Array to array, so that a marker keeps its bits.
    values.set(series.values.subarray(i, i + 1), count++);
  });
  return { labels: series.labels, ...withoutStale(times, values), histogramTimes, histograms };
}

/** The rows of a subquery's answer as tracks. */
export function trackOfRow(matrix: Matrix, row: number, grid: Grid, allTimes: Float64Array): Track {
  const labels = labelsOf(matrix, row);
  const base = row * matrix.steps;
  const kinds = matrix.kinds.subarray(base, base + matrix.steps);
  if (kinds.every((kind) => kind === FLOAT)) {
    const values = matrix.values.subarray(base, base + matrix.steps);
    return { labels, times: allTimes, values, histogramTimes: NO_HISTOGRAMS, histograms: NO_HISTOGRAMS };
  }
  const times: number[] = [];
  const values: number[] = [];
  const histogramTimes: number[] = [];
  const histograms: FloatHistogram[] = [];
  kinds.forEach((kind, k) => {
    if (kind === ABSENT) return;
    const time = grid.start + k * grid.step;
    const histogram = matrix.histograms?.[row]?.[k];
    if (kind === FLOAT || histogram === undefined) {
      times.push(time);
      values.push(matrix.values[base + k]);
    } else {
      histogramTimes.push(time);
      histograms.push(forgetReset(histogram));
    }
  });
  return { labels, times: Float64Array.from(times), values: Float64Array.from(values), histogramTimes, histograms };
}

/** A subquery may skip samples or take one twice, so what a hint says of the sample before no longer holds. */
function forgetReset(histogram: FloatHistogram): FloatHistogram {
  return histogram.counterReset === 'gauge' ? histogram : withHint(histogram, 'unknown');
}

/**
 * What a range function looks at: the samples `from ≤ i < to` of the track's columns. One object serves all windows of a
 * call, moved along; a function reads it, sets `value` or `histogram`, and says which.
 */
export class Window {
  readonly notes: Annotations;
  /** Of the function's first argument: where annotations point. */
  readonly pos: PosRange;
  /** Arguments that are scalars, by place without the range vector, a value for each step. */
  readonly params: readonly Float64Array[];
  /** Milliseconds. */
  readonly range: number;
  readonly extension: 'anchored' | 'smoothed' | undefined;

  labels!: Labels;
  times!: Float64Array;
  values!: Float64Array;
  histogramTimes: readonly number[] = NO_HISTOGRAMS;
  histograms: readonly FloatHistogram[] = NO_HISTOGRAMS;

  /** The time of evaluation, and the bounds of the range: open at its start, closed at its end. */
  time = 0;
  rangeStart = 0;
  rangeEnd = 0;
  step = 0;

  from = 0;
  to = 0;
  histogramFrom = 0;
  histogramTo = 0;

  value = 0;
  histogram: FloatHistogram | undefined;

  constructor(options: Pick<Window, 'notes' | 'pos' | 'params' | 'range' | 'extension'>) {
    this.notes = options.notes;
    this.pos = options.pos;
    this.params = options.params;
    this.range = options.range;
    this.extension = options.extension;
  }

  begin(track: Track): void {
    this.labels = track.labels;
    this.times = track.times;
    this.values = track.values;
    this.histogramTimes = track.histogramTimes;
    this.histograms = track.histograms;
    this.from = this.to = this.histogramFrom = this.histogramTo = 0;
  }

  /** Takes the samples with `after < t <= until` into view. Times may only grow between two calls for a track. */
  move(after: number, until: number): void {
    const { times } = this;
    let { from, to } = this;
    while (to < times.length && times[to] <= until) to++;
    while (from < to && times[from] <= after) from++;
    this.from = from;
    this.to = to;
    if (this.histograms.length > 0) this.#moveHistograms(after, until);
  }

  #moveHistograms(after: number, until: number): void {
    const times = this.histogramTimes;
    while (this.histogramTo < times.length && times[this.histogramTo] <= until) this.histogramTo++;
    while (this.histogramFrom < this.histogramTo && times[this.histogramFrom] <= after) this.histogramFrom++;
  }

  get floats(): number {
    return this.to - this.from;
  }

  get histogramCount(): number {
    return this.histogramTo - this.histogramFrom;
  }

  get metric(): string {
    return this.labels.get('__name__');
  }

  param(place: number): number {
    return this.params[place][this.step];
  }

  /** Answers with a float. */
  float(value: number): typeof FLOAT {
    this.value = value;
    return FLOAT;
  }
}

/** Computes what a window gives: the kind of cell it left in `window.value` or `window.histogram`. */
export type RangeFunction = (window: Window) => number;
