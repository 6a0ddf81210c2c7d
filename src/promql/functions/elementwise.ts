import type { Matrix } from '../data/matrix.ts';
import { FLOAT, compactRows, floatKinds } from '../data/matrix.ts';
import type { NameRule } from '../data/rows.ts';
import { dropNames } from '../data/rows.ts';
import type { QuerySlice } from '../query-slice.ts';

/** Every float through `f` (told its step); histograms are left out, and so is the metric name. */
export async function mapFloats(
  matrix: Matrix,
  rule: NameRule,
  f: (value: number, step: number) => number,
): Promise<Matrix> {
  const { steps, kinds } = matrix;
  const values = new Float64Array(matrix.values.length);
  await rule.slices.blocks(matrix.labels.length, steps, (row, from, to) => {
    for (let k = from, cell = row * steps + from; k < to; k++, cell++) {
      if (kinds[cell] === FLOAT) values[cell] = f(matrix.values[cell], k);
    }
  });
  return dropNames(await withoutHistograms({ ...matrix, values }, rule.slices), rule);
}

export async function withoutHistograms(matrix: Matrix, slices: QuerySlice): Promise<Matrix> {
  if (matrix.histograms === undefined) return matrix;
  const kinds = await floatKinds(matrix, slices);
  return compactRows({ ...matrix, kinds, histograms: undefined }, slices);
}
