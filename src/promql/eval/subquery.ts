import type { Grid, Matrix } from '../matrix.ts';
import { gridOf } from '../matrix.ts';
import type { SubqueryNode } from '../plan.ts';
import type { Evaluation } from './evaluation.ts';

/**
 * Evaluates the inside of a subquery at every time that any step of `grid` looks at. Its times are multiples of its step,
 * whatever the query's own times are.
 */
export async function evalSubqueryGrid(
  ev: Evaluation,
  node: SubqueryNode,
  grid: Grid,
): Promise<{ matrix: Matrix; grid: Grid }> {
  const first = (node.at ?? grid.start) - node.offset - node.range;
  const last = (node.at ?? grid.end) - node.offset;
  const start = node.step * (Math.floor(first / node.step) + 1);
  const inner = gridOf(start, last, node.step);
  // Samples inside are counted by the function that looks at them, not twice.
  const { total } = ev.samples;
  const matrix = await ev.vector(node.node, inner);
  ev.samples.total = total;
  return { matrix, grid: inner };
}
