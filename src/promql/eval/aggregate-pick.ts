import { text } from '../annotations.ts';
import { fail } from '../errors.ts';
import { formatG } from '../histogram/index.ts';
import { hashRatio } from '../data/label-hash.ts';
import type { Matrix } from '../data/matrix.ts';
import { ABSENT, FLOAT, HISTOGRAM, compactRows, emptyMatrix, labelsOf, selectRows } from '../data/matrix.ts';
import type { QuerySlice } from '../query-slice.ts';
import type { AggregateNode } from '../plan/plan.ts';
import type { Groups } from './known-groups.ts';
import type { Evaluation } from './evaluation.ts';

/** Chooses among the rows of a group that have a cell at step `k`; the answer is in order. */
type Choose = (present: number[], k: number) => readonly number[] | Promise<readonly number[]>;

/** `topk`, `bottomk`, `limitk`, `limit_ratio`: some of the input's cells, as they are. */
export async function pickRows(
  ev: Evaluation,
  node: AggregateNode,
  matrix: Matrix,
  param: Float64Array,
  groups: Groups,
): Promise<Matrix> {
  const { steps } = matrix;
  if (node.op === 'limit_ratio' ? !checkRatio(ev, node, param) : !checkCount(param)) {
    return emptyMatrix(steps);
  }
  const choose = await chooser(ev, node, matrix, param);
  const isRanked = node.op === 'topk' || node.op === 'bottomk';
  if (isRanked && matrix.kinds.includes(HISTOGRAM)) {
    ev.notes.inform(text.histogramIgnoredInAggregation(node.op), node.pos);
  }
  const members: number[][] = groups.labels.map(() => []);
  groups.of.forEach((group, row) => members[group].push(row));
  const kinds = new Uint8Array(matrix.kinds.length);
  const order: number[] = [];
  for (const rows of members) {
    for (let k = 0; k < steps; k++) {
      const present = rows.filter((row) => {
        const kind = matrix.kinds[row * steps + k];
        return isRanked ? kind === FLOAT : kind !== ABSENT;
      });
      const chosen = choose(present, k);
      for (const row of chosen instanceof Promise ? await chosen : chosen) {
        kinds[row * steps + k] = matrix.kinds[row * steps + k];
        if (steps === 1) order.push(row);
      }
      if (ev.slices.spent(rows.length * 4)) await ev.slices.pause();
    }
  }
  const picked = { ...matrix, kinds };
  return steps === 1 ? selectRows(picked, order, ev.slices) : compactRows(picked, ev.slices);
}

/** False where nothing can be chosen at any step. */
function checkCount(param: Float64Array): boolean {
  const max = param.reduce((a, b) => Math.max(a, b), -Infinity);
  const min = param.reduce((a, b) => Math.min(a, b), Infinity);
  if (max < 1) return false;
  if (Number.isNaN(max)) fail('Parameter value is NaN');
  if (min <= -(2 ** 63)) fail(`Scalar value ${formatG(min)} underflows int64`);
  if (max >= 2 ** 63) fail(`Scalar value ${formatG(max)} overflows int64`);
  return true;
}

function checkRatio(ev: Evaluation, node: AggregateNode, param: Float64Array): boolean {
  if (param.every((ratio) => ratio === 0)) return false;
  if (param.some(Number.isNaN)) fail('Ratio value is NaN');
  const max = param.reduce((a, b) => Math.max(a, b), -Infinity);
  const min = param.reduce((a, b) => Math.min(a, b), Infinity);
  const pos = node.param?.pos ?? node.pos;
  if (max > 1) ev.notes.warn(text.invalidRatio(max, 1), pos);
  if (min < -1) ev.notes.warn(text.invalidRatio(min, -1), pos);
  return true;
}

async function chooser(
  { slices }: Evaluation,
  node: AggregateNode,
  matrix: Matrix,
  param: Float64Array,
): Promise<Choose> {
  const { steps, values } = matrix;
  if (node.op === 'limitk') return (present, k) => present.slice(0, Math.max(0, Math.trunc(param[k])));
  if (node.op === 'limit_ratio') {
    const offsets = await slices.map(matrix.labels.length, 128, (row) => hashRatio(labelsOf(matrix, row)));
    return (present, k) => present.filter((row) => isInRatio(offsets[row], param[k]));
  }
  const isTop = node.op === 'topk';
  return (present, k) => {
    const count = Math.trunc(param[k]);
    if (count < 1) return [];
    const valueOf = (row: number) => values[row * steps + k];
    return best(present, count, (a, b) => isWorse(valueOf(a), valueOf(b), isTop), slices);
  };
}

/** The place of a series between 0 and 1 decides: below the ratio, or with a negative one in the rest. */
function isInRatio(offset: number, ratio: number): boolean {
  if (ratio === 0) return false;
  return ratio > 0 ? offset < Math.min(ratio, 1) : offset >= 1 + Math.max(ratio, -1);
}

/** NaN is worse than anything, itself too, whichever way is up. */
function isWorse(a: number, b: number, isTop: boolean): boolean {
  return Number.isNaN(a) || (isTop ? a < b : a > b);
}

/**
 * The best `count`, the best of them first. Of equal ones stay those that Prometheus keeps, which depends on its heap of the
 * best so far (Go's `container/heap`, the worst on top): so this is the same heap.
 */
async function best(
  rows: readonly number[],
  count: number,
  worse: (a: number, b: number) => boolean,
  slices: QuerySlice,
): Promise<number[]> {
  const heap: number[] = [];
  for (const row of rows) {
    if (slices.spent(8)) await slices.pause();
    if (heap.length < count) {
      heap.push(row);
      siftUp(heap, worse);
    } else if (worse(heap[0], row) && !worse(row, heap[0])) {
      heap[0] = row;
      siftDown(heap, worse);
    }
  }
  await slices.sort(heap, (a, b) => (worse(b, a) ? -1 : Number(worse(a, b))));
  return heap;
}

function siftUp(heap: number[], worse: (a: number, b: number) => boolean): void {
  let place = heap.length - 1;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (!worse(heap[place], heap[parent])) return;
    [heap[place], heap[parent]] = [heap[parent], heap[place]];
    place = parent;
  }
}

function siftDown(heap: number[], worse: (a: number, b: number) => boolean): void {
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) return;
    if (child + 1 < heap.length && worse(heap[child + 1], heap[child])) child++;
    if (!worse(heap[child], heap[place])) return;
    [heap[place], heap[child]] = [heap[child], heap[place]];
    place = child;
  }
}
