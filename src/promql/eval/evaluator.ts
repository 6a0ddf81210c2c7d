import { Labels } from '../../model/labels.ts';
import { goQuote } from '../go-quote.ts';
import { QueryError } from '../errors.ts';
import { SCALAR_FUNCTIONS } from '../functions/scalar-functions.ts';
import { RANGE_FUNCTIONS } from '../functions/range-functions.ts';
import { VECTOR_FUNCTIONS } from '../functions/vector-functions.ts';
import type { Grid, Matrix } from '../matrix.ts';
import { FLOAT, emptyMatrix, repeated } from '../matrix.ts';
import type { CallNode, InvariantNode, NegateNode, Node } from '../plan.ts';
import { multiply } from '../histogram/index.ts';
import { dropNames } from '../rows.ts';
import { evalAggregate } from './aggregate.ts';
import { evalScalarBinary, evalVectorBinary } from './binary.ts';
import type { Evaluation } from './evaluation.ts';
import { sampleCountOf } from './evaluation.ts';
import { evalRangeCall } from './range-call.ts';
import { evalSelect } from './select.ts';

/** What a node of type vector gives at all steps of the grid; of a scalar, one row without labels. */
export async function evalVector(ev: Evaluation, node: Node, grid: Grid): Promise<Matrix> {
  if (grid.steps === 0) return emptyMatrix(0);
  if (node.type === 'scalar') return rowOf(await ev.scalar(node, grid));
  switch (node.kind) {
    case 'select':
      return evalSelect(ev, node, grid);
    case 'invariant':
      return evalInvariant(ev, node, grid);
    case 'negate':
      return evalNegate(ev, node, grid);
    case 'aggregate':
      return counted(ev, () => evalAggregate(ev, node, grid));
    case 'binary':
      return counted(ev, () => evalVectorBinary(ev, node, grid));
    case 'call':
      return evalCall(ev, node, grid);
    default:
      throw new QueryError('internal', `BUG: a ${node.kind} is no instant vector`);
  }
}

/** What a node of type scalar gives, a value for each step. */
export async function evalScalar(ev: Evaluation, node: Node, grid: Grid): Promise<Float64Array> {
  switch (node.kind) {
    case 'number':
      ev.samples.hold(grid.steps);
      return new Float64Array(grid.steps).fill(node.value);
    case 'invariant': {
      const [value] = await ev.scalar(node.node, { ...grid, end: grid.start, steps: 1 });
      ev.samples.hold(grid.steps);
      return new Float64Array(grid.steps).fill(value);
    }
    case 'negate': {
      const values = await ev.scalar(node.node, grid);
      return values.map((value) => -value);
    }
    case 'binary':
      return evalScalarBinary(ev, node, grid);
    case 'call': {
      const evaluate = SCALAR_FUNCTIONS.get(node.func);
      if (evaluate === undefined) throw new QueryError('internal', `BUG: no scalar function ${node.func}()`);
      const before = ev.samples.current;
      const values = await evaluate(ev, node, grid);
      ev.samples.settle(before, grid.steps);
      return values;
    }
    default:
      throw new QueryError('internal', `BUG: a ${node.kind} is no scalar`);
  }
}

async function evalCall(ev: Evaluation, node: CallNode, grid: Grid): Promise<Matrix> {
  if (RANGE_FUNCTIONS.has(node.func)) return evalRangeCall(ev, node, grid);
  const evaluate = VECTOR_FUNCTIONS.get(node.func);
  if (evaluate === undefined) throw new QueryError('execution', `unknown function with name ${goQuote(node.func)}`);
  return counted(ev, () => evaluate(ev, node, grid));
}

/** Lets go of what the arguments held and holds the answer instead. */
async function counted(ev: Evaluation, evaluate: () => Promise<Matrix>): Promise<Matrix> {
  const before = ev.samples.current;
  const matrix = await evaluate();
  const kept = sampleCountOf(matrix);
  ev.samples.hold(kept);
  ev.samples.settle(before, kept);
  ev.slices.check('expression evaluation');
  return matrix;
}

async function evalInvariant(ev: Evaluation, node: InvariantNode, grid: Grid): Promise<Matrix> {
  const { total } = ev.samples;
  const once = await ev.vector(node.node, { ...grid, end: grid.start, steps: 1 });
  const looked = ev.samples.total - total;
  ev.samples.total = total + looked * grid.steps;
  if (ev.samples.perStep?.length === grid.steps) ev.samples.perStep.forEach((_, k, all) => (all[k] += looked));
  if (grid.steps === 1) return once;
  const matrix = await repeated(once, grid.steps, ev.slices);
  ev.samples.hold(sampleCountOf(matrix) - sampleCountOf(once));
  return matrix;
}

async function evalNegate(ev: Evaluation, node: NegateNode, grid: Grid): Promise<Matrix> {
  const matrix = await ev.vector(node.node, grid);
  const { steps } = matrix;
  const values = new Float64Array(matrix.values.length);
  await ev.slices.each(matrix.labels.length, steps, (row) => {
    for (let cell = row * steps; cell < (row + 1) * steps; cell++) values[cell] = -matrix.values[cell];
  });
  const histograms = matrix.histograms?.map((cells) => cells?.map((histogram) => histogram && multiply(histogram, -1)));
  return dropNames({ ...matrix, values, histograms }, ev);
}

function rowOf(values: Float64Array): Matrix {
  return {
    ...emptyMatrix(values.length),
    labels: [Labels.EMPTY],
    values,
    kinds: new Uint8Array(values.length).fill(FLOAT),
  };
}
