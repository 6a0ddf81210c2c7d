import { Labels } from '../model/labels.ts';
import type { SeriesColumns, VectorAnswer, VectorSample } from '../model/query.ts';
import type { FloatHistogram } from '../model/sample.ts';
import type { Evaluation } from './eval/evaluation.ts';
import { evalSubqueryGrid } from './eval/subquery.ts';
import { QueryError } from './errors.ts';
import { withoutMetadata } from './data/label-sets.ts';
import type { Grid, Matrix } from './data/matrix.ts';
import { ABSENT, settled } from './data/matrix.ts';
import type { Node } from './plan/plan.ts';
import { rangeSamples } from './range-samples.ts';
import { mergeSame } from './data/rows.ts';

/** What a query gives. A range query always gives a matrix, sorted by labels; times are milliseconds. */
export type QueryResult = QueryValue & ResultNotes;

export type QueryValue =
  | { readonly type: 'scalar'; readonly timestamp: number; readonly value: number }
  | { readonly type: 'string'; readonly timestamp: number; readonly value: string }
  | { readonly type: 'vector'; readonly timestamp: number; readonly samples: readonly VectorSample[] }
  | { readonly type: 'matrix'; readonly series: readonly SeriesColumns[] };

export interface ResultNotes {
  /** As Prometheus words them, with line and column of the text. */
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats: QueryStats;
}

export interface QueryStats {
  /** Samples that were looked at, those of overlapping ranges each time. */
  readonly totalSamples: number;
  /** The most samples that were held at a time. */
  readonly peakSamples: number;
  /** Each sample once as the query went along, and also inside subqueries. */
  readonly samplesRead: number;
  /** `totalSamples` and `samplesRead` by step, with its time. Only where it was asked for. */
  readonly perStep?: { readonly times: Float64Array; readonly total: Float64Array; readonly read: Float64Array };
  /** Milliseconds from the start of the evaluation, without the wait for its turn. */
  readonly evalTime: number;
}

/** Evaluates the tree and puts the answer in its form. */
export async function answerOf(
  ev: Evaluation,
  node: Node,
  grid: Grid,
  isRange: boolean,
  text: string | undefined,
  maxAnnotations: number,
): Promise<QueryResult> {
  const startedAt = performance.now();
  const value = await valueOf(ev, node, grid, isRange);
  const { looked, byStep, peak } = ev.samples;
  const stats: QueryStats = {
    totalSamples: looked.total,
    samplesRead: looked.read,
    peakSamples: peak,
    ...(byStep && { perStep: { times: timesOf(grid), total: byStep.total, read: byStep.read } }),
    evalTime: performance.now() - startedAt,
  };
  return { ...value, ...ev.notes.print(text, maxAnnotations), stats };
}

function timesOf({ start, step, steps }: Grid): Float64Array {
  return Float64Array.from({ length: steps }, (_, k) => start + k * step);
}

async function valueOf(ev: Evaluation, node: Node, grid: Grid, isRange: boolean): Promise<QueryValue> {
  if (isRange)
    return { type: 'matrix', series: await seriesOf(ev, await cleaned(ev, await ev.vector(node, grid)), grid) };
  const timestamp = grid.start;
  switch (node.type) {
    case 'string':
      return { type: 'string', timestamp, value: node.kind === 'string' ? node.value : '' };
    case 'scalar': {
      const [value] = await ev.scalar(node, grid);
      return { type: 'scalar', timestamp, value };
    }
    case 'matrix':
      return { type: 'matrix', series: await rangeVector(ev, node, grid) };
    case 'vector':
      return {
        type: 'vector',
        timestamp,
        samples: await samplesOf(ev, await cleaned(ev, await ev.vector(node, grid)), timestamp),
      };
  }
}

