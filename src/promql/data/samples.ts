import { QueryError } from '../errors.ts';

/** Samples that were looked at in storage. */
export interface Looked {
  /** Those of overlapping ranges each time. */
  total: number;
  /** Each once as the query goes along, those inside subqueries too. */
  read: number;
}

/** The same by step of what is evaluated. */
export class LookedByStep {
  readonly total: Float64Array;
  readonly read: Float64Array;

  constructor(steps: number) {
    this.total = new Float64Array(steps);
    this.read = new Float64Array(steps);
  }

  add(k: number, total: number, read: number): void {
    this.total[k] += total;
    this.read[k] += read;
  }
}

/** Samples that a query holds in memory and looks at, counted as Prometheus counts them: a float is one, a histogram several. */
export class SampleCount {
  readonly max: number;
  /** The most cells, and the most characters of made label values, that may be held at a time. */
  readonly maxCells: number;
  current = 0;
  peak = 0;
  /** Cells of the matrices that are held, empty ones too. */
  cells = 0;
  #characters = 0;
  looked: Looked = { total: 0, read: 0 };
  /** Absent unless asked for. */
  byStep: LookedByStep | undefined;

  constructor(max: number, steps: number | undefined) {
    this.max = max;
    this.maxCells = Math.max(FEWEST_CELLS, 2 * max);
    this.byStep = steps === undefined ? undefined : new LookedByStep(steps);
  }

  /** @throws {QueryError} when the query now holds more than it may. */
  hold(count: number): void {
    this.current += count;
    if (this.current > this.peak) this.peak = this.current;
    if (this.current > this.max) throw tooManySamples();
  }

  /**
   * Counts a matrix before it is made, for a sparse one takes as much memory as a full one.
   * @throws {QueryError} when it does not fit beside those that are held.
   */
  makeCells(rows: number, steps: number): void {
    this.cells += rows * steps;
    if (this.cells > this.maxCells) throw tooManyCells(rows, steps, this.maxCells);
  }

  /** Of the matrices made since `before`, only one of `rows` is held on. */
  settleCells(before: number, rows: number, steps: number): void {
    this.cells = before;
    this.makeCells(rows, steps);
  }

  /**
   * Counts the characters of a label value that the query makes; they are held to its end.
   * @throws {QueryError} when all of them together are more than fit.
   */
  makeText(characters: number): void {
    this.#characters += characters;
    if (this.#characters > MAX_CHARACTERS)
      throw new QueryError(
        'execution',
        `the query makes label values of more than ${MAX_CHARACTERS} characters together`,
      );
  }

  /** What was held since `before` is let go, but for `kept`. */
  settle(before: number, kept: number): void {
    this.current = before;
    this.hold(kept);
  }

  /** Evaluates something over `steps` of its own, and tells what was looked at for it, which is not counted yet. */
  async apart<T>(
    steps: number,
    withSteps: boolean,
    evaluate: () => Promise<T>,
  ): Promise<{ result: T; looked: Looked; byStep: LookedByStep | undefined }> {
    const outer = { looked: this.looked, byStep: this.byStep };
    const inner = { looked: { total: 0, read: 0 }, byStep: withSteps ? new LookedByStep(steps) : undefined };
    Object.assign(this, inner);
    const result = await evaluate();
    Object.assign(this, outer);
    return { result, ...inner };
  }

  /** As `apart`, for what gives the same at each of `steps`: it is read once. */
  async once<T>(steps: number, evaluate: () => Promise<T>): Promise<T> {
    const { result, looked } = await this.apart(1, false, evaluate);
    this.looked.total += looked.total * steps;
    this.looked.read += looked.read;
    for (let k = 0; this.byStep !== undefined && k < steps; k++) {
      this.byStep.add(k, looked.total, k === 0 ? looked.read : 0);
    }
    return result;
  }
}

/** A limit on samples that is set low is not meant for cells that hold none. */
const FEWEST_CELLS = 4_000_000;

/** Characters of all label values that one query may make. */
const MAX_CHARACTERS = 128 * 1024 * 1024;

function tooManyCells(rows: number, steps: number, max: number): QueryError {
  const words = `${rows} series at ${steps} steps; with what is held already more than ${max} cells`;
  return new QueryError(
    'execution',
    `query processing would load too many samples into memory in query execution: ${words}`,
  );
}

export function tooManySamples(): QueryError {
  return new QueryError('execution', 'query processing would load too many samples into memory in query execution');
}
