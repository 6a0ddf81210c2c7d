import type { Labels } from '../../model/labels.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { text } from '../annotations.ts';
import type { Evaluation } from '../eval/evaluation.ts';
import { fail } from '../errors.ts';
import {
  formatG,
  histogramAvg,
  histogramFraction,
  histogramQuantile as nativeQuantile,
  histogramStddev,
  histogramStdvar,
} from '../histogram/index.ts';
import { isValidLabelName } from '../data/label-sets.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import { FLOAT, HISTOGRAM, MatrixBuilder, compactRows } from '../data/matrix.ts';
import type { Node } from '../plan/plan.ts';
import { dropNames, mergeSame } from '../data/rows.ts';
import { bucketFraction, bucketQuantile } from './classic-buckets.ts';
import type { ClassicHistogram, NativeHistogram } from './histogram-input.ts';
import { HistogramInput } from './histogram-input.ts';
import { stringOf } from './vector-function.ts';
import type { VectorFunction } from './vector-function.ts';

/** A number for each native histogram; floats are left out. */
function ofHistogram(f: (histogram: FloatHistogram) => number): VectorFunction {
  return async (ev, call, grid) => {
    const matrix = await ev.vector(call.args[0], grid);
    const values = new Float64Array(matrix.values.length);
    const kinds = new Uint8Array(matrix.kinds.length);
    matrix.histograms?.forEach((cells, row) =>
      cells?.forEach((histogram, k) => {
        const cell = row * grid.steps + k;
        if (histogram === undefined || matrix.kinds[cell] !== HISTOGRAM) return;
        values[cell] = f(histogram);
        kinds[cell] = FLOAT;
      }),
    );
    return dropNames(await compactRows({ ...matrix, values, kinds, histograms: undefined }, ev.slices), ev);
  };
}

const histogramFractionCall: VectorFunction = async (ev, call, grid) => {
  const lower = await ev.scalar(call.args[0], grid);
  const upper = await ev.scalar(call.args[1], grid);
  const input = await HistogramInput.of(ev, await ev.vector(call.args[2], grid), call.args[2]);
  const output = new Output(ev, grid, input.native.length + input.classic.length);
  for (const histogram of input.native) {
    await output.row(histogram, histogram.labels, (k) => {
      const found = input.nativeAt(histogram, k);
      if (found === undefined) return undefined;
      const { value, nan } = histogramFraction(lower[k], upper[k], found);
      if (nan !== undefined) ev.notes.inform(text.fractionNaNs(input.metricOf(histogram.labels)), call.args[2].pos);
      return value;
    });
  }
  for (const histogram of input.classic) {
    await output.row(histogram, histogram.labels, (k) => {
      const buckets = input.bucketsAt(histogram, k);
      return buckets && bucketFraction(lower[k], upper[k], buckets);
    });
  }
  return output.finish(input.hasTwins);
};

const histogramQuantile: VectorFunction = async (ev, call, grid) => {
  const matrix = await ev.vector(call.args[1], grid);
  // Behind the argument's own annotations, of which the last one of a text is shown.
  const quantiles = await quantileArg(ev, call.args[0], grid);
  const input = await HistogramInput.of(ev, matrix, call.args[1]);
  const output = new Output(ev, grid, input.native.length + input.classic.length);
  const options = { pos: call.args[1].pos, name: (labels: Labels) => labels };
  await addQuantiles(ev, input, output, quantiles, options);
  return output.finish(input.hasTwins);
};

/** Several quantiles at once, told apart by a label. */
const histogramQuantiles: VectorFunction = async (ev, call, grid) => {
  const matrix = await ev.vector(call.args[0], grid);
  const label = stringOf(call.args[1]);
  if (!isValidLabelName(label)) fail(`invalid label name in histogram_quantiles(): ${label}`);
  const input = await HistogramInput.of(ev, matrix, call.args[0]);
  const quantiles: Float64Array[] = [];
  for (const arg of call.args.slice(2)) quantiles.push(...distinct(await quantileArg(ev, arg, grid)));
  const output = new Output(ev, grid, (input.native.length + input.classic.length) * quantiles.length);
  const fixed = new Uint8Array(input.classic.length * grid.steps);
  for (const only of quantiles) {
    const value = formatQuantile(only.find((q) => q !== NO_QUANTILE) ?? NaN);
    const options = {
      pos: call.args[0].pos,
      fixed,
      name: (labels: Labels) => labels.with(label, value),
    };
    await addQuantiles(ev, input, output, only, options);
  }
  // A quantile asked for twice makes every series twice, and the label may be the one that told series apart.
  return output.finish(input.hasTwins || !ev.delayed);
};

