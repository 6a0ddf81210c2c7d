import type { Expr, ValueType } from './ast.ts';
import { FUNCTIONS } from './functions-table.ts';

/** What an expression evaluates to. */
export function typeOf(expr: Expr): ValueType {
  let at = expr;
  for (;;) {
    switch (at.kind) {
      case 'number':
        return 'scalar';
      case 'string':
        return 'string';
      case 'selector':
      case 'aggregation':
        return 'vector';
      case 'matrix':
      case 'subquery':
        return 'matrix';
      case 'call':
        return FUNCTIONS.get(at.func)?.returns ?? 'vector';
      case 'paren':
      case 'unary':
        at = at.expr;
        break;
      case 'binary':
        if (typeOf(at.right) !== 'scalar') return 'vector';
        at = at.left;
        // Left of a scalar decides: a vector or what is wrong anyway gives a vector, as in Prometheus.
        return typeOf(at) === 'scalar' ? 'scalar' : 'vector';
    }
  }
}

/** The word that the documentation and the complaints use. */
export function documentedType(type: ValueType): string {
  if (type === 'vector') return 'instant vector';
  return type === 'matrix' ? 'range vector' : type;
}
