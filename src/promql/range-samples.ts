import { Labels } from '../model/labels.ts';
import type { SeriesColumns } from '../model/query.ts';
import type { FloatHistogram } from '../model/sample.ts';
import { fail } from './errors.ts';
import type { Evaluation } from './eval/evaluation.ts';
import { columnsOf, histogramSize } from './eval/evaluation.ts';
import type { SeriesSamples } from './eval/series-samples.ts';
import { isWork, trackOfColumns } from './eval/series-samples.ts';
import { extendedSamples } from './functions/extended-rate.ts';
import type { Grid } from './data/matrix.ts';
import type { WindowNode } from './plan/plan.ts';
import { PIECE, type Work } from './query-slice.ts';

/** The answer to `m[5m]`: the samples within the range themselves, series sorted by labels. */
export async function rangeSamples(ev: Evaluation, node: WindowNode, grid: Grid): Promise<SeriesColumns[]> {
  const { select, range } = node;
  const end = (select.at ?? grid.start) - select.offset;
  const columns = await columnsOf(ev, select);
  const found: SeriesColumns[] = [];
  for (const series of columns) {
    const track = trackOfColumns(series, false);
    const samples = isWork(track) ? await ev.slices.finish(track) : track;
    const points =
      select.extension === undefined ? within(samples, end - range, end) : extended(ev, node, samples, end);
    const { floats, size } = sizesOf(points);
    if (size === 0) continue;
    // Counted before anything is made, so that a range beyond the limit costs no memory.
    ev.samples.hold(size);
    ev.samples.looked.total += size;
    ev.samples.looked.read += size;
    ev.samples.byStep?.add(0, size, size);
    found.push(points.histograms.length === 0 ? floatColumns(series.labels, points) : await ev.slices.finish(merged(series.labels, points))); // prettier-ignore
    if (ev.slices.spent(floats / 8 + points.histograms.length)) await ev.slices.pause();
  }
  await ev.slices.sort(found, (a, b) => Labels.compare(a.labels, b.labels));
  return found;
}

/** Floats and histograms apart, each from old to new. */
interface Points {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histogramTimes: readonly number[];
  readonly histograms: readonly FloatHistogram[];
}

function sizesOf({ times, histograms }: Points): { floats: number; size: number } {
  return { floats: times.length, size: histograms.reduce((sum, one) => sum + histogramSize(one), times.length) };
}

/** Samples after one time, up to another. */
function within({ times, values, histogramTimes, histograms }: SeriesSamples, after: number, until: number): Points {
  const [from, to] = [firstAfter(times, after), firstAfter(times, until)];
  const [fromHistogram, toHistogram] = [firstAfter(histogramTimes, after), firstAfter(histogramTimes, until)];
  return {
    times: times.subarray(from, to),
    values: values.subarray(from, to),
    histogramTimes: histogramTimes.slice(fromHistogram, toHistogram),
    histograms: histograms.slice(fromHistogram, toHistogram),
  };
}

/** The first index whose time is later. */
function firstAfter(times: ArrayLike<number>, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

function floatColumns(labels: Labels, { times, values }: Points): SeriesColumns {
  return { labels, timestamps: times, values };
}

function* merged(labels: Labels, points: Points): Work<SeriesColumns> {
  const { times, values, histogramTimes } = points;
  const count = times.length + histogramTimes.length;
  const timestamps = new Float64Array(count);
  const merged = new Float64Array(count);
  const histograms: (FloatHistogram | undefined)[] = [];
  for (let at = 0, i = 0, j = 0; at < count; at++) {
    if (j === histogramTimes.length || (i < times.length && times[i] <= histogramTimes[j])) {
      timestamps[at] = times[i];
      merged[at] = values[i++];
      histograms.push(undefined);
    } else {
      timestamps[at] = histogramTimes[j];
      merged[at] = NaN;
      histograms.push(points.histograms[j++]);
    }
    if (at % PIECE === PIECE - 1) yield PIECE;
  }
  return { labels, timestamps, values: merged, histograms };
}

function extended(ev: Evaluation, { select, range }: WindowNode, track: SeriesSamples, end: number): Points {
  const smoothed = select.extension === 'smoothed';
  const start = end - range;
  const after = start - ev.lookback;
  const until = smoothed ? end + ev.lookback : end;
  const near = within(track, after, until);
  if (near.histograms.length > 0) fail(`${select.extension} modifier is not supported with histograms`);
  const none = { histogramTimes: [], histograms: [] };
  if (near.times.length === 0) return { ...near, ...none };
  const from = firstAfter(track.times, after);
  const points = extendedSamples(track.times, track.values, { from, to: from + near.times.length, start, end }, smoothed); // prettier-ignore
  return {
    times: Float64Array.from(points, ({ time }) => time),
    values: Float64Array.from(points, ({ value }) => value),
    ...none,
  };
}
