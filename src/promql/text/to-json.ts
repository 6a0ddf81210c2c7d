import type { DurationExpr, DurationValue, Expr, Modifiers, VectorMatching, VectorSelector } from '../syntax/ast.ts';
import { formatFloat } from './go-float.ts';
import { toWellFormed } from './go-quote.ts';
import { FUNCTIONS } from '../syntax/functions-table.ts';

/** The tree as `/api/v1/parse_query` of Prometheus answers it. */
export function toJson(expr: Expr): Record<string, unknown> {
  switch (expr.kind) {
    case 'number':
      return { type: 'numberLiteral', val: formatFloat(expr.value) };
    case 'string':
      return { type: 'stringLiteral', val: toWellFormed(expr.value) };
    case 'selector':
      return { type: 'vectorSelector', ...selectorJson(expr) };
    case 'matrix':
      return { type: 'matrixSelector', ...selectorJson(expr.selector), ...durationJson('range', expr.range) };
    case 'subquery':
      return {
        type: 'subquery',
        expr: toJson(expr.expr),
        ...durationJson('range', expr.range),
        ...durationJson('step', expr.step ?? 0),
        ...modifiersJson(expr),
      };
    case 'paren':
      return { type: 'parenExpr', expr: toJson(expr.expr) };
    case 'unary':
      return { type: 'unaryExpr', op: expr.op, expr: toJson(expr.expr) };
    case 'call':
      return { type: 'call', func: signatureJson(expr.func), args: expr.args.map(toJson) };
    case 'aggregation':
      return {
        type: 'aggregation',
        op: expr.op,
        expr: toJson(expr.expr),
        param: expr.param === undefined ? null : toJson(expr.param),
        grouping: expr.grouping,
        without: expr.without,
      };
    case 'binary':
      return {
        type: 'binaryExpr',
        op: expr.op,
        lhs: toJson(expr.left),
        rhs: toJson(expr.right),
        matching: expr.matching === undefined ? null : matchingJson(expr.matching),
        bool: expr.bool,
      };
  }
}

function selectorJson(expr: VectorSelector): Record<string, unknown> {
  return {
    name: expr.name,
    matchers: expr.matchers.map(({ name, op, value }) => ({ name, type: op, value: toWellFormed(value) })),
    ...modifiersJson(expr),
    anchored: expr.extension === 'anchored',
    smoothed: expr.extension === 'smoothed',
  };
}

function modifiersJson({ offset, at }: Modifiers): Record<string, unknown> {
  return {
    ...durationJson('offset', offset),
    timestamp: typeof at === 'number' ? at : null,
    startOrEnd: typeof at === 'string' ? at : null,
  };
}

function durationJson(key: string, value: DurationValue): Record<string, unknown> {
  if (typeof value === 'number') return { [key]: value, [`${key}Expr`]: null };
  return { [key]: 0, [`${key}Expr`]: durationExprJson(value) };
}

function durationExprJson(expr: DurationExpr, wrapped = false): Record<string, unknown> {
  const node = (op: string, lhs: DurationExpr | null, rhs: DurationExpr | null): Record<string, unknown> => ({
    type: 'durationExpr',
    op,
    lhs: lhs && durationExprJson(lhs),
    rhs: rhs && durationExprJson(rhs),
    wrapped,
  });
  switch (expr.kind) {
    case 'literal':
      // Prometheus has no place for parentheses on a literal, and puts a plus in front to have one.
      if (wrapped) return node('+', null, expr);
      return { type: 'numberLiteral', val: formatFloat(expr.seconds), duration: expr.duration };
    case 'paren':
      return durationExprJson(expr.expr, true);
    case 'step':
    case 'range':
      return node(expr.kind, null, null);
    case 'min':
    case 'max':
      return node(`${expr.kind}_of`, expr.left, expr.right);
    case 'unary':
      return node(expr.op, null, expr.expr);
    case 'binary':
      return node(expr.op, expr.left, expr.right);
  }
}

function signatureJson(name: string): Record<string, unknown> {
  const signature = FUNCTIONS.get(name);
  return {
    name,
    argTypes: signature?.args ?? [],
    variadic: signature?.variadic ?? 0,
    returnType: signature?.returns ?? 'vector',
  };
}

function matchingJson(matching: VectorMatching): Record<string, unknown> {
  return {
    card: matching.card,
    labels: matching.labels,
    on: matching.on,
    include: matching.include,
    fillValues: { lhs: matching.fillLeft ?? null, rhs: matching.fillRight ?? null },
  };
}
