import type { Matrix } from '../data/matrix.ts';
import { ABSENT } from '../data/matrix.ts';
import type { QuerySlice } from '../query-slice.ts';
import type { Cell } from './cells.ts';

/** The rows of each signature; nothing where it has none. */
export async function rowsBySignature(
  signatures: Int32Array,
  count: number,
  slices: QuerySlice,
): Promise<(number[] | undefined)[]> {
  const rows: (number[] | undefined)[] = Array.from({ length: count });
  await slices.each(signatures.length, 16, (row) => {
    (rows[signatures[row]] ??= []).push(row);
  });
  return rows;
}

/** 1 at each step at which any row has a sample. */
export async function stepsThere({ steps, kinds, labels }: Matrix, slices: QuerySlice): Promise<Uint8Array> {
  const there = new Uint8Array(steps);
  let missing = steps;
  for (let row = 0; row < labels.length && missing > 0; row++) {
    const base = row * steps;
    for (let k = 0; k < steps; k++) {
      if (there[k] === 1 || kinds[base + k] === ABSENT) continue;
      there[k] = 1;
      missing--;
    }
    if (slices.spent(steps)) await slices.pause();
  }
  return there;
}

export function cellAt(matrix: Matrix, row: number, k: number): Cell | undefined {
  const cell = row * matrix.steps + k;
  if (matrix.kinds[cell] === ABSENT) return undefined;
  return { float: matrix.values[cell], histogram: matrix.histograms?.[row]?.[k] };
}

export function floatCell(float: number): Cell {
  return { float, histogram: undefined };
}
