import type { Labels } from '../../model/labels.ts';
import { Numbering } from '../data/grouping.ts';
import { isMetadataLabel } from '../data/label-sets.ts';
import type { Matrix } from '../data/matrix.ts';
import type { AggregateNode } from '../plan/plan.ts';
import type { Evaluation } from './evaluation.ts';
import type { Groups } from './known-groups.ts';

type Grouping = Pick<AggregateNode, 'grouping' | 'without'>;

/** Numbers the groups in the order in which they come. */
export async function groupRows(ev: Evaluation, matrix: Matrix, node: Grouping): Promise<Groups> {
  const known = matrix.dropName === undefined ? ev.groups.of(matrix.labels) : undefined;
  const key = JSON.stringify([node.without, node.grouping, matrix.nameless]);
  const groups = known?.get(key) ?? (await groupAnew(ev, matrix, node));
  known?.set(key, groups);
  return groups;
}

async function groupAnew(ev: Evaluation, matrix: Matrix, node: Grouping): Promise<Groups> {
  const numbering = node.without
    ? Numbering.without(node.grouping, matrix.nameless ? 'metadata' : 'name')
    : Numbering.by(node.grouping);
  const of = new Int32Array(matrix.labels.length);
  const labels: Labels[] = [];
  const dropName = matrix.dropName && new Uint8Array(matrix.labels.length);
  const names = new Set(node.grouping);
  await ev.slices.each(of.length, node.without ? 32 : 8, (row) => {
    const group = numbering.of(matrix.labels[row]);
    of[row] = group;
    if (group === labels.length) labels.push(groupLabels(matrix, row, names, node.without));
    if (dropName !== undefined && matrix.dropName?.[row] === 1) dropName[group] = 1;
  });
  return { of, labels, dropName: dropName?.subarray(0, labels.length) };
}

function groupLabels(matrix: Matrix, row: number, names: ReadonlySet<string>, without: boolean): Labels {
  const labels = matrix.labels[row];
  if (!without) return labels.filter((name) => names.has(name));
  const isDropped = (name: string) =>
    names.has(name) || name === '__name__' || (matrix.nameless && isMetadataLabel(name));
  return labels.filter((name) => !isDropped(name));
}

export function groupMatrix(groups: Groups, steps: number, values: Float64Array, kinds: Uint8Array): Matrix {
  const { labels } = groups;
  return {
    steps,
    labels,
    values,
    kinds,
    histograms: undefined,
    nameless: false,
    dropName: groups.dropName,
  };
}
