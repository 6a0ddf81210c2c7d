import type { SeriesColumns } from '../../model/query.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import type { Annotations } from '../annotations.ts';
import { QueryError } from '../errors.ts';
import { columnsIn } from '../plan/fetch.ts';
import type { Fetch, Fetched, Found } from '../plan/fetch.ts';
import type { KnownGroups } from './known-groups.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import { FLOAT, HISTOGRAM } from '../data/matrix.ts';
import type { Node, SelectNode } from '../plan/plan.ts';
import type { SampleCount } from '../data/samples.ts';
import type { QuerySlice } from '../query-slice.ts';
import { statsOnly } from '../data/stats-only.ts';

/** One query under way: what every node of its tree shares. */
export interface Evaluation {
  /** Evaluates a node of the tree: an instant vector, or a scalar as one row, at every step. */
  readonly vector: (node: Node, grid: Grid) => Promise<Matrix>;
  /** Evaluates a scalar node: a value for each step. */
  readonly scalar: (node: Node, grid: Grid) => Promise<Float64Array>;
  readonly fetched: Fetched;
  readonly fetch: Fetch;
  readonly slices: QuerySlice;
  readonly samples: SampleCount;
  readonly notes: Annotations;
  readonly groups: KnownGroups;
  /** Milliseconds that an instant vector looks back. */
  readonly lookback: number;
  /** The feature `promql-delayed-name-removal`. */
  readonly delayed: boolean;
  /** The feature `use-start-timestamps`. */
  readonly startTimes: boolean;
  /** The feature `type-and-unit-labels`. */
  readonly typeLabels: boolean;
  /** Of the whole query, in milliseconds; `step` is 0 for an instant query. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** What a selector found, once the store has answered. */
export function foundBy(ev: Evaluation, node: SelectNode): Promise<Found> {
  const answer = ev.fetched.get(node);
  if (answer === undefined) throw new QueryError('internal', 'BUG: a selector was not fetched');
  return answer;
}

/** The series of a selector, once the store has answered. */
export async function columnsOf(ev: Evaluation, node: SelectNode): Promise<readonly SeriesColumns[]> {
  const columns = columnsIn(await foundBy(ev, node));
  return node.statsOnly ? ev.slices.map(columns.length, 64, (i) => statsOnly(columns[i])) : columns;
}

/** How many samples a histogram counts for: its size against that of a float with its time (16 bytes). */
export function histogramSize(h: FloatHistogram): number {
  const buckets = h.positiveBuckets.length + h.negativeBuckets.length + h.customValues.length;
  const spans = h.positiveSpans.length + h.negativeSpans.length;
  return Math.floor((168 + 8 * (buckets + spans) + 8) / 16);
}

/** The samples that a matrix holds. */
export async function sampleCountOf(matrix: Matrix, slices: QuerySlice): Promise<number> {
  const { kinds, steps } = matrix;
  let count = 0;
  await slices.blocks(matrix.labels.length, steps, (row, from, to) => {
    const cells = matrix.histograms?.[row];
    for (let k = from, cell = row * steps + from; k < to; k++, cell++) {
      if (kinds[cell] === FLOAT) count++;
      const histogram = kinds[cell] === HISTOGRAM ? cells?.[k] : undefined;
      if (histogram !== undefined) count += histogramSize(histogram);
    }
  });
  return count;
}

/** Counts a scalar that was worked out step by step: its arguments are held beside it, one step of them twice, and go then. */
export function holdStepwise(ev: Evaluation, before: number, grid: Grid): void {
  const held = ev.samples.current - before;
  ev.samples.hold(grid.steps + Math.ceil(held / Math.max(1, grid.steps)));
  ev.samples.settle(before, grid.steps);
}
