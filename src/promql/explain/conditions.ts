import type { BinaryOp, Expr, VectorSelector } from '../syntax/ast.ts';
import { childrenOf } from '../syntax/children.ts';
import { typeOf } from '../syntax/value-type.ts';
import { print } from '../text/print.ts';

/** A comparison that leaves out series: `left op right`, with the vector on the left. */
export interface Condition {
  readonly left: string;
  readonly op: BinaryOp;
  readonly right: string;
  /** Whether the right side is one number for all series. */
  readonly scalar: boolean;
}

const FLIPPED: Readonly<Partial<Record<BinaryOp, BinaryOp>>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
};

/** The comparisons of an expression that decide whether it returns series, in the order of the text; `bool` ones do not. */
export function conditionsOf(expr: Expr): Condition[] {
  const inner = childrenOf(expr).flatMap(conditionsOf);
  if (expr.kind !== 'binary' || expr.bool) return inner;
  const flipped = FLIPPED[expr.op];
  if (flipped === undefined || typeOf(expr) === 'scalar') return inner;
  const [left, right] = [print(expr.left), print(expr.right)];
  if (typeOf(expr.left) === 'scalar') return [...inner, { left: right, op: flipped, right: left, scalar: true }];
  return [...inner, { left, op: expr.op, right, scalar: typeOf(expr.right) === 'scalar' }];
}

/** Every selector of an expression in the order of the text, each text once. */
export function distinctSelectors(expr: Expr): VectorSelector[] {
  const byText = new Map(allSelectors(expr).map((selector) => [print(selector), selector]));
  return [...byText.values()];
}

function allSelectors(expr: Expr): VectorSelector[] {
  return expr.kind === 'selector' ? [expr] : childrenOf(expr).flatMap(allSelectors);
}
