import type { Grid, Matrix } from '../matrix.ts';
import { FLOAT } from '../matrix.ts';
import { goMax, goMin } from './math.ts';
import type { ScalarFunction } from './vector-function.ts';

function constant(value: number, grid: Grid): Float64Array {
  return new Float64Array(grid.steps).fill(value);
}

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
    return left.map((value, k) => pick(value, right[k]));
  };
}

export const SCALAR_FUNCTIONS: ReadonlyMap<string, ScalarFunction> = new Map([
  ['end', async (ev, _, grid) => constant(ev.end / 1000, grid)],
  ['max_of', either(goMax)],
  ['min_of', either(goMin)],
  ['pi', async (_ev, _call, grid) => constant(Math.PI, grid)],
  ['range', async (ev, _, grid) => constant((ev.end - ev.start) / 1000, grid)],
  ['scalar', scalar],
  ['start', async (ev, _, grid) => constant(ev.start / 1000, grid)],
  ['step', async (ev, _, grid) => constant(ev.step / 1000, grid)],
  ['time', async (_ev, _call, grid) => constant(0, grid).map((_, k) => (grid.start + k * grid.step) / 1000)],
] satisfies [string, ScalarFunction][]);
