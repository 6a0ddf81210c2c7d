import type { Labels } from '../../model/labels.ts';
import type { SeriesColumns } from '../../model/query.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { isStale, wordsOf } from '../../model/sample.ts';
import type { StartTimes } from '../functions/start-times.ts';
import { withHint } from '../histogram/index.ts';
import type { Work } from '../query-slice.ts';
import { PIECE, finishNow } from '../query-slice.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import { ABSENT, FLOAT, isAllFloats, labelsOf } from '../data/matrix.ts';

/** The samples of one series for a range function: floats and histograms apart, oldest first, no staleness markers. */
export interface SeriesSamples {
  readonly labels: Labels;
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histogramTimes: readonly number[];
  readonly histograms: readonly FloatHistogram[];
  /** When the counters began, by sample; absent where nothing is known. */
  readonly starts: StartTimes | undefined;
  readonly histogramStarts: StartTimes | undefined;
}

export const NO_HISTOGRAMS: readonly never[] = [];

/** With `useStarts` the times at which counters began come along. What takes more than a look is work that can be left. */
export function trackOfColumns(series: SeriesColumns, useStarts: boolean): SeriesSamples | Work<SeriesSamples> {
  const { labels, timestamps, values, histograms } = series;
  const starts = useStarts ? series.startTimestamps : undefined;
  if (histograms !== undefined) return mixedTrack(series, histograms, starts);
  if (values.length > PIECE) return longTrack(floatTrack(labels, timestamps, values, starts));
  const stale = stalePlaces(values, 0, values.length);
  if (stale === undefined) return floatTrack(labels, timestamps, values, starts);
  return sifted(stale, 0, floatTrack(labels, timestamps, values, starts));
}

function* longTrack(track: FloatTrack): Work<SeriesSamples> {
  const { values } = track;
  let stale: Uint8Array | undefined;
  for (let from = 0; from < values.length; from += PIECE) {
    stale = stalePlaces(values, from, Math.min(from + PIECE, values.length), stale);
    yield PIECE / 2;
  }
  return stale === undefined ? track : yield* sifted(stale, 0, track);
}

/** What takes a piece of work, at once. */
export function trackNow(series: SeriesColumns): SeriesSamples {
  const track = trackOfColumns(series, false);
  return isWork(track) ? finishNow(track) : track;
}

export function isWork(track: SeriesSamples | Work<SeriesSamples>): track is Work<SeriesSamples> {
  return 'next' in track;
}

/** The floats of a track that have the mark beside them. */
function* sifted(marks: Uint8Array, mark: number, { labels, times, values, starts }: FloatTrack): Work<SeriesSamples> {
  let count = 0;
  for (let i = 0; i < marks.length; i++) if (marks[i] === mark) count++;
  yield marks.length / 2;
  const kept = function* (column: Float64Array): Work<Float64Array> {
    const target = new Float64Array(count);
    let at = 0;
    for (let from = 0; from < column.length; from += PIECE) {
      at = copyMarked(column, marks, mark, from, target, at);
      yield PIECE;
    }
    return target;
  };
  const keptTimes = yield* kept(times);
  const keptValues = yield* kept(values);
  return floatTrack(labels, keptTimes, keptValues, starts && (yield* kept(starts)));
}

function copyMarked(
  column: Float64Array,
  marks: Uint8Array,
  mark: number,
  from: number,
  target: Float64Array,
  count: number,
): number {
  const to = Math.min(from + PIECE, column.length);
  let at = count;
  for (let i = from; i < to; i++) if (marks[i] === mark) target[at++] = column[i];
  return at;
}

type FloatTrack = SeriesSamples & { readonly starts: Float64Array | undefined };

function floatTrack(labels: Labels, times: Float64Array, values: Float64Array, starts?: Float64Array): FloatTrack {
  const none = { histogramTimes: NO_HISTOGRAMS, histograms: NO_HISTOGRAMS, histogramStarts: undefined };
  return { labels, times, values, starts, ...none };
}

/** A 1 at each staleness marker, added to those known; undefined where there is none. */
function stalePlaces(values: Float64Array, from: number, to: number, known?: Uint8Array): Uint8Array | undefined {
  let words: Uint32Array | undefined;
  let stale = known;
  for (let i = from; i < to; i++) {
    if (!Number.isNaN(values[i]) || !isStale((words ??= wordsOf(values)), i)) continue;
    stale ??= new Uint8Array(values.length);
    stale[i] = 1;
  }
  return stale;
}

function mixedTrack(
  { labels, timestamps, values }: SeriesColumns,
  found: readonly (FloatHistogram | undefined)[],
  starts: Float64Array | undefined,
): SeriesSamples {
  const stale = stalePlaces(values, 0, values.length);
  const floatPlaces: number[] = [];
  const histogramPlaces: number[] = [];
  timestamps.forEach((_, i) => {
    if (found[i] !== undefined) histogramPlaces.push(i);
    else if (stale?.[i] !== 1) floatPlaces.push(i);
  });
  return {
    labels,
    times: Float64Array.from(floatPlaces, (i) => timestamps[i]),
    values: Float64Array.from(floatPlaces, (i) => values[i]),
    starts: starts && floatPlaces.map((i) => starts[i]),
    histogramTimes: histogramPlaces.map((i) => timestamps[i]),
    histograms: histogramPlaces.flatMap((i) => found[i] ?? []),
    histogramStarts: starts && histogramPlaces.map((i) => starts[i]),
  };
}

/** The rows of a subquery's answer as tracks. */
export function trackOfRow(
  matrix: Matrix,
  row: number,
  grid: Grid,
  allTimes: Float64Array,
): SeriesSamples | Work<SeriesSamples> {
  const labels = labelsOf(matrix, row);
  const base = row * matrix.steps;
  const kinds = matrix.kinds.subarray(base, base + matrix.steps);
  const cells = matrix.values.subarray(base, base + matrix.steps);
  if (isAllFloats(kinds)) return floatTrack(labels, allTimes, cells);
  const histograms = matrix.histograms?.[row];
  if (histograms === undefined) {
    return sifted(kinds, FLOAT, floatTrack(labels, allTimes, cells));
  }
  const times: number[] = [];
  const values: number[] = [];
  const histogramTimes: number[] = [];
  const found: FloatHistogram[] = [];
  kinds.forEach((kind, k) => {
    if (kind === ABSENT) return;
    const time = grid.start + k * grid.step;
    const histogram = histograms[k];
    if (kind === FLOAT || histogram === undefined) {
      times.push(time);
      values.push(cells[k]);
    } else {
      histogramTimes.push(time);
      found.push(forgetReset(histogram));
    }
  });
  return {
    ...floatTrack(labels, Float64Array.from(times), Float64Array.from(values)),
    histogramTimes,
    histograms: found,
  };
}

/** A subquery may skip samples or take one twice, so what a hint says of the sample before no longer holds. */
function forgetReset(histogram: FloatHistogram): FloatHistogram {
  return histogram.counterReset === 'gauge' ? histogram : withHint(histogram, 'unknown');
}
