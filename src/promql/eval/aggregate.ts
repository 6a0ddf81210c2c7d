import type { Labels } from '../../model/labels.ts';
import { text } from '../annotations.ts';
import { QueryError } from '../errors.ts';
import { Numbering } from '../grouping.ts';
import { isMetadataLabel } from '../label-sets.ts';
import type { Grid, Matrix } from '../matrix.ts';
import { FLOAT, HISTOGRAM, compactRows, settled } from '../matrix.ts';
import type { AggregateNode } from '../plan.ts';
import { aggregateHistograms } from './aggregate-histograms.ts';
import { pickRows } from './aggregate-pick.ts';
import { countValues } from './count-values.ts';
import type { Evaluation } from './evaluation.ts';
import { FOLDS } from './folds.ts';
import { foldQuantile } from './fold-quantile.ts';

/** Which group each row belongs to, and the labels of each group. */
export interface Groups {
  readonly of: Int32Array;
  readonly labels: readonly Labels[];
  /** With delayed name removal: groups whose name goes in the end. */
  readonly dropName: Uint8Array | undefined;
}

export async function evalAggregate(ev: Evaluation, node: AggregateNode, grid: Grid): Promise<Matrix> {
  const param = node.param?.type === 'scalar' ? await ev.scalar(node.param, grid) : undefined;
  const input = await ev.vector(node.node, grid);
  const matrix = node.grouping.some(isMetadataLabel) ? settled(input) : input;
  switch (node.op) {
    case 'count_values':
      return countValues(ev, node, settled(matrix));
    case 'topk':
    case 'bottomk':
    case 'limitk':
    case 'limit_ratio':
      return pickRows(ev, node, matrix, param ?? new Float64Array(grid.steps), groupRows(matrix, node));
    case 'quantile':
      return finish(await foldQuantile(ev, node, floatsOf(ev, node, matrix), groupRows(matrix, node), param));
    case 'sum':
    case 'avg':
      if (matrix.histograms !== undefined) return aggregateHistograms(ev, node, matrix, groupRows(matrix, node));
      break;
    case 'count':
    case 'group':
      break;
    default:
      return fold(ev, node, floatsOf(ev, node, matrix));
  }
  return fold(ev, node, matrix);
}

/** Numbers the groups in the order in which they come. */
export function groupRows(matrix: Matrix, node: Pick<AggregateNode, 'grouping' | 'without'>): Groups {
  const numbering = node.without
    ? Numbering.without(node.grouping, matrix.nameless ? 'metadata' : 'name')
    : Numbering.by(node.grouping);
  const of = new Int32Array(matrix.labels.length);
  const labels: Labels[] = [];
  const dropName = matrix.dropName && new Uint8Array(matrix.labels.length);
  const names = new Set(node.grouping);
  for (let row = 0; row < of.length; row++) {
    const group = numbering.of(matrix.labels[row]);
    of[row] = group;
    if (group === labels.length) labels.push(groupLabels(matrix, row, names, node.without));
    if (dropName !== undefined && matrix.dropName?.[row] === 1) dropName[group] = 1;
  }
  return { of, labels, dropName };
}

function groupLabels(matrix: Matrix, row: number, names: ReadonlySet<string>, without: boolean): Labels {
  const labels = matrix.labels[row];
  if (!without) return labels.filter((name) => names.has(name));
  const isDropped = (name: string) =>
    names.has(name) || name === '__name__' || (matrix.nameless && isMetadataLabel(name));
  return labels.filter((name) => !isDropped(name));
}

/** What a fold works on: cells of `rows` are folded into cells of `groups`. */
async function fold(ev: Evaluation, node: AggregateNode, matrix: Matrix): Promise<Matrix> {
  const makeFold = FOLDS.get(node.op);
  if (makeFold === undefined) throw new QueryError('internal', `BUG: no aggregation ${node.op}`);
  const { steps } = matrix;
  const groups = groupRows(matrix, node);
  const state = makeFold(groups.labels.length * steps);
  for (let row = 0; row < groups.of.length; row++) {
    state.addRow(matrix.values, matrix.kinds, row * steps, groups.of[row] * steps, steps);
    if (ev.slices.spent(steps)) await ev.slices.pause();
  }
  const { values, kinds } = state.finish();
  return finish(groupMatrix(groups, steps, values, kinds));
}

export function groupMatrix(groups: Groups, steps: number, values: Float64Array, kinds: Uint8Array): Matrix {
  const { labels } = groups;
  return {
    steps,
    labels,
    values,
    kinds,
    histograms: undefined,
    nameless: false,
    dropName: groups.dropName?.subarray(0, labels.length),
  };
}

function finish(matrix: Matrix): Matrix {
  return compactRows(matrix);
}

/** Only floats; that histograms are left out is said. */
function floatsOf(ev: Evaluation, node: AggregateNode, matrix: Matrix): Matrix {
  if (matrix.histograms === undefined) return matrix;
  if (matrix.kinds.includes(HISTOGRAM)) {
    ev.notes.inform(text.histogramIgnoredInAggregation(node.op), node.node.pos);
  }
  return { ...matrix, kinds: matrix.kinds.map((kind) => (kind === FLOAT ? FLOAT : 0)), histograms: undefined };
}
