import type { FloatHistogram } from '../../model/sample.ts';
import type { Annotations } from '../annotations.ts';
import { text } from '../annotations.ts';
import type { BinaryOp, PosRange } from '../syntax/ast.ts';
import {
  IncompatibleSchemaError,
  add,
  compact,
  divide,
  equals,
  multiply,
  sub,
  trimLower,
  trimUpper,
  withHint,
} from '../histogram/index.ts';
import { ARITHMETIC, COMPARISON } from './operators.ts';

/** A sample: a histogram where there is one, else the float. */
export interface Cell {
  readonly float: number;
  readonly histogram: FloatHistogram | undefined;
}

/** What an operator makes of two samples. `keep` is what a comparison says, and true of everything else. */
export interface CellResult extends Cell {
  readonly keep: boolean;
}

/** What one operation says: as in Prometheus, at each step only of the last pair that gave cause. */
export class StepNotes {
  readonly #last: ({ level: 'warning' | 'info'; text: string; order: number } | undefined)[] = [];
  /** Where the pair at hand belongs. */
  step = 0;
  order = 0;

  put(level: 'warning' | 'info', text: string): void {
    const { step, order } = this;
    const known = this.#last[step];
    if (known === undefined || known.order <= order) this.#last[step] = { level, text, order };
  }

  tell(notes: Annotations, pos: PosRange): void {
    for (const note of this.#last) {
      if (note?.level === 'warning') notes.warn(note.text, pos);
      else if (note !== undefined) notes.inform(note.text, pos);
    }
  }
}

/**
 * Applies operators to samples of either kind and tells what does not go together. undefined: there is no result.
 * (Floats alone take a faster way where whole rows of them meet.)
 */
export class CellOperator {
  readonly #op: BinaryOp;
  readonly #notes: StepNotes;

  constructor(op: BinaryOp, notes: StepNotes) {
    this.#op = op;
    this.#notes = notes;
  }

  apply(left: Cell, right: Cell): CellResult | undefined {
    try {
      if (left.histogram === undefined && right.histogram === undefined) return this.#floats(left.float, right.float);
      if (left.histogram === undefined) return this.#floatHistogram(left.float, right.histogram as FloatHistogram);
      if (right.histogram === undefined) return this.#histogramFloat(left.histogram, right.float);
      return this.#histograms(left.histogram, right.histogram);
    } catch (error) {
      if (!(error instanceof IncompatibleSchemaError)) throw error;
      this.#notes.put('warning', text.incompatibleBuckets(this.#op));
      return undefined;
    }
  }

  #floats(left: number, right: number): CellResult | undefined {
    const calculate = ARITHMETIC.get(this.#op);
    if (calculate !== undefined) return { float: calculate(left, right), histogram: undefined, keep: true };
    const compare = COMPARISON.get(this.#op);
    if (compare !== undefined) return { float: left, histogram: undefined, keep: compare(left, right) };
    return this.#refuse('float', 'float');
  }

  #floatHistogram(left: number, right: FloatHistogram): CellResult | undefined {
    return this.#op === '*' ? kept(compact(multiply(right, left))) : this.#refuse('float', 'histogram');
  }

  #histogramFloat(left: FloatHistogram, right: number): CellResult | undefined {
    switch (this.#op) {
      case '*':
        return kept(compact(multiply(left, right)));
      case '/':
        return kept(compact(divide(left, right)));
      case '</':
        return kept(trimUpper(left, right));
      case '>/':
        return kept(trimLower(left, right));
      default:
        return this.#refuse('histogram', 'float');
    }
  }

  #histograms(left: FloatHistogram, right: FloatHistogram): CellResult | undefined {
    switch (this.#op) {
      case '+': {
        const sum = add(left, right);
        this.#tell(sum, 'addition');
        return kept(compact(sum.histogram));
      }
      case '-': {
        const difference = sub(left, right);
        this.#tell(difference, 'subtraction');
        return kept(compact(withHint(difference.histogram, 'gauge')));
      }
      case '==':
        return { float: 0, histogram: left, keep: equals(left, right) };
      case '!=':
        return { float: 0, histogram: left, keep: !equals(left, right) };
      default:
        return this.#refuse('histogram', 'histogram');
    }
  }

  #tell(
    sum: { readonly counterResetCollision: boolean; readonly boundsReconciled: boolean },
    operation: 'addition' | 'subtraction',
  ): void {
    if (sum.boundsReconciled) this.#notes.put('info', text.reconciledBuckets(operation));
    if (sum.counterResetCollision) this.#notes.put('warning', text.counterResetCollision(operation));
  }

  #refuse(left: string, right: string): undefined {
    this.#notes.put('info', text.incompatibleTypes(left, this.#op, right));
    return undefined;
  }
}

function kept(histogram: FloatHistogram): CellResult {
  return { float: 0, histogram, keep: true };
}