/** A quantile that changes from step to step makes series of its own for each of its values. */
function distinct(quantiles: Float64Array): Float64Array[] {
  return [...new Set(quantiles)].map((q) => quantiles.map((value) => (Object.is(value, q) ? value : NO_QUANTILE)));
}

/** Marks steps that are not asked for; no quantile is this. */
const NO_QUANTILE = -Number.MAX_VALUE;

async function quantileArg(ev: Evaluation, arg: Node, grid: Grid): Promise<Float64Array> {
  const quantiles = await ev.scalar(arg, grid);
  for (const q of quantiles) if (!(q >= 0 && q <= 1)) ev.notes.warn(text.invalidQuantile(q), arg.pos);
  return quantiles;
}

interface QuantileOptions {
  readonly pos: Node['pos'];
  readonly name: (labels: Labels) => Labels;
  /** Where several quantiles are asked for: cells of which it was told that their buckets had to be fixed. */
  readonly fixed?: Uint8Array;
}

async function addQuantiles(
  ev: Evaluation,
  input: HistogramInput,
  output: Output,
  quantiles: Float64Array,
  { pos, name, fixed }: QuantileOptions,
): Promise<void> {
  for (const histogram of input.native) {
    await output.row(histogram, name(histogram.labels), (k) => {
      if (quantiles[k] === NO_QUANTILE) return undefined;
      const found = input.nativeAt(histogram, k);
      if (found === undefined) return undefined;
      const { value, nan } = nativeQuantile(quantiles[k], found);
      const metric = input.metricOf(histogram.labels);
      if (nan === 'result') ev.notes.inform(text.quantileNaN(metric), pos);
      if (nan === 'skew') ev.notes.inform(text.quantileSkewed(metric), pos);
      return value;
    });
  }
  for (const [place, histogram] of input.classic.entries()) {
    await output.row(histogram, name(histogram.labels), (k, time) => {
      if (quantiles[k] === NO_QUANTILE) return undefined;
      const buckets = input.bucketsAt(histogram, k);
      if (buckets === undefined) return undefined;
      const { value, fix } = bucketQuantile(quantiles[k], buckets);
      const cell = place * quantiles.length + k;
      if (fix !== undefined && fixed?.[cell] !== 1) {
        ev.notes.forcedMonotonicity(input.metricOf(histogram.labels), pos, time, fix);
        if (fixed !== undefined) fixed[cell] = 1;
      }
      return value;
    });
  }
}

/** As Prometheus writes quantiles into labels: `1` is `1.0`, so that it is seen to be a float. */
function formatQuantile(q: number): string {
  const digits = formatG(q);
  return /[eNI.]/.test(digits) ? digits : `${digits}.0`;
}

/** Rows of floats, one for each histogram. */
class Output {
  readonly #ev: Evaluation;
  readonly #grid: Grid;
  readonly #builder: MatrixBuilder;

  constructor(ev: Evaluation, grid: Grid, maxRows: number) {
    this.#ev = ev;
    this.#grid = grid;
    this.#builder = new MatrixBuilder(maxRows, grid.steps);
  }

  async row(
    histogram: ClassicHistogram | NativeHistogram,
    labels: Labels,
    valueAt: (k: number, time: number) => number | undefined,
  ): Promise<void> {
    const { values, kinds, base } = this.#builder;
    const width = histogram.kind === 'classic' ? histogram.rows.length : 64;
    let any = false;
    for (let k = 0; k < this.#grid.steps; k++) {
      const value = valueAt(k, this.#grid.start + k * this.#grid.step);
      if (this.#ev.slices.spent(width)) await this.#ev.slices.pause();
      if (value === undefined) continue;
      values[base + k] = value;
      kinds[base + k] = FLOAT;
      any = true;
    }
    if (any) this.#builder.commit(labels);
  }

  /** @param mayRepeat Rows may have the same labels, and are merged where they take turns. */
  async finish(mayRepeat: boolean): Promise<Matrix> {
    const matrix = await dropNames(this.#builder.finish(), this.#ev);
    return mayRepeat ? mergeSame(matrix, this.#ev.slices) : matrix;
  }
}

export const HISTOGRAM_FUNCTIONS: readonly (readonly [string, VectorFunction])[] = [
  ['histogram_avg', ofHistogram(histogramAvg)],
  ['histogram_count', ofHistogram((histogram) => histogram.count)],
  ['histogram_fraction', histogramFractionCall],
  ['histogram_quantile', histogramQuantile],
  ['histogram_quantiles', histogramQuantiles],
  ['histogram_stddev', ofHistogram(histogramStddev)],
  ['histogram_stdvar', ofHistogram(histogramStdvar)],
  ['histogram_sum', ofHistogram((histogram) => histogram.sum)],
];
