import { Labels } from '../../model/labels.ts';
import { goQuote } from '../text/go-quote.ts';
import { QueryError } from '../errors.ts';
import { SCALAR_FUNCTIONS } from '../functions/scalar-functions.ts';
import { RANGE_FUNCTIONS } from '../functions/range-functions.ts';
import { VECTOR_FUNCTIONS } from '../functions/vector-functions.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import { FLOAT, emptyMatrix, repeated } from '../data/matrix.ts';
import type { CallNode, InvariantNode, NegateNode, Node } from '../plan/plan.ts';
import { multiply } from '../histogram/index.ts';
import { dropNames } from '../data/rows.ts';
import { evalAggregate } from './aggregate.ts';
import { evalScalarBinary, evalVectorBinary } from './binary.ts';
import type { Evaluation } from './evaluation.ts';
import { holdStepwise, sampleCountOf } from './evaluation.ts';
import { evalRangeCall } from './range-call.ts';
import { evalSelect } from './select.ts';

/** What a node of type vector gives at all steps of the grid; of a scalar, one row without labels. */
export async function evalVector(ev: Evaluation, node: Node, grid: Grid): Promise<Matrix> {
  const before = ev.samples.cells;
  const matrix = await evalNode(ev, node, grid);
  ev.samples.settleCells(before, matrix.labels.length, matrix.steps);
  return matrix;
}

async function evalNode(ev: Evaluation, node: Node, grid: Grid): Promise<Matrix> {
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
      return counted(ev, node.op === 'count_values' ? 1 : 0, () => evalAggregate(ev, node, grid));
    case 'binary':
      return counted(ev, 1, () => evalVectorBinary(ev, node, grid));
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
      return ev.slices.numbers(grid.steps, () => node.value);
    case 'invariant': {
      const once = { ...grid, end: grid.start, steps: 1 };
      const [value] = await ev.samples.once(grid.steps, () => ev.scalar(node.node, once));
      ev.samples.hold(grid.steps);
      return ev.slices.numbers(grid.steps, () => value);
    }
    case 'negate': {
      const values = await ev.scalar(node.node, grid);
      return ev.slices.numbers(grid.steps, (k) => -values[k]);
    }
    case 'binary':
      return evalScalarBinary(ev, node, grid);
    case 'call': {
      const evaluate = SCALAR_FUNCTIONS.get(node.func);
      if (evaluate === undefined) throw new QueryError('internal', `BUG: no scalar function ${node.func}()`);
      const before = ev.samples.current;
      const values = await evaluate(ev, node, grid);
      if (node.args.length > 0) holdStepwise(ev, before, grid);
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
  return counted(ev, WHOLE_SERIES.has(node.func) ? 0 : 1, () => evaluate(ev, node, grid));
}

/** Functions that work on series and not step by step. */
const WHOLE_SERIES = new Set(['label_replace', 'label_join', 'info']);

/**
 * Lets go of what the arguments held and holds the answer instead. Where Prometheus works `stepwise` it holds both for a
 * while, and one step's samples of the arguments twice.
 */
async function counted(ev: Evaluation, stepwise: 0 | 1, evaluate: () => Promise<Matrix>): Promise<Matrix> {
  const before = ev.samples.current;
  const matrix = await evaluate();
  const kept = await sampleCountOf(matrix, ev.slices);
  const held = ev.samples.current - before;
  if (stepwise === 1) ev.samples.hold(kept + Math.ceil(held / Math.max(1, matrix.steps)));
  ev.samples.settle(before, kept);
  ev.slices.check('expression evaluation');
  return matrix;
}

async function evalInvariant(ev: Evaluation, node: InvariantNode, grid: Grid): Promise<Matrix> {
  const first = { ...grid, end: grid.start, steps: 1 };
  const once = await ev.samples.once(grid.steps, () => ev.vector(node.node, first));
  if (grid.steps === 1) return once;
  // Counted before it is made, for it may be more than memory holds.
  ev.samples.hold((await sampleCountOf(once, ev.slices)) * (grid.steps - 1));
  ev.samples.makeCells(once.labels.length, grid.steps);
  return repeated(once, grid.steps, ev.slices);
}

async function evalNegate(ev: Evaluation, node: NegateNode, grid: Grid): Promise<Matrix> {
  const matrix = await ev.vector(node.node, grid);
  const { steps } = matrix;
  const values = new Float64Array(matrix.values.length);
  await ev.slices.blocks(matrix.labels.length, steps, (row, from, to) => {
    for (let cell = row * steps + from; cell < row * steps + to; cell++) values[cell] = -matrix.values[cell];
  });
  const histograms =
    matrix.histograms &&
    (await ev.slices.map(matrix.labels.length, steps * 8, (row) =>
      matrix.histograms?.[row]?.map((histogram) => histogram && multiply(histogram, -1)),
    ));
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
