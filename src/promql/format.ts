import type { Expr } from './ast.ts';
import { print, printAggregationHead, printOperator, printSubquerySuffix } from './print.ts';

/** Widest line, in bytes of UTF-8, that is not broken where it can be. */
const MAX_WIDTH = 100;

/** The expression broken into indented lines where it is too wide for one, as `promtool promql format` does it. */
export function format(expr: Expr): string {
  return formatAt(expr, 0);
}

function formatAt(expr: Expr, level: number): string {
  const indent = '  '.repeat(level);
  const line = print(expr);
  const fits = line.length <= MAX_WIDTH && Buffer.byteLength(line) <= MAX_WIDTH;
  switch (expr.kind) {
    // A sign and a range hug what they belong to, also where that is broken.
    case 'unary':
      return indent + expr.op + formatAt(expr.expr, level).trim();
    case 'subquery':
      return fits ? indent + line : formatAt(expr.expr, level) + printSubquerySuffix(expr);
  }
  if (fits) return indent + line;
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
      return indent + line;
  }
}

function block(head: string, inner: readonly Expr[], level: number): string {
  const lines = inner.map((expr) => formatAt(expr, level + 1));
  return `${head}(\n${lines.join(',\n')}\n${'  '.repeat(level)})`;
}
