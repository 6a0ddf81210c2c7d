import type { DurationExpr, DurationValue } from './ast.ts';
import { QueryError } from '../errors.ts';
import { goPow } from '../functions/math.ts';

/** What `step()` and `range()` stand for in a duration expression, in milliseconds. */
export interface QueryTimes {
  readonly step: number;
  readonly range: number;
  /** The query, where it came as text. */
  readonly text: string | undefined;
}

/** Prometheus holds durations as nanoseconds in 64 bits. */
const MOST_SECONDS = 2 ** 63 / 1e9;

/**
 * A duration in milliseconds, worked out for the query at hand.
 * @throws {QueryError} for a division by zero, and where `positive` is asked for and the result is not.
 */
export function resolveDuration(value: DurationValue, times: QueryTimes, positive: boolean): number {
  if (typeof value === 'number') return value;
  const seconds = evaluate(value, times);
  if (!Number.isFinite(seconds)) refuse(value, times, 'duration is NaN or infinite');
  if (seconds <= 0 && positive) refuse(value, times, 'duration must be greater than 0');
  if (Math.abs(seconds) > MOST_SECONDS) refuse(value, times, 'duration is out of range');
  return Math.trunc(seconds * 1000);
}

/** Prometheus puts the place in front, in bytes from the start of the query to both ends. */
function refuse({ pos }: DurationExpr, { text }: QueryTimes, problem: string): never {
  const bytesTo = (place: number) => Buffer.byteLength((text ?? '').slice(0, place));
  const place = text === undefined ? '' : `${bytesTo(pos.start)}:${bytesTo(pos.end)}: `;
  throw new QueryError('bad_data', place + problem);
}

function evaluate(expr: DurationExpr, times: QueryTimes): number {
  switch (expr.kind) {
    case 'literal':
      return expr.seconds;
    case 'step':
      return times.step / 1000;
    case 'range':
      return times.range / 1000;
    case 'paren':
      return evaluate(expr.expr, times);
    case 'unary':
      return expr.op === '-' ? -evaluate(expr.expr, times) : evaluate(expr.expr, times);
    case 'min':
      return Math.min(evaluate(expr.left, times), evaluate(expr.right, times));
    case 'max':
      return Math.max(evaluate(expr.left, times), evaluate(expr.right, times));
    case 'binary':
      return calculate(expr, evaluate(expr.left, times), evaluate(expr.right, times), times);
  }
}

function calculate(
  expr: Extract<DurationExpr, { kind: 'binary' }>,
  left: number,
  right: number,
  times: QueryTimes,
): number {
  switch (expr.op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      if (right === 0) refuse(expr, times, 'division by zero');
      return left / right;
    case '%':
      if (right === 0) refuse(expr, times, 'modulo by zero');
      return left % right;
    case '^':
      return goPow(left, right);
  }
}
