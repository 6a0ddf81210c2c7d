import { text } from '../annotations.ts';
import { QueryError } from '../errors.ts';
import { isMetadataLabel } from '../data/label-sets.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import { HISTOGRAM, compactRows, floatKinds, settled } from '../data/matrix.ts';
import type { AggregateNode } from '../plan/plan.ts';
import { aggregateHistograms } from './aggregate-histograms.ts';
import { pickRows } from './aggregate-pick.ts';
import { countValues } from './count-values.ts';
import type { Evaluation } from './evaluation.ts';
import { FOLDS } from './aggregators.ts';
import { foldQuantile } from './fold-quantile.ts';
import { groupMatrix, groupRows } from './groups.ts';

export async function evalAggregate(ev: Evaluation, node: AggregateNode, grid: Grid): Promise<Matrix> {
  const param = node.param?.type === 'scalar' ? await ev.scalar(node.param, grid) : undefined;
  const input = await ev.vector(node.node, grid);
  const matrix = node.grouping.some(isMetadataLabel) ? await settled(input, ev.slices) : input;
  switch (node.op) {
    case 'count_values':
      return countValues(ev, node, await settled(matrix, ev.slices));
    case 'topk':
    case 'bottomk':
    case 'limitk':
    case 'limit_ratio':
      return pickRows(ev, node, matrix, param ?? new Float64Array(grid.steps), await groupRows(ev, matrix, node));
    case 'quantile':
      return compactRows(
        await foldQuantile(ev, node, await floatsOf(ev, node, matrix), await groupRows(ev, matrix, node), param),
        ev.slices,
      );
    case 'sum':
    case 'avg':
      if (matrix.histograms !== undefined) {
        return aggregateHistograms(ev, node, matrix, await groupRows(ev, matrix, node));
      }
      break;
    case 'count':
    case 'group':
      break;
    default:
      return fold(ev, node, await floatsOf(ev, node, matrix));
  }
  return fold(ev, node, matrix);
}

/** What a fold works on: cells of `rows` are folded into cells of `groups`. */
async function fold(ev: Evaluation, node: AggregateNode, matrix: Matrix): Promise<Matrix> {
  const makeFold = FOLDS.get(node.op);
  if (makeFold === undefined) throw new QueryError('internal', `BUG: no aggregation ${node.op}`);
  const { steps } = matrix;
  const groups = await groupRows(ev, matrix, node);
  const state = makeFold(groups.labels.length * steps);
  await ev.slices.blocks(groups.of.length, steps, (row, from, to) => {
    state.addRow(matrix.values, matrix.kinds, row * steps + from, groups.of[row] * steps + from, to - from);
  });
  const { values, kinds } = state.finish();
  return compactRows(groupMatrix(groups, steps, values, kinds), ev.slices);
}

/** Only floats; that histograms are left out is said. */
async function floatsOf(ev: Evaluation, node: AggregateNode, matrix: Matrix): Promise<Matrix> {
  if (matrix.histograms === undefined) return matrix;
  if (matrix.kinds.includes(HISTOGRAM)) {
    ev.notes.inform(text.histogramIgnoredInAggregation(node.op), node.node.pos);
  }
  return { ...matrix, kinds: await floatKinds(matrix, ev.slices), histograms: undefined };
}
