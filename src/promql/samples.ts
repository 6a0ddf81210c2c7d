import { QueryError } from './errors.ts';

/**
 * Samples that a query holds in memory, counted as Prometheus counts them: a float is one, a histogram several.
 * `total` is what was looked at in storage, which `stats=all` shows.
 */
export class SampleCount {
  readonly max: number;
  current = 0;
  peak = 0;
  total = 0;
  /** `total` by step of the query; absent unless asked for. */
  readonly perStep: Float64Array | undefined;

  constructor(max: number, steps: number | undefined) {
    this.max = max;
    this.perStep = steps === undefined ? undefined : new Float64Array(steps);
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
}

export function tooManySamples(): QueryError {
  return new QueryError('execution', 'query processing would load too many samples into memory in query execution');
}
