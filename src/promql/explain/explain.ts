import type { Expr, ValueType } from '../syntax/ast.ts';
import { childrenOf } from '../syntax/children.ts';
import { estimateCost } from './cost.ts';
import type { CostEstimate, CostOptions } from './cost.ts';
import { findHints } from './hints.ts';
import { describe } from './describe.ts';
import { labelFlow } from './label-flow.ts';
import type { LabelFlow } from './label-flow.ts';
import { print } from '../text/print.ts';
import { typeOf } from '../syntax/value-type.ts';

/** What an expression does, step by step from the inside outwards. */
export interface Explanation {
  readonly expression: string;
  readonly type: ValueType;
  readonly steps: readonly ExplainedStep[];
  /** Labels of the result. */
  readonly labels: LabelFlow;
  readonly cost: CostEstimate;
  /** What looks like a slip, or would surprise. */
  readonly hints: readonly string[];
}

export interface ExplainedStep {
  /** From 1; also its place in `steps`. */
  readonly number: number;
  /** The part of the expression. */
  readonly expression: string;
  readonly words: string;
  readonly type: ValueType;
  readonly labels: LabelFlow;
  /** Numbers of the steps that it works on. */
  readonly inputs: readonly number[];
}

/** Explains an expression in plain words. Pure: nothing is read but the tree. */
export function explain(expr: Expr, options: CostOptions = {}): Explanation {
  const steps: ExplainedStep[] = [];
  addSteps(expr, steps);
  return {
    expression: print(expr),
    type: typeOf(expr),
    steps,
    labels: labelFlow(expr),
    cost: estimateCost(expr, options),
    hints: findHints(expr, options),
  };
}

/** Puts the steps of an expression behind `steps`; gives the number of the last one, undefined where there is nothing to say. */
function addSteps(expr: Expr, steps: ExplainedStep[]): number | undefined {
  if (expr.kind === 'paren') return addSteps(expr.expr, steps);
  if (expr.kind === 'number' || expr.kind === 'string') return undefined;
  const below = expr.kind === 'matrix' ? [] : childrenOf(expr);
  const inputs = below.map((child) => addSteps(child, steps)).filter((input) => input !== undefined);
  const number = steps.length + 1;
  steps.push({
    number,
    expression: print(expr),
    words: describe(expr),
    type: typeOf(expr),
    labels: labelFlow(expr),
    inputs,
  });
  return number;
}
