import { text } from '../annotations.ts';
import { quantile, quantileInPieces } from '../functions/quantile.ts';
import { PIECE } from '../query-slice.ts';
import type { Matrix } from '../data/matrix.ts';
import { ABSENT, FLOAT } from '../data/matrix.ts';
import type { AggregateNode } from '../plan/plan.ts';
import type { Groups } from './known-groups.ts';
import type { Evaluation } from './evaluation.ts';

/** The `quantile` aggregation: of each group at each step. */
export async function foldQuantile(
  ev: Evaluation,
  node: AggregateNode,
  matrix: Matrix,
  groups: Groups,
  quantiles: Float64Array | undefined,
): Promise<Matrix> {
  const { steps } = matrix;
  const qs = quantiles ?? new Float64Array(steps);
  noteInvalid(ev, node, qs);
  const members: number[][] = groups.labels.map(() => []);
  groups.of.forEach((group, row) => members[group].push(row));
  const values = new Float64Array(members.length * steps);
  const kinds = new Uint8Array(members.length * steps);
  for (const [group, rows] of members.entries()) {
    const scratch = new Float64Array(rows.length);
    for (let k = 0; k < steps; k++) {
      let count = 0;
      for (const row of rows) {
        const cell = row * steps + k;
        if (matrix.kinds[cell] !== ABSENT) scratch[count++] = matrix.values[cell];
      }
      if (count === 0) continue;
      const found = scratch.subarray(0, count);
      values[group * steps + k] =
        count > PIECE ? await ev.slices.finish(quantileInPieces(qs[k], found)) : quantile(qs[k], found);
      kinds[group * steps + k] = FLOAT;
      if (ev.slices.spent(count * 8)) await ev.slices.pause();
    }
  }
  const { labels, dropName } = groups;
  return { steps, labels, values, kinds, histograms: undefined, nameless: false, dropName };
}

function noteInvalid(ev: Evaluation, node: AggregateNode, quantiles: Float64Array): void {
  const pos = node.param?.pos ?? node.pos;
  if (quantiles.some(Number.isNaN)) ev.notes.warn(text.invalidQuantile(NaN), pos);
  const max = quantiles.reduce(goMax, -Number.MAX_VALUE);
  const min = quantiles.reduce(goMin, Number.MAX_VALUE);
  if (max > 1) ev.notes.warn(text.invalidQuantile(max), pos);
  if (min < 0) ev.notes.warn(text.invalidQuantile(min), pos);
}

/** Go's `math.Max`: infinity wins over NaN. */
function goMax(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
}

function goMin(a: number, b: number): number {
  return -goMax(-a, -b);
}
