import type { SeriesColumns } from '../../model/query.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { isStale, wordsOf } from '../../model/sample.ts';
import { text } from '../annotations.ts';
import { interpolate, interpolateHistograms } from '../functions/extended-rate.ts';
import type { Grid, Matrix } from '../matrix.ts';
import { FLOAT, MatrixBuilder } from '../matrix.ts';
import type { SelectNode } from '../plan.ts';
import type { Evaluation } from './evaluation.ts';
import { columnsOf, histogramSize } from './evaluation.ts';
import { trackOfColumns } from './track.ts';

/** At each step the newest sample that is not older than the lookback; nothing where that is a staleness marker. */
export async function evalSelect(ev: Evaluation, node: SelectNode, grid: Grid): Promise<Matrix> {
  const columns = await columnsOf(ev, node);
  const builder = new MatrixBuilder(columns.length, grid.steps);
  const fill = node.extension === 'smoothed' ? fillSmoothed : fillNewest;
  for (const series of columns) {
    const count = fill(ev, node, grid, series, builder);
    if (count > 0) {
      builder.commit(series.labels);
      ev.samples.hold(count);
      ev.samples.total += count;
    }
    if (ev.slices.spent(series.timestamps.length + grid.steps)) await ev.slices.pause();
  }
  return builder.finish();
}

/** The time that a step of a selector stands for. */
function referenceTime(node: SelectNode, grid: Grid, k: number): number {
  return (node.at ?? grid.start + k * grid.step) - node.offset;
}

function fillNewest(
  ev: Evaluation,
  node: SelectNode,
  grid: Grid,
  series: SeriesColumns,
  builder: MatrixBuilder,
): number {
  const { timestamps, values: samples, histograms } = series;
  const { values, kinds, base } = builder;
  const { steps } = grid;
  const perStep = ev.samples.perStep?.length === steps ? ev.samples.perStep : undefined;
  let words: Uint32Array | undefined;
  let count = 0;
  let i = steps === 1 ? lastAtOrBefore(timestamps, referenceTime(node, grid, 0)) + 1 : 0;
  for (let k = 0; k < steps; k++) {
    const time = referenceTime(node, grid, k);
    while (i < timestamps.length && timestamps[i] <= time) i++;
    if (i === 0 || timestamps[i - 1] <= time - ev.lookback) continue;
    const histogram = histograms?.[i - 1];
    if (histogram !== undefined) {
      builder.setHistogram(k, histogram);
      count += histogramSize(histogram);
      continue;
    }
    const value = samples[i - 1];
    if (Number.isNaN(value) && isStale((words ??= wordsOf(samples)), i - 1)) continue;
    values[base + k] = value;
    kinds[base + k] = FLOAT;
    if (perStep !== undefined) perStep[k]++;
    count++;
  }
  return count;
}

/** From the end, as a query of one step mostly wants the newest. */
export function lastAtOrBefore(timestamps: Float64Array, time: number): number {
  let i = timestamps.length - 1;
  while (i >= 0 && timestamps[i] > time) i--;
  return i;
}

/** With `smoothed`: what lies on the line between the samples before and behind each step. */
function fillSmoothed(
  ev: Evaluation,
  node: SelectNode,
  grid: Grid,
  series: SeriesColumns,
  builder: MatrixBuilder,
): number {
  const { times, values, histogramTimes, histograms } = trackOfColumns(series, false);
  const floats = new Neighbours(times, ev.lookback);
  const others = new Neighbours(histogramTimes, ev.lookback);
  let count = 0;
  for (let k = 0; k < grid.steps; k++) {
    const time = referenceTime(node, grid, k);
    floats.seek(time);
    others.seek(time);
    if (others.any) {
      if (floats.any) {
        ev.notes.warn(text.mixedFloatsHistograms(series.labels.get('__name__')), node.pos);
        continue;
      }
      const histogram = smoothHistogram(ev, node, others, histograms, time);
      if (histogram === undefined) continue;
      builder.setHistogram(k, histogram);
      count += histogramSize(histogram);
      continue;
    }
    const { before, after } = floats;
    if (before < 0 && times[after] !== time) continue;
    const isBetween = after >= 0 && before >= 0 && times[after] !== time;
    const value = isBetween
      ? interpolate(times, values, before, after, time, false)
      : values[times[after] === time ? after : before];
    if (value === undefined) continue;
    builder.values[builder.base + k] = value;
    builder.kinds[builder.base + k] = FLOAT;
    count++;
  }
  return count;
}

function smoothHistogram(
  ev: Evaluation,
  node: SelectNode,
  { times, before, after }: Neighbours,
  histograms: readonly FloatHistogram[],
  time: number,
): FloatHistogram | undefined {
  if (after >= 0 && times[after] === time) return histograms[after];
  if (before < 0) return undefined;
  if (after < 0) return histograms[before];
  const part = (time - times[before]) / (times[after] - times[before]);
  return interpolateHistograms(histograms[before], histograms[after], part, false, ev.notes, node.pos);
}

/** The samples next to a time, as far as the lookback reaches on either side. Times may only grow. */
class Neighbours {
  readonly times: ArrayLike<number>;
  readonly #reach: number;
  #next = 0;
  /** Places in `times`, -1 where there is none. `after` may lie at the very time. */
  before = -1;
  after = -1;

  constructor(times: ArrayLike<number>, reach: number) {
    this.times = times;
    this.#reach = reach;
  }

  seek(time: number): void {
    const { times } = this;
    while (this.#next < times.length && times[this.#next] < time) this.#next++;
    const next = this.#next;
    this.after = next < times.length && times[next] <= time + this.#reach ? next : -1;
    this.before = next > 0 && times[next - 1] > time - this.#reach ? next - 1 : -1;
  }

  get any(): boolean {
    return this.before >= 0 || this.after >= 0;
  }
}
