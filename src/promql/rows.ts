import type { Labels } from '../model/labels.ts';
import { DUPLICATE_LABELS, fail } from './errors.ts';
import { sameName } from './grouping.ts';
import type { HistogramRows, Matrix } from './matrix.ts';
import { ABSENT, settled } from './matrix.ts';

/** How a node treats metric names that its operation makes meaningless. */
export interface NameRule {
  /** The feature `promql-delayed-name-removal`: names stay visible until the end of the query. */
  readonly delayed: boolean;
}

/**
 * Takes the metric name off every row. Rows that become the same are merged where they have no step in common.
 * @throws {QueryError} where they have, or with `strict` whenever two become the same.
 */
export function dropNames(matrix: Matrix, rule: NameRule, strict = false): Matrix {
  if (rule.delayed) return { ...matrix, dropName: new Uint8Array(matrix.labels.length).fill(1) };
  if (matrix.nameless) return matrix;
  const nameless = { ...matrix, nameless: true };
  return sameName(matrix) ? nameless : mergeSame(nameless, strict);
}

/**
 * Merges rows with the same labels.
 * @throws {QueryError} where two of them have a value at the same step, or with `strict` in any case.
 */
export function mergeSame(input: Matrix, strict = false): Matrix {
  const matrix = settled(input);
  const targets = new Map<string, number>();
  const target = matrix.labels.map((labels) => {
    const known = targets.get(labels.key);
    if (known !== undefined) return known;
    targets.set(labels.key, targets.size);
    return targets.size - 1;
  });
  if (targets.size === matrix.labels.length) return matrix;
  if (strict) fail(DUPLICATE_LABELS);
  return mergeInto(matrix, target, targets.size);
}

function mergeInto(matrix: Matrix, target: readonly number[], rows: number): Matrix {
  const { steps } = matrix;
  const labels: Labels[] = [];
  const values = new Float64Array(rows * steps);
  const kinds = new Uint8Array(rows * steps);
  const dropName = matrix.dropName && new Uint8Array(rows);
  const histograms: HistogramRows | undefined = matrix.histograms && [];
  target.forEach((to, from) => {
    labels[to] ??= matrix.labels[from];
    if (dropName !== undefined && matrix.dropName?.[from] === 1) dropName[to] = 1;
    for (let k = 0; k < steps; k++) {
      const kind = matrix.kinds[from * steps + k];
      if (kind === ABSENT) continue;
      if (kinds[to * steps + k] !== ABSENT) fail(DUPLICATE_LABELS);
      kinds[to * steps + k] = kind;
      values[to * steps + k] = matrix.values[from * steps + k];
      const histogram = matrix.histograms?.[from]?.[k];
      if (histogram !== undefined && histograms !== undefined) (histograms[to] ??= [])[k] = histogram;
    }
  });
  return { steps, labels, values, kinds, histograms, nameless: false, dropName };
}
