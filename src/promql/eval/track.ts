import type { Labels } from '../../model/labels.ts';
import type { SeriesColumns } from '../../model/query.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { isStale, wordsOf } from '../../model/sample.ts';
import type { StartTimes } from '../functions/start-times.ts';
import { withHint } from '../histogram/index.ts';
import type { Grid, Matrix } from '../matrix.ts';
import { ABSENT, FLOAT, isAllFloats, labelsOf } from '../matrix.ts';

/** The samples of one series for a range function: floats and histograms apart, oldest first, no staleness markers. */
export interface Track {
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

/** With `useStarts` the times at which counters began come along. */
export function trackOfColumns(series: SeriesColumns, useStarts: boolean): Track {
  const { labels, timestamps, values, histograms } = series;
  const starts = useStarts ? series.startTimestamps : undefined;
  if (histograms !== undefined) return mixedTrack(series, histograms, starts);
  const stale = stalePlaces(values);
  const kept = (column: Float64Array) => (stale === undefined ? column : column.filter((_, i) => stale[i] === 0));
  return floatTrack(labels, kept(timestamps), kept(values), starts && kept(starts));
}

function floatTrack(labels: Labels, times: Float64Array, values: Float64Array, starts?: StartTimes): Track {
  const none = { histogramTimes: NO_HISTOGRAMS, histograms: NO_HISTOGRAMS, histogramStarts: undefined };
  return { labels, times, values, starts, ...none };
}

/** A 1 at each staleness marker; undefined where there is none. */
function stalePlaces(values: Float64Array): Uint8Array | undefined {
  let words: Uint32Array | undefined;
  let stale: Uint8Array | undefined;
  for (let i = 0; i < values.length; i++) {
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
): Track {
  const stale = stalePlaces(values);
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
export function trackOfRow(matrix: Matrix, row: number, grid: Grid, allTimes: Float64Array): Track {
  const labels = labelsOf(matrix, row);
  const base = row * matrix.steps;
  const kinds = matrix.kinds.subarray(base, base + matrix.steps);
  const cells = matrix.values.subarray(base, base + matrix.steps);
  if (isAllFloats(kinds)) return floatTrack(labels, allTimes, cells);
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
      values.push(cells[k]);
    } else {
      histogramTimes.push(time);
      histograms.push(forgetReset(histogram));
    }
  });
  return { ...floatTrack(labels, Float64Array.from(times), Float64Array.from(values)), histogramTimes, histograms };
}

/** A subquery may skip samples or take one twice, so what a hint says of the sample before no longer holds. */
function forgetReset(histogram: FloatHistogram): FloatHistogram {
  return histogram.counterReset === 'gauge' ? histogram : withHint(histogram, 'unknown');
}
