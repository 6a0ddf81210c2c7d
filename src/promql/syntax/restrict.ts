import type { Matcher } from '../../model/matcher.ts';
import type { Expr, VectorSelector } from './ast.ts';
import { childrenOf } from './children.ts';
import { parse } from './parse.ts';
import { print } from '../text/print.ts';

/**
 * As `restrict`, from text to text. What comes out is read again and looked at, so that no fault of the printer lets
 * anybody read more.
 * @throws {Error} for a text that is no expression, and as `restrict`
 */
export function restrictText(text: string, matchers: readonly Matcher[]): string {
  const restricted = print(restrict(parse(text), matchers));
  if (!isRestricted(parse(restricted), matchers)) throw new Error('BUG: a selector lost its matchers');
  return restricted;
}

/**
 * The expression over no more series than satisfy `matchers` as well: they are added to every selector, those of subqueries
 * and parameters included.
 * @throws {Error} for `info`, which reads series that no selector of the text names
 */
export function restrict(expr: Expr, matchers: readonly Matcher[]): Expr {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr;
    case 'selector':
      return restrictSelector(expr, matchers);
    case 'matrix':
      return { ...expr, selector: restrictSelector(expr.selector, matchers) };
    case 'subquery':
    case 'paren':
    case 'unary':
      return { ...expr, expr: restrict(expr.expr, matchers) };
    case 'aggregation': {
      const param = expr.param === undefined ? undefined : restrict(expr.param, matchers);
      return { ...expr, param, expr: restrict(expr.expr, matchers) };
    }
    case 'binary':
      return { ...expr, left: restrict(expr.left, matchers), right: restrict(expr.right, matchers) };
    case 'call':
      if (expr.func === 'info') throw new Error('info() is not open to a caller who may read some series only');
      return { ...expr, args: expr.args.map((arg) => restrict(arg, matchers)) };
  }
}

/** Whether every selector of the expression has all the matchers. */
function isRestricted(expr: Expr, matchers: readonly Matcher[]): boolean {
  if (expr.kind !== 'selector') return childrenOf(expr).every((child) => isRestricted(child, matchers));
  return matchers.every(({ name, op, value }) =>
    expr.matchers.some((own) => own.name === name && own.op === op && own.value === value),
  );
}

function restrictSelector(selector: VectorSelector, matchers: readonly Matcher[]): VectorSelector {
  return { ...selector, matchers: [...selector.matchers, ...matchers] };
}
