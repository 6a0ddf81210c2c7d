import type { AggregateOp } from '../syntax/ast.ts';
import { ABSENT, FLOAT } from '../data/matrix.ts';

/** Folds rows of cells into the cells of their groups: cell `from + k` into cell `to + k`. */
export interface Fold {
  addRow(values: Float64Array, kinds: Uint8Array, from: number, to: number, steps: number): void;
  finish(): { values: Float64Array; kinds: Uint8Array };
}

/** The aggregators of floats, each made for so many group cells. */
export const FOLDS: ReadonlyMap<AggregateOp, (cells: number) => Fold> = new Map<AggregateOp, (cells: number) => Fold>([
  ['sum', (cells) => new SumFold(cells)],
  ['avg', (cells) => new AverageFold(cells)],
  ['count', (cells) => new CountFold(cells)],
  ['group', (cells) => new GroupFold(cells)],
  ['min', (cells) => new ExtremeFold(cells, -1)],
  ['max', (cells) => new ExtremeFold(cells, 1)],
  ['stdvar', (cells) => new VarianceFold(cells, (variance) => variance)],
  ['stddev', (cells) => new VarianceFold(cells, Math.sqrt)],
]);

/** A float wherever something was counted. */
export function kindsOf(counts: Float64Array): Uint8Array {
  const kinds = new Uint8Array(counts.length);
  for (let cell = 0; cell < counts.length; cell++) kinds[cell] = counts[cell] > 0 ? FLOAT : ABSENT;
  return kinds;
}

/** Kahan-Neumaier sums, so that the order of rows hardly matters. */
class SumFold implements Fold {
  readonly #sums: Float64Array;
  readonly #lost: Float64Array;
  readonly #kinds: Uint8Array;

  constructor(cells: number) {
    this.#sums = new Float64Array(cells);
    this.#lost = new Float64Array(cells);
    this.#kinds = new Uint8Array(cells);
  }

  addRow(values: Float64Array, kinds: Uint8Array, from: number, to: number, steps: number): void {
    const sums = this.#sums;
    const lost = this.#lost;
    const seen = this.#kinds;
    for (let k = 0; k < steps; k++) {
      if (kinds[from + k] === ABSENT) continue;
      const value = values[from + k];
      const cell = to + k;
      if (seen[cell] === ABSENT) {
        seen[cell] = FLOAT;
        sums[cell] = value;
        continue;
      }
      const sum = sums[cell];
      const total = sum + value;
      if (total === Infinity || total === -Infinity) lost[cell] = 0;
      else if (Math.abs(sum) >= Math.abs(value)) lost[cell] += sum - total + value;
      else lost[cell] += value - total + sum;
      sums[cell] = total;
    }
  }

  finish() {
    for (let cell = 0; cell < this.#sums.length; cell++) this.#sums[cell] += this.#lost[cell];
    return { values: this.#sums, kinds: this.#kinds };
  }
}

/** The plain mean while the sum does not overflow, from there on a running mean. */
class AverageFold implements Fold {
  readonly #sums: Float64Array;
  readonly #lost: Float64Array;
  readonly #counts: Float64Array;
  /** Cells that have turned to the running mean, which then stands in `sums`. */
  readonly #running: Uint8Array;

  constructor(cells: number) {
    this.#sums = new Float64Array(cells);
    this.#lost = new Float64Array(cells);
    this.#counts = new Float64Array(cells);
    this.#running = new Uint8Array(cells);
  }

  addRow(values: Float64Array, kinds: Uint8Array, from: number, to: number, steps: number): void {
    for (let k = 0; k < steps; k++) {
      if (kinds[from + k] !== ABSENT) this.#add(to + k, values[from + k]);
    }
  }

  #add(cell: number, value: number): void {
    const count = ++this.#counts[cell];
    if (count === 1) {
      this.#sums[cell] = value;
      return;
    }
    if (this.#running[cell] === 0) {
      const total = this.#sums[cell] + value;
      if (total !== Infinity && total !== -Infinity) return this.#addTo(cell, value);
      this.#running[cell] = 1;
      this.#sums[cell] /= count - 1;
      this.#lost[cell] /= count - 1;
    }
    const share = (count - 1) / count;
    this.#sums[cell] *= share;
    this.#lost[cell] *= share;
    this.#addTo(cell, value / count);
  }

  #addTo(cell: number, value: number): void {
    const sum = this.#sums[cell];
    const total = sum + value;
    if (total === Infinity || total === -Infinity) this.#lost[cell] = 0;
    else if (Math.abs(sum) >= Math.abs(value)) this.#lost[cell] += sum - total + value;
    else this.#lost[cell] += value - total + sum;
    this.#sums[cell] = total;
  }

