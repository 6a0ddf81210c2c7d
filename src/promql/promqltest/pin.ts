import type { Expr, VectorSelector } from '../syntax/ast.ts';
import { childrenOf } from '../syntax/children.ts';

/** Functions whose answer depends on the time of the evaluation, or on that of the samples, whatever their argument. */
const TIME_BOUND: ReadonlySet<string> = new Set([
  'days_in_month',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'end',
  'hour',
  'minute',
  'month',
  'year',
  'predict_linear',
  'range',
  'start',
  'step',
  'time',
  'timestamp',
]);

/**
 * The expression with each selector that names no time behind `@` fixed to `time` (milliseconds), so that it gives the same
 * whenever it is evaluated; `@ start()` and `@ end()` of an instant query are that time too. A subquery is fixed as a whole.
 * undefined where a function in it depends on the time all the same.
 */
export function pin(expr: Expr, time: number): Expr | undefined {
  return dependsOnTime(expr) ? undefined : pinned(expr, time);
}

function dependsOnTime(expr: Expr): boolean {
  if (expr.kind === 'call' && TIME_BOUND.has(expr.func)) return true;
  // The times inside a subquery are fixed with it.
  if (expr.kind === 'subquery') return false;
  return childrenOf(expr).some(dependsOnTime);
}

function pinned(expr: Expr, time: number): Expr {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr;
    case 'selector':
      return pinnedSelector(expr, time);
    case 'matrix':
      return { ...expr, selector: pinnedSelector(expr.selector, time) };
    case 'subquery':
      return { ...expr, at: fixedTo(expr.at, time) };
    case 'unary':
    case 'paren':
      return { ...expr, expr: pinned(expr.expr, time) };
    case 'aggregation':
      return { ...expr, expr: pinned(expr.expr, time), param: expr.param && pinned(expr.param, time) };
    case 'binary':
      return { ...expr, left: pinned(expr.left, time), right: pinned(expr.right, time) };
    case 'call':
      return { ...expr, args: expr.args.map((arg) => pinned(arg, time)) };
  }
}

function pinnedSelector(selector: VectorSelector, time: number): VectorSelector {
  return { ...selector, at: fixedTo(selector.at, time) };
}

function fixedTo(at: VectorSelector['at'], time: number): number {
  return typeof at === 'number' ? at : time;
}
