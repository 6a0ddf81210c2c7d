import type { Matcher } from '../../model/matcher.ts';
import type { Expr } from './ast.ts';
import { childrenOf } from './children.ts';

/** The matchers of every selector in an expression, in the order of the text. */
export function selectorsOf(expr: Expr): readonly (readonly Matcher[])[] {
  return expr.kind === 'selector' ? [expr.matchers] : childrenOf(expr).flatMap(selectorsOf);
}
