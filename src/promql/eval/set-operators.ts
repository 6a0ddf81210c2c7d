import { Numbering } from '../data/grouping.ts';
import { isMetadataLabel } from '../data/label-sets.ts';
import type { HistogramRows, Matrix } from '../data/matrix.ts';
import { ABSENT, compactRows, settled } from '../data/matrix.ts';
import type { BinaryNode } from '../plan/plan.ts';
import { mergeSame } from '../data/rows.ts';
import type { VectorMatching } from '../syntax/ast.ts';
import type { Evaluation } from './evaluation.ts';

/** The number of each row's matching labels; rows of both sides that match have the same. */
export interface Signatures {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly count: number;
}

export async function signaturesOf(
  ev: Evaluation,
  left: Matrix,
  right: Matrix,
  matching: VectorMatching | undefined,
): Promise<Signatures> {
  const names = matching?.labels ?? [];
  const numbering =
    matching?.on === true
      ? Numbering.by(names)
      : Numbering.without(names, needsMetadata(left, right) ? 'metadata' : 'name');
  const of = async (matrix: Matrix) => {
    const numbers = new Int32Array(matrix.labels.length);
    await ev.slices.each(numbers.length, matching?.on === true ? 8 : 32, (row) => {
      numbers[row] = numbering.of(matrix.labels[row]);
    });
    return numbers;
  };
  const numbers = { left: await of(left), right: await of(right) };
  return { ...numbers, count: numbering.count };
}

/** Rows whose name was taken off have lost type and unit with it. */
function needsMetadata(left: Matrix, right: Matrix): boolean {
  return left.nameless && right.nameless;
}

/** Matrices whose labels can be read by the matching, as they are seen. */
export async function readable(
  ev: Evaluation,
  left: Matrix,
  right: Matrix,
  matching: VectorMatching | undefined,
): Promise<[Matrix, Matrix]> {
  const readsMetadata = matching?.on === true && matching.labels.some(isMetadataLabel);
  if (!readsMetadata && left.nameless === right.nameless) return [left, right];
  return [await settled(left, ev.slices), await settled(right, ev.slices)];
}

/** `and`, `or`, `unless`. */
export async function combineSets(ev: Evaluation, node: BinaryNode, l: Matrix, r: Matrix): Promise<Matrix> {
  const [left, right] = await readable(ev, l, r, node.matching);
  const signatures = await signaturesOf(ev, left, right, node.matching);
  const { steps } = left;
  if (node.op === 'or') {
    const there = await presence(ev, left, signatures.left, signatures.count);
    const added = await masked(ev, right, signatures.right, (signature, k) => there[signature * steps + k] === 0);
    return unionOf(ev, left, await compactRows(added, ev.slices));
  }
  const there = await presence(ev, right, signatures.right, signatures.count);
  const wanted = node.op === 'and' ? 1 : 0;
  const kept = await masked(ev, left, signatures.left, (signature, k) => there[signature * steps + k] === wanted);
  return compactRows(kept, ev.slices);
}

/** At which steps any row of a signature has a sample. */
async function presence(ev: Evaluation, matrix: Matrix, signatures: Int32Array, count: number): Promise<Uint8Array> {
  const { steps, kinds } = matrix;
  const there = new Uint8Array(count * steps);
  await ev.slices.blocks(signatures.length, steps, (row, from, to) => {
    const base = signatures[row] * steps;
    for (let k = from; k < to; k++) if (kinds[row * steps + k] !== ABSENT) there[base + k] = 1;
  });
  return there;
}

async function masked(
  ev: Evaluation,
  matrix: Matrix,
  signatures: Int32Array,
  keep: (signature: number, k: number) => boolean,
): Promise<Matrix> {
  const { steps } = matrix;
  const kinds = matrix.kinds.slice();
  await ev.slices.blocks(signatures.length, steps, (row, from, to) => {
    for (let k = from; k < to; k++) if (!keep(signatures[row], k)) kinds[row * steps + k] = ABSENT;
  });
  return { ...matrix, kinds };
}

/** The rows of both; those with the same labels are one. */
async function unionOf(ev: Evaluation, left: Matrix, right: Matrix): Promise<Matrix> {
  if (right.labels.length === 0) return left;
  if (left.labels.length === 0) return right;
  const { steps } = left;
  const values = new Float64Array(left.values.length + right.values.length);
  const kinds = new Uint8Array(values.length);
  values.set(left.values);
  values.set(right.values, left.values.length);
  kinds.set(left.kinds);
  kinds.set(right.kinds, left.kinds.length);
  let histograms: HistogramRows | undefined;
  if (left.histograms !== undefined || right.histograms !== undefined) {
    histograms = [];
    left.labels.forEach((_, row) => (histograms as HistogramRows).push(left.histograms?.[row]));
    right.labels.forEach((_, row) => (histograms as HistogramRows).push(right.histograms?.[row]));
  }
  const labels = [...left.labels, ...right.labels];
  let dropName: Uint8Array | undefined;
  if (left.dropName !== undefined || right.dropName !== undefined) {
    dropName = new Uint8Array(labels.length);
    if (left.dropName !== undefined) dropName.set(left.dropName);
    if (right.dropName !== undefined) dropName.set(right.dropName, left.labels.length);
  }
  return mergeSame({ steps, labels, values, kinds, histograms, nameless: left.nameless, dropName }, ev.slices);
}
