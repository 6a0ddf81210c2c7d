import type { Labels } from '../../model/labels.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { withoutMetadata } from './label-sets.ts';
import type { QuerySlice } from '../query-slice.ts';

/** The times of an evaluation: `start + k * step` for `k` below `steps`, in milliseconds. */
export interface Grid {
  readonly start: number;
  /** What was asked for; the last step may lie before it. */
  readonly end: number;
  readonly step: number;
  readonly steps: number;
}

export function gridOf(start: number, end: number, step: number): Grid {
  return { start, end, step, steps: end < start ? 0 : Math.floor((end - start) / step) + 1 };
}

export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/**
 * Instant vectors over the whole grid at once: a row for each series, a column for each step.
 *
 *     labels[r]   cell = r * steps + k    kinds[cell]   ABSENT  | FLOAT        | HISTOGRAM
 *                                                       –       | values[cell] | histograms[r][k]
 *
 * Immutable once made, and its buffers are shared between nodes (a filter keeps `values` and makes new `kinds`), so nobody
 * writes to a matrix that he did not build. Price: nine bytes for each cell, absent ones too.
 */
export interface Matrix {
  readonly steps: number;
  readonly labels: readonly Labels[];
  readonly values: Float64Array;
  readonly kinds: Uint8Array;
  readonly histograms: HistogramRows | undefined;
  /** The metric name is gone from every row, though `labels` still hold it: read them through `labelsOf`. */
  readonly nameless: boolean;
  /** Rows whose name goes at the end of the query. Only with the feature of delayed name removal. */
  readonly dropName: Uint8Array | undefined;
}

/** Sparse: a row without histograms is undefined. */
export type HistogramRows = ((FloatHistogram | undefined)[] | undefined)[];

export function emptyMatrix(steps: number): Matrix {
  return {
    steps,
    labels: [],
    values: new Float64Array(0),
    kinds: new Uint8Array(0),
    histograms: undefined,
    nameless: false,
    dropName: undefined,
  };
}

export function labelsOf(matrix: Matrix, row: number): Labels {
  return matrix.nameless ? withoutMetadata(matrix.labels[row]) : matrix.labels[row];
}

/** The same with `labels` as they are seen. */
export async function settled(matrix: Matrix, slices: QuerySlice): Promise<Matrix> {
  if (!matrix.nameless) return matrix;
  const labels = await slices.map(matrix.labels.length, 32, (row) => withoutMetadata(matrix.labels[row]));
  return { ...matrix, labels, nameless: false };
}

/** Collects rows one after the other; a row that got no cell is not kept. */
export class MatrixBuilder {
  readonly steps: number;
  values: Float64Array;
  kinds: Uint8Array;
  readonly #labels: Labels[] = [];
  #histograms: HistogramRows | undefined;
  #dropped: number[] | undefined;

  constructor(maxRows: number, steps: number) {
    this.steps = steps;
    this.values = new Float64Array(maxRows * steps);
    this.kinds = new Uint8Array(maxRows * steps);
  }

  /** Where the cells of the row under construction begin. */
  get base(): number {
    return this.#labels.length * this.steps;
  }

  get rows(): number {
    return this.#labels.length;
  }

  /** For who cannot tell how many rows there will be: makes sure that another one fits. Read `values` and `kinds` anew. */
  reserve(): void {
    if (this.base + this.steps <= this.values.length) return;
    const values = new Float64Array(Math.max(this.steps, 2 * this.values.length));
    const kinds = new Uint8Array(values.length);
    values.set(this.values);
    kinds.set(this.kinds);
    this.values = values;
    this.kinds = kinds;
  }

