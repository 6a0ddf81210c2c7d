import type { Evaluation } from '../eval/evaluation.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import type { CallNode, Node } from '../plan/plan.ts';

/** Evaluates a call that gives an instant vector, all steps at once. */
export type VectorFunction = (ev: Evaluation, call: CallNode, grid: Grid) => Promise<Matrix>;

/** Evaluates a call that gives a scalar, a value for each step. */
export type ScalarFunction = (ev: Evaluation, call: CallNode, grid: Grid) => Promise<Float64Array>;

/** The text of an argument that is a string. */
export function stringOf(node: Node): string {
  return node.kind === 'string' ? node.value : '';
}