/** With delayed name removal this is when names go. */
async function cleaned(ev: Evaluation, matrix: Matrix): Promise<Matrix> {
  const { dropName } = matrix;
  if (!ev.delayed || dropName === undefined) return settled(matrix, ev.slices);
  const labels = await ev.slices.map(matrix.labels.length, 32, (row) =>
    dropName[row] === 1 ? withoutMetadata(matrix.labels[row]) : matrix.labels[row],
  );
  return mergeSame({ ...matrix, labels, dropName: undefined }, ev.slices);
}

function samplesOf(ev: Evaluation, matrix: Matrix, timestamp: number): Promise<VectorSample[]> {
  return ev.slices.map(matrix.labels.length, 8, (row) => {
    const labels = matrix.labels[row];
    const histogram = matrix.histograms?.[row]?.[0];
    if (histogram !== undefined) return { labels, timestamp, value: NaN, histogram };
    return { labels, timestamp, value: matrix.values[row] };
  });
}

async function seriesOf(ev: Evaluation, matrix: Matrix, grid: Grid): Promise<SeriesColumns[]> {
  const allTimes = await ev.slices.numbers(grid.steps, (k) => grid.start + k * grid.step);
  const series = await ev.slices.map(matrix.labels.length, 16 + grid.steps, (row) =>
    columnsOfRow(matrix, row, matrix.labels[row], allTimes),
  );
  await ev.slices.sort(series, byLabels);
  return series;
}

function byLabels(a: SeriesColumns, b: SeriesColumns): number {
  return Labels.compare(a.labels, b.labels);
}

/** The cells of a row that are there; without a copy where they lie side by side. */
function columnsOfRow(matrix: Matrix, row: number, labels: Labels, allTimes: Float64Array): SeriesColumns {
  const { steps, kinds } = matrix;
  const base = row * steps;
  let first = steps;
  let last = -1;
  let count = 0;
  for (let k = 0; k < steps; k++) {
    if (kinds[base + k] === ABSENT) continue;
    if (count++ === 0) first = k;
    last = k;
  }
  const cells = matrix.histograms?.[row];
  if (cells === undefined && last - first + 1 === count) {
    const timestamps = count === steps ? allTimes : allTimes.subarray(first, last + 1);
    return { labels, timestamps, values: matrix.values.subarray(base + first, base + last + 1) };
  }
  const timestamps = new Float64Array(count);
  const values = new Float64Array(count);
  const histograms: (FloatHistogram | undefined)[] | undefined = cells && [];
  for (let k = first, i = 0; k <= last; k++) {
    if (kinds[base + k] === ABSENT) continue;
    timestamps[i] = allTimes[k];
    values[i++] = matrix.values[base + k];
    histograms?.push(cells?.[k]);
  }
  return { labels, timestamps, values, ...(histograms && { histograms }) };
}

/** A range vector as it is: the samples themselves. */
async function rangeVector(ev: Evaluation, node: Node, grid: Grid): Promise<SeriesColumns[]> {
  if (node.kind === 'invariant') return rangeVector(ev, node.node, grid);
  if (node.kind === 'window') return rangeSamples(ev, node, grid);
  if (node.kind !== 'subquery') throw new QueryError('internal', `BUG: a ${node.kind} is no range vector`);
  const inner = await evalSubqueryGrid(ev, node, grid);
  ev.samples.looked.total += inner.looked.total;
  ev.samples.byStep?.add(0, inner.looked.total, 0);
  return seriesOf(ev, await cleaned(ev, inner.matrix), inner.grid);
}

/**
 * An instant query's answer as rules take it: a scalar is one sample without labels.
 * @throws {QueryError} for a string or a range vector, of which a rule can make nothing.
 */
export function asVectorAnswer(result: QueryResult): VectorAnswer {
  const { warnings, infos } = result;
  switch (result.type) {
    case 'vector':
      return { samples: result.samples, warnings, infos };
    case 'scalar': {
      const { timestamp, value } = result;
      return { samples: [{ labels: Labels.EMPTY, timestamp, value }], warnings, infos };
    }
    default:
      throw new QueryError('execution', 'rule result is not a vector or scalar');
  }
}
