import { Labels } from '../../model/labels.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import { ABSENT, FLOAT, MatrixBuilder, emptyMatrix } from '../data/matrix.ts';
import type { QuerySlice } from '../query-slice.ts';
import { absentLabels } from './absent.ts';
import { DATE_FUNCTIONS, civilTime } from './dates.ts';
import type { CivilTime } from './dates.ts';
import { mapFloats, withoutHistograms } from './elementwise.ts';
import { HISTOGRAM_FUNCTIONS } from './histogram-functions.ts';
import { info } from './info.ts';
import { labelJoin, labelReplace } from './labels.ts';
import { MATH_FUNCTIONS, goMax, goMin } from './math.ts';
import { sort, sortByLabel } from './sort.ts';
import { startTimestamp, timestamp } from './timestamp.ts';
import type { VectorFunction } from './vector-function.ts';

const absent: VectorFunction = async (ev, call, grid) => {
  const matrix = await ev.vector(call.args[0], grid);
  const seen = new Uint8Array(grid.steps);
  for (let cell = 0; cell < matrix.kinds.length; cell++) {
    if (matrix.kinds[cell] !== ABSENT) seen[cell % grid.steps] = 1;
  }
  const builder = new MatrixBuilder(1, grid.steps);
  seen.forEach((there, k) => {
    if (there === 1) return;
    builder.values[k] = 1;
    builder.kinds[k] = FLOAT;
  });
  if (!seen.includes(0)) return emptyMatrix(grid.steps);
  builder.commit(absentLabels(call.args[0]));
  return builder.finish();
};

const vector: VectorFunction = async (ev, call, grid) => oneRow(await ev.scalar(call.args[0], grid));

function oneRow(values: Float64Array): Matrix {
  const kinds = new Uint8Array(values.length).fill(FLOAT);
  return { ...emptyMatrix(values.length), labels: [Labels.EMPTY], values, kinds };
}

const clamp: VectorFunction = async (ev, call, grid) => {
  const matrix = await ev.vector(call.args[0], grid);
  const bounds = await Promise.all(call.args.slice(1).map((arg) => ev.scalar(arg, grid)));
  const infinite = (value: number) => new Float64Array(grid.steps).fill(value);
  const min = call.func === 'clamp_max' ? infinite(-Infinity) : bounds[0];
  const max = call.func === 'clamp_min' ? infinite(Infinity) : bounds[call.func === 'clamp' ? 1 : 0];
  const isEmpty = (k: number) => max[k] < min[k];
  const inside = max.some((_, k) => isEmpty(k)) ? await withoutSteps(matrix, isEmpty, ev.slices) : matrix;
  return mapFloats(inside, ev, (value, k) => goMax(min[k], goMin(max[k], value)));
};

function withoutSteps(matrix: Matrix, leftOut: (k: number) => boolean, slices: QuerySlice): Promise<Matrix> {
  const kinds = matrix.kinds.map((kind, cell) => (leftOut(cell % matrix.steps) ? ABSENT : kind));
  return withoutHistograms({ ...matrix, kinds, histograms: [] }, slices);
}

const round: VectorFunction = async (ev, call, grid) => {
  const matrix = await ev.vector(call.args[0], grid);
  const nearest = call.args.length > 1 ? await ev.scalar(call.args[1], grid) : new Float64Array(grid.steps).fill(1);
  const inverse = nearest.map((value) => 1 / value);
  return mapFloats(matrix, ev, (value, k) => Math.floor(value * inverse[k] + 0.5) / inverse[k]);
};

/** A part of the time that each value stands for, in seconds; without an argument, of the time of evaluation. */
function datePart(part: (time: CivilTime) => number): VectorFunction {
  return async (ev, call, grid) => {
    if (call.args.length === 0) return oneRow(times(grid).map((seconds) => part(civilTime(seconds))));
    const matrix = await ev.vector(call.args[0], grid);
    return mapFloats(matrix, ev, (value) => part(civilTime(value)));
  };
}

function times(grid: Grid): Float64Array {
  return Float64Array.from({ length: grid.steps }, (_, k) => (grid.start + k * grid.step) / 1000);
}

function mathFunction(f: (value: number) => number): VectorFunction {
  return async (ev, call, grid) => mapFloats(await ev.vector(call.args[0], grid), ev, f);
}

/** Functions that give an instant vector, but for those of range vectors. */
export const VECTOR_FUNCTIONS: ReadonlyMap<string, VectorFunction> = new Map<string, VectorFunction>([
  ...[...MATH_FUNCTIONS].map(([name, f]) => [name, mathFunction(f)] as const),
  ...[...DATE_FUNCTIONS].map(([name, part]) => [name, datePart(part)] as const),
  ...HISTOGRAM_FUNCTIONS,
  ['absent', absent],
  ['clamp', clamp],
  ['clamp_max', clamp],
  ['clamp_min', clamp],
  ['info', info],
  ['label_join', labelJoin],
  ['label_replace', labelReplace],
  ['round', round],
  ['sort', sort],
  ['sort_by_label', sortByLabel],
  ['sort_by_label_desc', sortByLabel],
  ['sort_desc', sort],
  ['start_timestamp', startTimestamp],
  ['timestamp', timestamp],
  ['vector', vector],
]);
