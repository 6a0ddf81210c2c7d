import type { Work } from '../query-slice.ts';
import { PIECE, finishNow } from '../query-slice.ts';

/**
 * The `q` quantile of values, between two of them by their weights; NaN counts as less than all. Reorders `values`.
 * NaN without values, ±Infinity outside 0…1.
 */
export function quantile(q: number, values: Float64Array): number {
  const n = values.length;
  if (n > FEW) return finishNow(quantileInPieces(q, values));
  if (!(q >= 0 && q <= 1) || n === 0) return extremeOf(q, n);
  const lower = Math.floor(q * (n - 1));
  insertionSort(values, gatherNaNs(values), n - 1);
  return between(q, values, lower, values[Math.min(n - 1, lower + 1)]);
}

/** The same as work that can be left, for millions of values. */
export function* quantileInPieces(q: number, values: Float64Array): Work<number> {
  const n = values.length;
  if (!(q >= 0 && q <= 1) || n === 0) return extremeOf(q, n);
  const lower = Math.floor(q * (n - 1));
  const upper = Math.min(n - 1, lower + 1);
  yield* partition(values, gatherNaNs(values), lower);
  return between(q, values, lower, upper === lower ? values[upper] : leastOf(values, upper));
}

function extremeOf(q: number, n: number): number {
  if (n === 0 || Number.isNaN(q)) return NaN;
  return q < 0 ? -Infinity : Infinity;
}

function between(q: number, values: Float64Array, lower: number, above: number): number {
  const weight = q * (values.length - 1) - lower;
  return values[lower] * (1 - weight) + above * weight;
}

/** Up to so many values sorting them all is quickest. */
const FEW = 40;

/** Moves what is NaN to the front; gives how many there are. */
function gatherNaNs(values: Float64Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) continue;
    values[i] = values[count];
    values[count++] = NaN;
  }
  return count;
}

function insertionSort(values: Float64Array, from: number, to: number): void {
  for (let i = from + 1; i <= to; i++) {
    const value = values[i];
    let place = i;
    while (place > from && value < values[place - 1]) {
      values[place] = values[place - 1];
      place--;
    }
    values[place] = value;
  }
}

/** Brings the value of rank `k` to its place, lesser ones before it and greater ones behind (Hoare's quickselect). */
function* partition(values: Float64Array, from: number, k: number): Work<void> {
  let left = from;
  let right = values.length - 1;
  while (k >= left && right - left > FEW) {
    const pivot = middleOf(values[left], values[(left + right) >>> 1], values[right]);
    const cut = { i: left, j: right };
    while (!divide(values, pivot, cut)) yield PIECE;
    if (k <= cut.j) right = cut.j;
    else if (k >= cut.i) left = cut.i;
    else return;
  }
  if (k >= left) insertionSort(values, left, right);
}

/** Goes on to divide the values between `i` and `j` at the pivot, for a piece of them; true when they have met. */
function divide(values: Float64Array, pivot: number, cut: { i: number; j: number }): boolean {
  let { i, j } = cut;
  const enough = j - i - PIECE;
  while (i <= j && j - i > enough) {
    while (values[i] < pivot) i++;
    while (values[j] > pivot) j--;
    if (i > j) break;
    const value = values[i];
    values[i++] = values[j];
    values[j--] = value;
  }
  cut.i = i;
  cut.j = j;
  return i > j;
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function leastOf(values: Float64Array, from: number): number {
  let least = values[from];
  for (let i = from + 1; i < values.length; i++) if (values[i] < least) least = values[i];
  return least;
}

/** An order in which NaN comes before every number. */
export function nanFirst(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}