  setHistogram(k: number, histogram: FloatHistogram): void {
    const row = this.#labels.length;
    this.#histograms ??= [];
    (this.#histograms[row] ??= [])[k] = histogram;
    this.kinds[row * this.steps + k] = HISTOGRAM;
  }

  /** Ends the row. */
  commit(labels: Labels, dropName = false): void {
    if (dropName) (this.#dropped ??= []).push(this.#labels.length);
    this.#labels.push(labels);
  }

  finish(options: { nameless?: boolean } = {}): Matrix {
    const rows = this.#labels.length;
    const cells = rows * this.steps;
    let dropName: Uint8Array | undefined;
    if (this.#dropped !== undefined) {
      dropName = new Uint8Array(rows);
      for (const row of this.#dropped) dropName[row] = 1;
    }
    return {
      steps: this.steps,
      labels: this.#labels,
      values: cells === this.values.length ? this.values : this.values.subarray(0, cells),
      kinds: cells === this.kinds.length ? this.kinds : this.kinds.subarray(0, cells),
      histograms: this.#histograms,
      nameless: options.nameless ?? false,
      dropName,
    };
  }
}

/** Only these rows, in this order. */
export async function selectRows(matrix: Matrix, rows: readonly number[], slices: QuerySlice): Promise<Matrix> {
  const { steps } = matrix;
  const labels: Labels[] = [];
  const values = new Float64Array(rows.length * steps);
  const kinds = new Uint8Array(rows.length * steps);
  const histograms: HistogramRows | undefined = matrix.histograms && [];
  const dropName = matrix.dropName && Uint8Array.from(rows, (row) => matrix.dropName?.[row] ?? 0);
  await slices.each(rows.length, steps + 16, (i) => {
    const row = rows[i];
    labels.push(matrix.labels[row]);
    values.set(matrix.values.subarray(row * steps, (row + 1) * steps), i * steps);
    kinds.set(matrix.kinds.subarray(row * steps, (row + 1) * steps), i * steps);
    if (histograms !== undefined) histograms[i] = matrix.histograms?.[row];
  });
  return { steps, labels, values, kinds, histograms, nameless: matrix.nameless, dropName };
}

/** Without the rows that have no cell left. */
export async function compactRows(matrix: Matrix, slices: QuerySlice): Promise<Matrix> {
  const { steps, kinds } = matrix;
  const kept: number[] = [];
  await slices.each(matrix.labels.length, 2, (row) => {
    if (!isEmpty(kinds, row * steps, steps)) kept.push(row);
  });
  return kept.length === matrix.labels.length ? matrix : selectRows(matrix, kept, slices);
}

function isEmpty(kinds: Uint8Array, base: number, steps: number): boolean {
  for (let i = base; i < base + steps; i++) if (kinds[i] !== ABSENT) return false;
  return true;
}

/** Whether a row has a float at every step. */
export function isAllFloats(kinds: Uint8Array): boolean {
  for (let k = 0; k < kinds.length; k++) if (kinds[k] !== FLOAT) return false;
  return true;
}

/** A matrix of one step, repeated over `steps`. */
export async function repeated(matrix: Matrix, steps: number, slices: QuerySlice): Promise<Matrix> {
  const rows = matrix.labels.length;
  const values = new Float64Array(rows * steps);
  const kinds = new Uint8Array(rows * steps);
  await slices.blocks(rows, steps, (row, from, to) => {
    values.fill(matrix.values[row], row * steps + from, row * steps + to);
    kinds.fill(matrix.kinds[row], row * steps + from, row * steps + to);
  });
  const histograms =
    matrix.histograms &&
    (await slices.map(rows, steps, (row) => {
      const cells = matrix.histograms?.[row];
      return cells && Array.from({ length: steps }, () => cells[0]);
    }));
  return { ...matrix, steps, values, kinds, histograms };
}

/** Which cells are floats, as the kinds of a matrix that has nothing else. */
export async function floatKinds(matrix: Matrix, slices: QuerySlice): Promise<Uint8Array> {
  const kinds = new Uint8Array(matrix.kinds.length);
  await slices.blocks(matrix.labels.length, matrix.steps, (row, from, to) => {
    const end = row * matrix.steps + to;
    for (let cell = row * matrix.steps + from; cell < end; cell++)
      if (matrix.kinds[cell] === FLOAT) kinds[cell] = FLOAT;
  });
  return kinds;
}
