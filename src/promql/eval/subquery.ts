import type { Grid, Matrix } from '../data/matrix.ts';
import { gridOf } from '../data/matrix.ts';
import type { SubqueryNode } from '../plan/plan.ts';
import type { Looked } from '../data/samples.ts';
import type { Evaluation } from './evaluation.ts';

/**
 * Evaluates the inside of a subquery at every time that any step of `grid` looks at. Its times are multiples of its step,
 * whatever the query's own times are.
 */
export async function evalSubqueryGrid(
  ev: Evaluation,
  node: SubqueryNode,
  grid: Grid,
): Promise<{ matrix: Matrix; grid: Grid; looked: Looked }> {
  const first = (node.at ?? grid.start) - node.offset - node.range;
  const last = (node.at ?? grid.end) - node.offset;
  const start = node.step * (Math.floor(first / node.step) + 1);
  const inner = gridOf(start, last, node.step);
  const withSteps = hasGaps(node, grid) || ev.samples.byStep !== undefined;
  const { result, looked, byStep } = await ev.samples.apart(inner.steps, withSteps, () => ev.vector(node.node, inner));
  // Not in total: samples inside count there when the function above looks at them.
  if (byStep === undefined) ev.samples.looked.read += looked.read;
  else countReads(ev, byStep.read, node, grid, inner);
  return { matrix: result, grid: inner, looked };
}

/** Whether there are times inside at which no step looks. */
function hasGaps({ at, range }: SubqueryNode, { start, end, step, steps }: Grid): boolean {
  return at === undefined && (end > start + (steps - 1) * step || (steps > 1 && range < step));
}

/** What was read for a time inside counts at the first step whose range reaches it; where none does, not at all. */
function countReads(ev: Evaluation, reads: Float64Array, node: SubqueryNode, grid: Grid, inner: Grid): void {
  for (const [i, read] of reads.entries()) {
    const since = inner.start + i * inner.step + node.offset - grid.start;
    const k = node.at === undefined ? Math.max(0, Math.ceil(since / grid.step)) : 0;
    if (node.at === undefined && (since <= k * grid.step - node.range || k >= grid.steps)) continue;
    ev.samples.looked.read += read;
    ev.samples.byStep?.add(k, 0, read);
  }
}
