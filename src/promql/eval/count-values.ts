import type { Labels } from '../../model/labels.ts';
import { fail } from '../errors.ts';
import { formatFloat } from '../text/go-float.ts';
import { goQuote } from '../text/go-quote.ts';
import { stringOf } from '../functions/vector-function.ts';
import { formatHistogram } from '../histogram/index.ts';
import { isValidLabelName } from '../data/label-sets.ts';
import type { Matrix } from '../data/matrix.ts';
import { ABSENT } from '../data/matrix.ts';
import type { AggregateNode } from '../plan/plan.ts';
import { kindsOf } from './aggregators.ts';
import { groupRows } from './groups.ts';
import type { Evaluation } from './evaluation.ts';

/** The `count_values` aggregation: a series for each value in each group, its label the value. */
export async function countValues(ev: Evaluation, node: AggregateNode, matrix: Matrix): Promise<Matrix> {
  const label = node.param === undefined ? '' : stringOf(node.param);
  if (!isValidLabelName(label)) fail(`invalid label name ${goQuote(label)}`);
  const { steps } = matrix;
  const { without } = node;
  // The value's label takes the place of an older one of its name, and `without` may name it, too.
  const grouping = without ? [...node.grouping, label] : node.grouping.filter((name) => name !== label);
  const groups = await groupRows(ev, matrix, { grouping, without });
  const named = !(without && node.grouping.includes(label));

  const rowOf = new Map<string, number>();
  const labels: Labels[] = [];
  const counts: Float64Array[] = [];
  for (let row = 0; row < groups.of.length; row++) {
    const group = groups.of[row];
    for (let k = 0; k < steps; k++) {
      const kind = matrix.kinds[row * steps + k];
      if (kind === ABSENT) continue;
      const histogram = matrix.histograms?.[row]?.[k];
      const value = histogram === undefined ? formatFloat(matrix.values[row * steps + k]) : formatHistogram(histogram);
      const key = named ? `${group} ${value}` : String(group);
      let at = rowOf.get(key);
      if (at === undefined) {
        at = labels.length;
        rowOf.set(key, at);
        labels.push(named ? groups.labels[group].with(label, value) : groups.labels[group]);
        ev.samples.hold(steps);
        counts.push(new Float64Array(steps));
        ev.samples.makeText(value.length);
      }
      counts[at][k]++;
    }
    if (ev.slices.spent(steps * 8)) await ev.slices.pause();
  }
  ev.samples.makeCells(counts.length, steps);
  const values = new Float64Array(counts.length * steps);
  await ev.slices.each(counts.length, steps, (i) => values.set(counts[i], i * steps));
  const kinds = kindsOf(values);
  return { steps, labels, values, kinds, histograms: undefined, nameless: false, dropName: undefined };
}
