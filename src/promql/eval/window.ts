import type { Labels } from '../../model/labels.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import type { Annotations } from '../annotations.ts';
import type { PosRange } from '../syntax/ast.ts';
import { isStartReset } from '../functions/start-times.ts';
import type { StartTimes } from '../functions/start-times.ts';
import { FLOAT } from '../data/matrix.ts';
import type { Work } from '../query-slice.ts';
import { PIECE, finishNow } from '../query-slice.ts';
import { NO_HISTOGRAMS } from './series-samples.ts';
import type { SeriesSamples } from './series-samples.ts';

/** Samples that are stepped over at once on the way to a bound that is far. */
const LEAP = 1024;

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
  /** By place in the columns; absent where nothing is known. */
  starts: StartTimes | undefined;
  histogramStarts: StartTimes | undefined;
  histogramFrom = 0;
  histogramTo = 0;

  #decreases: readonly number[] | undefined;
  #fall = 0;

  value = 0;
  histogram: FloatHistogram | undefined;

  constructor(options: Pick<Window, 'notes' | 'pos' | 'params' | 'range' | 'extension'>) {
    this.notes = options.notes;
    this.pos = options.pos;
    this.params = options.params;
    this.range = options.range;
    this.extension = options.extension;
  }

  begin(track: SeriesSamples): void {
    this.labels = track.labels;
    this.times = track.times;
    this.values = track.values;
    this.histogramTimes = track.histogramTimes;
    this.histograms = track.histograms;
    this.starts = track.starts;
    this.histogramStarts = track.histogramStarts;
    this.from = this.to = this.histogramFrom = this.histogramTo = 0;
    this.#decreases = undefined;
    this.#fall = 0;
  }

  /** Takes the samples with `after < t <= until` into view. Times may only grow between two calls for a series. */
  move(after: number, until: number): void {
    const { times } = this;
    let { from, to } = this;
    while (to + LEAP <= times.length && times[to + LEAP - 1] <= until) to += LEAP;
    while (to < times.length && times[to] <= until) to++;
    while (from + LEAP <= to && times[from + LEAP - 1] <= after) from += LEAP;
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

  /** Places of the track at which a value is below the one before: found once, for windows overlap. */
  get decreases(): readonly number[] {
    return (this.#decreases ??= finishNow(fallsOf(this.values)));
  }

  /** Finds the `decreases` of long series. */
  *findFalls(): Work<void> {
    this.#decreases ??= yield* fallsOf(this.values);
  }

  /** First place in `decreases` of one behind `place`, which may only grow between two calls for a series. */
  firstFallBehind(place: number): number {
    const { decreases } = this;
    while (this.#fall < decreases.length && decreases[this.#fall] <= place) this.#fall++;
    return this.#fall;
  }

  /** Whether the counter's source says that it began anew between two floats. */
  isStartReset(previous: number, i: number): boolean {
    const { starts, times } = this;
    return starts !== undefined && isStartReset(starts[previous], times[previous], starts[i], times[i]);
  }

  isHistogramStartReset(previous: number, i: number): boolean {
    const { histogramStarts: starts, histogramTimes: times } = this;
    return starts !== undefined && isStartReset(starts[previous], times[previous], starts[i], times[i]);
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

function* fallsOf(values: Float64Array): Work<number[]> {
  const decreases: number[] = [];
  for (let from = 1; from < values.length; from += PIECE) {
    collectFalls(values, from, Math.min(from + PIECE, values.length), decreases);
    yield PIECE;
  }
  return decreases;
}

function collectFalls(values: Float64Array, from: number, to: number, decreases: number[]): void {
  for (let i = from; i < to; i++) if (values[i] < values[i - 1]) decreases.push(i);
}

/**
 * Computes what a window gives: the kind of cell it left in `window.value` or `window.histogram`. Where that takes long, it
 * answers with the work, to be done with pauses.
 */
export type RangeFunction = (window: Window) => number | Work<number>;

/**
 * Goes over the floats from `from` on with `visit`, which changes `state`, and ends with `finish`; piece by piece where
 * there are many. (Functions and a state, not closures: this runs for every window.)
 */
export function fold<S>(
  w: Window,
  from: number,
  state: S,
  visit: (state: S, w: Window, from: number, to: number) => void,
  finish: (state: S, w: Window) => number,
): number | Work<number> {
  if (w.to - from > PIECE) return foldInPieces(w, from, state, visit, finish);
  visit(state, w, from, w.to);
  return finish(state, w);
}

function* foldInPieces<S>(
  w: Window,
  from: number,
  state: S,
  visit: (state: S, w: Window, from: number, to: number) => void,
  finish: (state: S, w: Window) => number,
): Work<number> {
  for (let at = from; at < w.to; at += PIECE) {
    visit(state, w, at, Math.min(at + PIECE, w.to));
    yield PIECE;
  }
  return finish(state, w);
}
