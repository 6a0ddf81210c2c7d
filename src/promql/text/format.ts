import type { Expr } from '../syntax/ast.ts';
import { childrenOf } from '../syntax/children.ts';
import { print, printAggregationHead, printOperator, printSubquerySuffix } from './print.ts';

/** Widest line, in bytes of UTF-8, that is not broken where it can be. */
const MAX_WIDTH = 100;

/** The expression broken into indented lines where it is too wide for one, as `promtool promql format` does it. */
export function format(expr: Expr): string {
  return formatAt(expr, 0);
}

function formatAt(expr: Expr, level: number): string {
  const indent = '  '.repeat(level);
  const line = lineOf(expr);
  switch (expr.kind) {
    // A sign hugs what it belongs to, also where that is broken.
    case 'unary':
      return indent + expr.op + formatAt(expr.expr, level).trim();
    // Prometheus does not indent a subquery that needs no breaking, and its format is the one to keep.
    case 'subquery':
      return line ?? formatAt(expr.expr, level) + printSubquerySuffix(expr);
  }
  if (line !== undefined) return indent + line;
  switch (expr.kind) {
    case 'aggregation': {
      const args = expr.param === undefined ? [expr.expr] : [expr.param, expr.expr];
      return block(indent + printAggregationHead(expr), args, level);
    }
    case 'call':
      return block(indent + expr.func, expr.args, level);
    case 'paren':
      return block(indent, [expr.expr], level);
    case 'binary':
      return `${formatAt(expr.left, level + 1)}\n${indent}${printOperator(expr)}\n${formatAt(expr.right, level + 1)}`;
    default:
      return indent + print(expr);
  }
}

/** The expression on one line, or undefined where that is too wide. */
function lineOf(expr: Expr): string | undefined {
  if (hasMoreNodes(expr, MAX_WIDTH)) return undefined;
  const line = print(expr);
  return line.length <= MAX_WIDTH && Buffer.byteLength(line) <= MAX_WIDTH ? line : undefined;
}

/** Each node prints at least one character, so a big tree need not be printed to be known as wide. */
function hasMoreNodes(expr: Expr, limit: number): boolean {
  const waiting = [expr];
  for (let seen = 0; seen <= limit; seen++) {
    const next = waiting.pop();
    if (next === undefined) return false;
    for (const child of childrenOf(next).slice(0, limit + 1)) waiting.push(child);
  }
  return true;
}

function block(head: string, inner: readonly Expr[], level: number): string {
  const lines = inner.map((expr) => formatAt(expr, level + 1));
  return `${head}(\n${lines.join(',\n')}\n${'  '.repeat(level)})`;
}