  finish() {
    const values = this.#sums;
    for (let cell = 0; cell < values.length; cell++) {
      const count = this.#running[cell] === 1 ? 1 : this.#counts[cell];
      values[cell] = values[cell] / count + this.#lost[cell] / count;
    }
    return { values, kinds: kindsOf(this.#counts) };
  }
}

class CountFold implements Fold {
  readonly #counts: Float64Array;

  constructor(cells: number) {
    this.#counts = new Float64Array(cells);
  }

  addRow(_values: Float64Array, kinds: Uint8Array, from: number, to: number, steps: number): void {
    const counts = this.#counts;
    for (let k = 0; k < steps; k++) if (kinds[from + k] !== ABSENT) counts[to + k]++;
  }

  finish() {
    return { values: this.#counts, kinds: kindsOf(this.#counts) };
  }
}

/** 1 wherever anything is. */
class GroupFold extends CountFold {
  override finish() {
    const { kinds } = super.finish();
    return { values: Float64Array.from(kinds), kinds };
  }
}

/** The largest or, with sign -1, the smallest; NaN only where there is nothing else. */
class ExtremeFold implements Fold {
  readonly #values: Float64Array;
  readonly #kinds: Uint8Array;
  readonly #sign: 1 | -1;

  constructor(cells: number, sign: 1 | -1) {
    this.#values = new Float64Array(cells);
    this.#kinds = new Uint8Array(cells);
    this.#sign = sign;
  }

  addRow(values: Float64Array, kinds: Uint8Array, from: number, to: number, steps: number): void {
    const best = this.#values;
    const seen = this.#kinds;
    const sign = this.#sign;
    for (let k = 0; k < steps; k++) {
      if (kinds[from + k] === ABSENT) continue;
      const value = values[from + k];
      const cell = to + k;
      const known = best[cell];
      if (seen[cell] === ABSENT || known * sign < value * sign || Number.isNaN(known)) best[cell] = value;
      seen[cell] = FLOAT;
    }
  }

  finish() {
    return { values: this.#values, kinds: this.#kinds };
  }
}

/** Welford's method. */
class VarianceFold implements Fold {
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  readonly #counts: Float64Array;
  readonly #result: (variance: number) => number;

  constructor(cells: number, result: (variance: number) => number) {
    this.#means = new Float64Array(cells);
    this.#squares = new Float64Array(cells);
    this.#counts = new Float64Array(cells);
    this.#result = result;
  }

  addRow(values: Float64Array, kinds: Uint8Array, from: number, to: number, steps: number): void {
    for (let k = 0; k < steps; k++) {
      if (kinds[from + k] === ABSENT) continue;
      const value = values[from + k];
      const cell = to + k;
      const count = ++this.#counts[cell];
      if (count === 1) {
        this.#means[cell] = value;
        this.#squares[cell] = Number.isFinite(value) ? 0 : NaN;
        continue;
      }
      const delta = value - this.#means[cell];
      this.#means[cell] += delta / count;
      this.#squares[cell] += delta * (value - this.#means[cell]);
    }
  }

  finish() {
    const values = this.#squares;
    for (let cell = 0; cell < values.length; cell++) values[cell] = this.#result(values[cell] / this.#counts[cell]);
    return { values, kinds: kindsOf(this.#counts) };
  }
}
