import { QueryError } from '../errors.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import { ABSENT, FLOAT, MatrixBuilder, compactRows } from '../data/matrix.ts';
import type { BinaryNode } from '../plan/plan.ts';
import { dropNames } from '../data/rows.ts';
import { CellOperator, StepNotes } from './cells.ts';
import type { Evaluation } from './evaluation.ts';
import { holdStepwise } from './evaluation.ts';
import { matchVectors } from './match-vectors.ts';
import { ARITHMETIC, COMPARISON } from './operators.ts';
import { combineSets } from './set-operators.ts';

export async function evalVectorBinary(ev: Evaluation, node: BinaryNode, grid: Grid): Promise<Matrix> {
  if (node.left.type === 'scalar') {
    const scalar = await ev.scalar(node.left, grid);
    return withScalar(ev, node, await ev.vector(node.right, grid), scalar, true);
  }
  const left = await ev.vector(node.left, grid);
  if (node.right.type === 'scalar') return withScalar(ev, node, left, await ev.scalar(node.right, grid), false);
  const right = await ev.vector(node.right, grid);
  const isSet = node.op === 'and' || node.op === 'or' || node.op === 'unless';
  return isSet ? combineSets(ev, node, left, right) : matchVectors(ev, node, left, right);
}

/** Two scalars; a comparison gives 1 or 0. */
export async function evalScalarBinary(ev: Evaluation, node: BinaryNode, grid: Grid): Promise<Float64Array> {
  const before = ev.samples.current;
  const left = await ev.scalar(node.left, grid);
  const right = await ev.scalar(node.right, grid);
  holdStepwise(ev, before, grid);
  const calculate = ARITHMETIC.get(node.op);
  if (calculate !== undefined) return ev.slices.numbers(grid.steps, (k) => calculate(left[k], right[k]));
  const compare = COMPARISON.get(node.op);
  if (compare === undefined)
    throw new QueryError('execution', `operator "${node.op}" not allowed for Scalar operations`);
  return ev.slices.numbers(grid.steps, (k) => (compare(left[k], right[k]) ? 1 : 0));
}

/** Each sample of a vector with a scalar, which stands left if `swapped`. */
async function withScalar(
  ev: Evaluation,
  node: BinaryNode,
  matrix: Matrix,
  scalar: Float64Array,
  swapped: boolean,
): Promise<Matrix> {
  const isTrim = node.op === '</' || node.op === '>/';
  const dropsName = ARITHMETIC.has(node.op) || node.bool;
  const result =
    matrix.histograms !== undefined || isTrim
      ? await cellByCell(ev, node, matrix, scalar, swapped)
      : await floatsOnly(ev, node, matrix, scalar, swapped);
  return dropsName ? dropNames(result, ev) : result;
}

async function floatsOnly(
  ev: Evaluation,
  node: BinaryNode,
  matrix: Matrix,
  scalar: Float64Array,
  swapped: boolean,
): Promise<Matrix> {
  const { steps, values } = matrix;
  const cells = values.length;
  const rows = matrix.labels.length;
  const calculate = ARITHMETIC.get(node.op);
  if (calculate !== undefined) {
    const result = new Float64Array(cells);
    await ev.slices.blocks(rows, steps, (row, from, to) => {
      for (let k = from, cell = row * steps + from; k < to; k++, cell++) {
        result[cell] = swapped ? calculate(scalar[k], values[cell]) : calculate(values[cell], scalar[k]);
      }
    });
    return { ...matrix, values: result };
  }
  const compare = COMPARISON.get(node.op) ?? (() => false);
  const isTrue = (cell: number, k: number) =>
    swapped ? compare(scalar[k], values[cell]) : compare(values[cell], scalar[k]);
  if (node.bool) {
    const result = new Float64Array(cells);
    await ev.slices.blocks(rows, steps, (row, from, to) => {
      for (let k = from, cell = row * steps + from; k < to; k++, cell++) result[cell] = isTrue(cell, k) ? 1 : 0;
    });
    return { ...matrix, values: result };
  }
  const kinds = new Uint8Array(cells);
  await ev.slices.blocks(rows, steps, (row, from, to) => {
    for (let k = from, cell = row * steps + from; k < to; k++, cell++) {
      if (matrix.kinds[cell] === FLOAT && isTrue(cell, k)) kinds[cell] = FLOAT;
    }
  });
  return compactRows({ ...matrix, kinds }, ev.slices);
}

async function cellByCell(
  ev: Evaluation,
  node: BinaryNode,
  matrix: Matrix,
  scalar: Float64Array,
  swapped: boolean,
): Promise<Matrix> {
  const { steps } = matrix;
  const notes = new StepNotes();
  const operator = new CellOperator(node.op, notes);
  const builder = new MatrixBuilder(matrix.labels.length, steps);
  const isComparison = COMPARISON.has(node.op);
  for (let row = 0; row < matrix.labels.length; row++) {
    let any = false;
    for (let k = 0; k < steps; k++) {
      if (matrix.kinds[row * steps + k] === ABSENT) continue;
      const own = { float: matrix.values[row * steps + k], histogram: matrix.histograms?.[row]?.[k] };
      const other = { float: scalar[k], histogram: undefined };
      notes.step = k;
      notes.order = row;
      const result = swapped ? operator.apply(other, own) : operator.apply(own, other);
      if (result === undefined || (!result.keep && !node.bool)) continue;
      any = true;
      const kept = isComparison ? own : result;
      if (kept.histogram !== undefined && !node.bool) builder.setHistogram(k, kept.histogram);
      else {
        builder.values[builder.base + k] = node.bool ? Number(result.keep) : kept.float;
        builder.kinds[builder.base + k] = FLOAT;
      }
    }
    if (any) builder.commit(matrix.labels[row], matrix.dropName?.[row] === 1);
    if (ev.slices.spent(steps * 4)) await ev.slices.pause();
  }
  notes.tell(ev.notes, node.pos);
  return builder.finish({ nameless: matrix.nameless });
}
