import type { SeriesColumns } from '../../model/query.ts';
import { isStale, wordsOf } from '../../model/sample.ts';
import { fail } from '../errors.ts';
import { interpolate } from '../functions/extended-rate.ts';
import type { Grid, Matrix } from '../matrix.ts';
import { FLOAT, MatrixBuilder } from '../matrix.ts';
import type { SelectNode } from '../plan.ts';
import type { Evaluation } from './evaluation.ts';
import { columnsOf, histogramSize } from './evaluation.ts';

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

/** With `smoothed`: the value on the line between the samples before and behind each step. */
function fillSmoothed(
  ev: Evaluation,
  node: SelectNode,
  grid: Grid,
  series: SeriesColumns,
  builder: MatrixBuilder,
): number {
  if (series.histograms?.some((histogram) => histogram !== undefined) === true) {
    fail('smoothed and anchored modifiers do not work with native histograms');
  }
  const { times, values: samples } = withoutStale(series.timestamps, series.values);
  const { values, kinds, base } = builder;
  let count = 0;
  let i = 0;
  for (let k = 0; k < grid.steps; k++) {
    const time = referenceTime(node, grid, k);
    while (i < times.length && times[i] < time) i++;
    const after = i < times.length && times[i] <= time + ev.lookback ? i : -1;
    const before = i > 0 && times[i - 1] > time - ev.lookback ? i - 1 : -1;
    if (after >= 0 && times[after] === time) values[base + k] = samples[after];
    else if (before < 0) continue;
    else if (after < 0) values[base + k] = samples[before];
    else values[base + k] = interpolate(times, samples, before, after, time, false);
    kinds[base + k] = FLOAT;
    count++;
  }
  return count;
}

/** The columns themselves where no marker is among them. */
export function withoutStale(times: Float64Array, values: Float64Array): { times: Float64Array; values: Float64Array } {
  let words: Uint32Array | undefined;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]) && isStale((words ??= wordsOf(values)), i))
      return copyWithoutStale(times, values, words);
  }
  return { times, values };
}

function copyWithoutStale(times: Float64Array, values: Float64Array, words: Uint32Array) {
  const keptTimes = new Float64Array(values.length);
  const keptValues = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (isStale(words, i)) continue;
    keptTimes[count] = times[i];
    keptValues[count++] = values[i];
  }
  return { times: keptTimes.subarray(0, count), values: keptValues.subarray(0, count) };
}
