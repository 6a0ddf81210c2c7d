import { Labels, compareUtf8 } from '../../model/labels.ts';
import { text } from '../annotations.ts';
import type { Evaluation } from '../eval/evaluation.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import type { CallNode } from '../plan/plan.ts';
import { labelsOf, selectRows } from '../data/matrix.ts';
import { withoutHistograms } from './elementwise.ts';
import { compareNatural } from './natural-order.ts';
import { stringOf } from './vector-function.ts';
import type { VectorFunction } from './vector-function.ts';

/** By value, NaN last. */
export const sort: VectorFunction = async (ev, call, grid) => {
  const matrix = await withoutHistograms(await ev.vector(call.args[0], grid), ev.slices);
  if (isIneffective(ev, call, grid)) return matrix;
  const sign = call.func === 'sort_desc' ? -1 : 1;
  const { values } = matrix;
  return reordered(ev, matrix, (a, b) => nanLast(values[a], values[b], sign));
};

/** A range query is sorted by labels in the end, whatever stood in its expression. */
function isIneffective(ev: Evaluation, call: CallNode, grid: Grid): boolean {
  if (grid.start === grid.end) return false;
  ev.notes.warn(text.sortIneffective(), call.pos);
  return true;
}

function nanLast(a: number, b: number, sign: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return sign * (a - b || 0);
}

/** By the values of the given labels in natural order (`a2` before `a10`), then by all labels. */
export const sortByLabel: VectorFunction = async (ev, call, grid) => {
  const matrix = await ev.vector(call.args[0], grid);
  if (isIneffective(ev, call, grid)) return matrix;
  const names = call.args.slice(1).map(stringOf);
  const sign = call.func === 'sort_by_label_desc' ? -1 : 1;
  const labels = await ev.slices.map(matrix.labels.length, 32, (row) => labelsOf(matrix, row));
  return reordered(ev, matrix, (a, b) => sign * compareBy(names, labels[a], labels[b]));
};

function compareBy(names: readonly string[], a: Labels, b: Labels): number {
  for (const name of names) {
    const x = a.get(name);
    const y = b.get(name);
    if (x !== y) return compareNatural(x, y) || compareUtf8(x, y);
  }
  return Labels.compare(a, b);
}

async function reordered(ev: Evaluation, matrix: Matrix, compare: (a: number, b: number) => number): Promise<Matrix> {
  const rows = matrix.labels.map((_, row) => row);
  await ev.slices.sort(rows, compare);
  return selectRows(matrix, rows, ev.slices);
}
