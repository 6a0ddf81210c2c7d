import type { Matrix } from '../matrix.ts';
import { FLOAT, compactRows } from '../matrix.ts';
import type { NameRule } from '../rows.ts';
import { dropNames } from '../rows.ts';

/** Every float through `f` (told its step); histograms are left out, and so is the metric name. */
export function mapFloats(matrix: Matrix, rule: NameRule, f: (value: number, step: number) => number): Matrix {
  const { steps, kinds } = matrix;
  const values = new Float64Array(matrix.values.length);
  for (let cell = 0, step = 0; cell < values.length; cell++, step = step + 1 === steps ? 0 : step + 1) {
    if (kinds[cell] === FLOAT) values[cell] = f(matrix.values[cell], step);
  }
  return dropNames(withoutHistograms({ ...matrix, values }), rule);
}

export function withoutHistograms(matrix: Matrix): Matrix {
  if (matrix.histograms === undefined) return matrix;
  const kinds = matrix.kinds.map((kind) => (kind === FLOAT ? kind : 0));
  return compactRows({ ...matrix, kinds, histograms: undefined });
}
