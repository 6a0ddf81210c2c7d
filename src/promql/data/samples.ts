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
  current = 0;
  peak = 0;
  looked: Looked = { total: 0, read: 0 };
  /** Absent unless asked for. */
  byStep: LookedByStep | undefined;

  constructor(max: number, steps: number | undefined) {
    this.max = max;
    this.byStep = steps === undefined ? undefined : new LookedByStep(steps);
  }

  /** @throws {QueryError} when the query now holds more than it may. */
  hold(count: number): void {
    this.current += count;
    if (this.current > this.peak) this.peak = this.current;
    if (this.current > this.max) throw tooManySamples();
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

export function tooManySamples(): QueryError {
  return new QueryError('execution', 'query processing would load too many samples into memory in query execution');
}
