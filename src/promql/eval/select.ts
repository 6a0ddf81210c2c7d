import type { NewestSamples, SeriesColumns } from '../../model/query.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { isStale, wordsOf } from '../../model/sample.ts';
import { text } from '../annotations.ts';
import { interpolate, interpolateHistograms } from '../functions/extended-rate.ts';
import { isCustom, withHint } from '../histogram/index.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import { FLOAT, MatrixBuilder } from '../data/matrix.ts';
import type { SelectNode } from '../plan/plan.ts';
import type { Evaluation } from './evaluation.ts';
import { columnsOf, foundBy, histogramSize } from './evaluation.ts';
import { trackNow } from './series-samples.ts';
import type { SeriesSamples } from './series-samples.ts';

/** At each step the newest sample that is not older than the lookback; nothing where that is a staleness marker. */
export async function evalSelect(ev: Evaluation, node: SelectNode, grid: Grid): Promise<Matrix> {
  const found = await foundBy(ev, node);
  if ('labels' in found) return newestMatrix(ev, found);
  const columns = await columnsOf(ev, node);
  ev.samples.makeCells(columns.length, grid.steps);
  const builder = new MatrixBuilder(columns.length, grid.steps);
  const filler = node.extension === 'smoothed' ? new SmoothFiller() : new NewestFiller();
  for (let i = 0; i < columns.length; i++) {
    const series = columns[i];
    filler.begin(series);
    let count = 0;
    for (let from = 0; from < grid.steps; from += BLOCK) {
      const to = Math.min(from + BLOCK, grid.steps);
      const added = filler.fill(ev, node, grid, builder, from, to);
      ev.samples.hold(added);
      count += added;
      if (ev.slices.spent(to - from + 8)) await ev.slices.pause();
    }
    // Prometheus does not count what it makes of two samples.
    if (node.extension !== 'smoothed') {
      ev.samples.looked.total += count;
      ev.samples.looked.read += count;
    }
    if (count > 0) builder.commit(series.labels);
  }
  return builder.finish();
}

/** The samples are those of the only step already. */
function newestMatrix(ev: Evaluation, { labels, values }: NewestSamples): Matrix {
  const { length } = labels;
  ev.samples.hold(length);
  ev.samples.looked.total += length;
  ev.samples.looked.read += length;
  ev.samples.byStep?.add(0, length, length);
  ev.groups.admit(labels);
  const kinds = new Uint8Array(length).fill(FLOAT);
  return { steps: 1, labels, values, kinds, histograms: undefined, nameless: false, dropName: undefined };
}

/** Steps that are filled in one go. */
const BLOCK = 16_384;

/** The time that a step of a selector stands for. */
function referenceTime(node: SelectNode, grid: Grid, k: number): number {
  return (node.at ?? grid.start + k * grid.step) - node.offset;
}

/** Goes along one series after another, block by block of steps; gives the samples that it put into the row under construction. */
class NewestFiller {
  #timestamps!: Float64Array;
  #values!: Float64Array;
  #histograms: SeriesColumns['histograms'];
  /** Samples before this place are not behind the step. */
  #next = 0;
  #words: Uint32Array | undefined;

  begin({ timestamps, values, histograms }: SeriesColumns): void {
    this.#timestamps = timestamps;
    this.#values = values;
    this.#histograms = histograms;
    this.#next = 0;
    this.#words = undefined;
  }

  fill(ev: Evaluation, node: SelectNode, grid: Grid, builder: MatrixBuilder, from: number, to: number): number {
    const timestamps = this.#timestamps;
    const samples = this.#values;
    const histograms = this.#histograms;
    const { values, kinds, base } = builder;
    const { byStep } = ev.samples;
    let count = 0;
    let i = grid.steps === 1 ? lastAtOrBefore(timestamps, referenceTime(node, grid, 0)) + 1 : this.#next;
    for (let k = from; k < to; k++) {
      const time = referenceTime(node, grid, k);
      while (i < timestamps.length && timestamps[i] <= time) i++;
      if (i === 0 || timestamps[i - 1] <= time - ev.lookback) continue;
      const histogram = histograms?.[i - 1];
      if (histogram !== undefined) {
        builder.setHistogram(k, histogram);
        const size = histogramSize(histogram);
        byStep?.add(k, size, size);
        count += size;
        continue;
      }
      const value = samples[i - 1];
      if (Number.isNaN(value) && isStale((this.#words ??= wordsOf(samples)), i - 1)) continue;
      values[base + k] = value;
      kinds[base + k] = FLOAT;
      byStep?.add(k, 1, 1);
      count++;
    }
    this.#next = i;
    return count;
  }
}

/** From the end, as a query of one step mostly wants the newest. */
export function lastAtOrBefore(timestamps: Float64Array, time: number): number {
  let i = timestamps.length - 1;
  while (i >= 0 && timestamps[i] > time) i--;
  return i;
}

/** With `smoothed`: what lies on the line between the samples before and behind each step. */
class SmoothFiller {
  #track!: SeriesSamples;
  #floats: Neighbours | undefined;
  #others: Neighbours | undefined;

  begin(series: SeriesColumns): void {
    this.#track = trackNow(series);
    this.#floats = this.#others = undefined;
  }

  fill(ev: Evaluation, node: SelectNode, grid: Grid, builder: MatrixBuilder, from: number, to: number): number {
    const { labels, times, values, histogramTimes, histograms } = this.#track;
    const floats = (this.#floats ??= new Neighbours(times, ev.lookback));
    const others = (this.#others ??= new Neighbours(histogramTimes, ev.lookback));
    let count = 0;
    for (let k = from; k < to; k++) {
      const time = referenceTime(node, grid, k);
      floats.seek(time);
      others.seek(time);
      if (floats.any && others.any) {
        ev.notes.warn(text.mixedFloatsHistograms(labels.get('__name__')), node.pos);
      } else if (others.any) {
        const histogram = smoothHistogram(ev, node, others, histograms, time, labels.get('__name__'));
        if (histogram === undefined) continue;
        builder.setHistogram(k, histogram);
        count += histogramSize(histogram);
      } else {
        const value = smoothFloat(floats, values, time);
        if (value === undefined) continue;
        builder.values[builder.base + k] = value;
        builder.kinds[builder.base + k] = FLOAT;
        count++;
      }
    }
    return count;
  }
}

function smoothFloat({ times, before, after }: Neighbours, values: Float64Array, time: number): number | undefined {
  if (after >= 0 && times[after] === time) return values[after];
  if (before < 0) return undefined;
  return after < 0 ? values[before] : interpolate(times, values, before, after, time, false);
}

function smoothHistogram(
  ev: Evaluation,
  node: SelectNode,
  { times, before, after }: Neighbours,
  histograms: readonly FloatHistogram[],
  time: number,
  metric: string,
): FloatHistogram | undefined {
  if (after >= 0 && times[after] === time) return histograms[after];
  if (before < 0) return undefined;
  const [left, right] = [histograms[before], histograms[after]];
  // A hint tells of the sample before, and this stands for none.
  if (after < 0) return withHint(left, 'unknown');
  if (isCustom(left.schema) !== isCustom(right.schema)) {
    ev.notes.warn(text.mixedExponentialCustom(metric), node.pos);
    return undefined;
  }
  const part = (time - times[before]) / (times[after] - times[before]);
  // Histograms count up unless both say that they are gauges.
  const isCounter = left.counterReset !== 'gauge' || right.counterReset !== 'gauge';
  return interpolateHistograms(left, right, part, isCounter, ev.notes, node.pos);
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
