import type { Evaluation } from '../eval/evaluation.ts';
import type { Matrix } from '../data/matrix.ts';
import { FLOAT } from '../data/matrix.ts';
import { goMax, goMin } from './math.ts';
import type { ScalarFunction } from './vector-function.ts';

/** Of the query, the same at every step. */
function constant(valueOf: (ev: Evaluation) => number): ScalarFunction {
  return (ev, _, grid) => {
    const value = valueOf(ev);
    ev.samples.hold(grid.steps);
    return ev.slices.numbers(grid.steps, () => value);
  };
}

const time: ScalarFunction = (ev, _, grid) => {
  ev.samples.hold(grid.steps);
  return ev.slices.numbers(grid.steps, (k) => (grid.start + k * grid.step) / 1000);
};

const scalar: ScalarFunction = async (ev, call, grid) => onlyFloat(await ev.vector(call.args[0], grid));

/** At each step the one float there is; NaN where there is none or more than one. */
function onlyFloat(matrix: Matrix): Float64Array {
  const { steps, kinds, values } = matrix;
  const result = new Float64Array(steps).fill(NaN);
  const seen = new Uint8Array(steps);
  for (let cell = 0, k = 0; cell < kinds.length; cell++, k = k + 1 === steps ? 0 : k + 1) {
    if (kinds[cell] !== FLOAT) continue;
    result[k] = seen[k] === 0 ? values[cell] : NaN;
    seen[k] = 1;
  }
  return result;
}

/** Of two scalars one, by Go's rules for NaN. */
function either(pick: (a: number, b: number) => number): ScalarFunction {
  return async (ev, call, grid) => {
    const left = await ev.scalar(call.args[0], grid);
    const right = await ev.scalar(call.args[1], grid);
    return ev.slices.numbers(grid.steps, (k) => pick(left[k], right[k]));
  };
}

export const SCALAR_FUNCTIONS: ReadonlyMap<string, ScalarFunction> = new Map<string, ScalarFunction>([
  ['end', constant((ev) => ev.end / 1000)],
  ['max_of', either(goMax)],
  ['min_of', either(goMin)],
  ['pi', constant(() => Math.PI)],
  ['range', constant((ev) => (ev.end - ev.start) / 1000)],
  ['scalar', scalar],
  ['start', constant((ev) => ev.start / 1000)],
  ['step', constant((ev) => ev.step / 1000)],
  ['time', time],
]);
