import type { SeriesColumns } from '../../model/query.ts';
import { isStale, wordsOf } from '../../model/sample.ts';
import type { Evaluation } from '../eval/evaluation.ts';
import { columnsOf } from '../eval/evaluation.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import { ABSENT, FLOAT, MatrixBuilder, emptyMatrix } from '../data/matrix.ts';
import type { Node, SelectNode } from '../plan/plan.ts';
import { dropNames } from '../data/rows.ts';
import type { VectorFunction } from './vector-function.ts';

/** The time of each sample in seconds: of a selector's own samples where they were taken, else of the evaluation. */
export const timestamp: VectorFunction = async (ev, call, grid) => {
  const select = selectorIn(call.args[0]);
  if (select !== undefined) return dropNames(await sampleTimes(ev, select, grid, (series) => series.timestamps), ev);
  const matrix = await ev.vector(call.args[0], grid);
  const { steps } = grid;
  const values = new Float64Array(matrix.values.length);
  const kinds = new Uint8Array(matrix.kinds.length);
  await ev.slices.blocks(matrix.labels.length, steps, (row, from, to) => {
    for (let k = from, cell = row * steps + from; k < to; k++, cell++) {
      if (matrix.kinds[cell] === ABSENT) continue;
      values[cell] = (grid.start + k * grid.step) / 1000;
      kinds[cell] = FLOAT;
    }
  });
  return dropNames({ ...matrix, values, kinds, histograms: undefined }, ev);
};

/** When the counter behind each sample began, in seconds: of a selector's samples, and only where that is kept. */
export const startTimestamp: VectorFunction = async (ev, call, grid) => {
  const select = selectorIn(call.args[0]);
  if (select === undefined || !ev.startTimes) {
    // What is asked about must be sound, even if nothing is known of it.
    await ev.vector(call.args[0], grid);
    return emptyMatrix(grid.steps);
  }
  const startsOf = (series: SeriesColumns) => series.startTimestamps ?? new Float64Array(series.timestamps.length);
  return dropNames(await sampleTimes(ev, select, grid, startsOf), ev);
};

function selectorIn(node: Node): SelectNode | undefined {
  if (node.kind === 'invariant') return selectorIn(node.node);
  return node.kind === 'select' ? node : undefined;
}

async function sampleTimes(
  ev: Evaluation,
  node: SelectNode,
  grid: Grid,
  columnOf: (series: SeriesColumns) => Float64Array,
): Promise<Matrix> {
  const columns = await columnsOf(ev, node);
  ev.samples.makeCells(columns.length, grid.steps);
  const builder = new MatrixBuilder(columns.length, grid.steps);
  const { byStep, looked } = ev.samples;
  let total = 0;
  for (const series of columns) {
    const { labels, timestamps, values, histograms } = series;
    const column = columnOf(series);
    const words = wordsOf(values);
    const { base } = builder;
    let count = 0;
    let i = 0;
    for (let k = 0; k < grid.steps; k++) {
      const time = (node.at ?? grid.start + k * grid.step) - node.offset;
      while (i < timestamps.length && timestamps[i] <= time) i++;
      if (i === 0 || timestamps[i - 1] <= time - ev.lookback) continue;
      if (histograms?.[i - 1] === undefined && isStale(words, i - 1)) continue;
      builder.values[base + k] = column[i - 1] / 1000;
      builder.kinds[base + k] = FLOAT;
      byStep?.add(k, 1, 1);
      count++;
    }
    if (count > 0) builder.commit(labels);
    total += count;
    if (ev.slices.spent(timestamps.length + grid.steps)) await ev.slices.pause();
  }
  looked.total += total;
  looked.read += total;
  ev.samples.hold(Math.ceil(total / Math.max(1, grid.steps)));
  return builder.finish();
}
