import type { Labels } from '../../model/labels.ts';
import { DUPLICATE_LABELS, fail } from '../errors.ts';
import { sameName } from './grouping.ts';
import type { HistogramRows, Matrix } from './matrix.ts';
import { ABSENT, settled } from './matrix.ts';
import type { QuerySlice } from '../query-slice.ts';

/** How a node treats metric names that its operation makes meaningless. */
export interface NameRule {
  readonly slices: QuerySlice;
  /** The feature `promql-delayed-name-removal`: names stay visible until the end of the query. */
  readonly delayed: boolean;
}

/**
 * Takes the metric name off every row. Rows that become the same are merged where they have no step in common.
 * @throws {QueryError} where they have, or with `strict` whenever two become the same.
 */
export async function dropNames(matrix: Matrix, rule: NameRule, strict = false): Promise<Matrix> {
  if (rule.delayed) return { ...matrix, dropName: new Uint8Array(matrix.labels.length).fill(1) };
  if (matrix.nameless) return matrix;
  const nameless = { ...matrix, nameless: true };
  return sameName(matrix) ? nameless : mergeSame(nameless, rule.slices, strict);
}

/**
 * Merges rows with the same labels.
 * @throws {QueryError} where two of them have a value at the same step, or with `strict` in any case.
 */
export async function mergeSame(input: Matrix, slices: QuerySlice, strict = false): Promise<Matrix> {
  const matrix = await settled(input, slices);
  const targets = new Map<string, number>();
  const target = await slices.map(matrix.labels.length, 32, (row) => {
    const { key } = matrix.labels[row];
    const known = targets.get(key);
    if (known !== undefined) return known;
    targets.set(key, targets.size);
    return targets.size - 1;
  });
  if (targets.size === matrix.labels.length) return matrix;
  if (strict) fail(DUPLICATE_LABELS);
  return mergeInto(matrix, target, targets.size, slices);
}

async function mergeInto(matrix: Matrix, target: readonly number[], rows: number, slices: QuerySlice): Promise<Matrix> {
  const { steps } = matrix;
  const labels: Labels[] = [];
  const values = new Float64Array(rows * steps);
  const kinds = new Uint8Array(rows * steps);
  const dropName = matrix.dropName && new Uint8Array(rows);
  const histograms: HistogramRows | undefined = matrix.histograms && [];
  // Whether a name goes is up to the earliest sample, as in Prometheus.
  const earliest = new Float64Array(rows).fill(Infinity);
  await slices.blocks(target.length, steps, (source, from, to) => {
    const row = target[source];
    labels[row] ??= matrix.labels[source];
    for (let k = from; k < to; k++) {
      const kind = matrix.kinds[source * steps + k];
      if (kind === ABSENT) continue;
      if (kinds[row * steps + k] !== ABSENT) fail(DUPLICATE_LABELS);
      if (k < earliest[row]) {
        earliest[row] = k;
        if (dropName !== undefined) dropName[row] = matrix.dropName?.[source] ?? 0;
      }
      kinds[row * steps + k] = kind;
      values[row * steps + k] = matrix.values[source * steps + k];
      const histogram = matrix.histograms?.[source]?.[k];
      if (histogram !== undefined && histograms !== undefined) (histograms[row] ??= [])[k] = histogram;
    }
  });
  return { steps, labels, values, kinds, histograms, nameless: false, dropName };
}
