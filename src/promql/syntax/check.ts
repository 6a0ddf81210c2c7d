import { compileMatch } from '../../lib/text/match.ts';
import type {
  Aggregation,
  BinaryExpr,
  BinaryOp,
  Call,
  Expr,
  PosRange,
  Subquery,
  UnaryExpr,
  ValueType,
  VectorSelector,
} from './ast.ts';
import type { FunctionSignature } from './functions-table.ts';
import { FUNCTIONS } from './functions-table.ts';
import { goQuote } from '../text/go-quote.ts';
import { ParseError } from './parse-error.ts';
import { documentedType, typeOf } from './value-type.ts';

/**
 * Sees to it that every part of a tree gets the type it takes, in Prometheus' order and words.
 * @throws {ParseError} for the first fault.
 */
export function check(expr: Expr, text: string): void {
  new Checker(text).visit(expr);
}

export function isComparison(op: BinaryOp): boolean {
  return ['==', '!=', '<', '<=', '>', '>='].includes(op);
}

export function isSetOperator(op: BinaryOp): boolean {
  return op === 'and' || op === 'or' || op === 'unless';
}

/** The last touch to a tree that is still ours: only now it is known which operands are vectors to be matched. */
function settleMatching(expr: { -readonly [K in keyof BinaryExpr]: BinaryExpr[K] }, vectors: boolean): void {
  if (!vectors) expr.matching = undefined;
  else if (isSetOperator(expr.op) && expr.matching !== undefined)
    expr.matching = { ...expr.matching, card: 'many-to-many' };
}

class Checker {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  visit(expr: Expr): ValueType {
    switch (expr.kind) {
      case 'number':
        return 'scalar';
      case 'string':
        return 'string';
      case 'selector':
        return this.#selector(expr, false);
      case 'matrix':
        this.#selector(expr.selector, false);
        return 'matrix';
      case 'subquery':
        return this.#subquery(expr);
      case 'paren':
        return this.visit(expr.expr);
      case 'unary':
        return this.#unary(expr);
      case 'aggregation':
        return this.#aggregation(expr);
      case 'binary':
        return this.#binary(expr);
      case 'call':
        return this.#call(expr);
    }
  }

  #subquery({ expr, pos }: Subquery): ValueType {
    const type = this.visit(expr);
    if (type !== 'vector') this.#fail(`subquery is only allowed on instant vector, got ${type} instead`, pos);
    return 'matrix';
  }

  #unary({ expr, pos }: UnaryExpr): ValueType {
    const type = this.visit(expr);
    if (type === 'scalar' || type === 'vector') return type;
    const got = goQuote(documentedType(type));
    return this.#fail(`unary expression only allowed on expressions of type scalar or instant vector, got ${got}`, pos);
  }

  #expect(expr: Expr, want: ValueType, context: string): void {
    const got = this.visit(expr);
    if (got === want) return;
    this.#fail(`expected type ${documentedType(want)} in ${context}, got ${documentedType(got)}`, expr.pos);
  }

  #aggregation({ expr, param, op }: Aggregation): ValueType {
    this.#expect(expr, 'vector', 'aggregation expression');
    if (param !== undefined) this.#expect(param, op === 'count_values' ? 'string' : 'scalar', 'aggregation parameter');
    return 'vector';
  }

  #binary(expr: BinaryExpr): ValueType {
    const { op, bool, pos } = expr;
    const left = this.visit(expr.left);
    const right = this.visit(expr.right);
    if (bool && !isComparison(op)) {
      this.#fail('bool modifier can only be used on comparison operators', this.#operatorPos(expr));
    }
    if (isComparison(op) && !bool && left === 'scalar' && right === 'scalar') {
      this.#fail('comparisons between scalars must use BOOL modifier', this.#operatorPos(expr));
    }
    this.#includedOnce(expr);
    for (const [side, type] of [
      [expr.left, left],
      [expr.right, right],
    ] as const) {
      if (type === 'scalar' || type === 'vector') continue;
      this.#fail('binary expression must contain only scalar and instant vector types', side.pos);
    }
    if (left === 'vector' && right === 'vector') this.#setOperation(expr);
    else this.#scalarOperation(expr);
    settleMatching(expr, left === 'vector' && right === 'vector');
    if (isSetOperator(op) && (left === 'scalar' || right === 'scalar')) {
      this.#fail(`set operator ${goQuote(op)} not allowed in binary scalar expression`, pos);
    }
    return left === 'scalar' && right === 'scalar' ? 'scalar' : 'vector';
  }

  #includedOnce(expr: BinaryExpr): void {
    const { matching } = expr;
    if (matching?.on !== true) return;
    const twice = matching.labels.find((label) => matching.include.includes(label));
    if (twice === undefined) return;
    this.#fail(`label ${goQuote(twice)} must not occur in ON and GROUP clause at once`, this.#operatorPos(expr));
  }

  #scalarOperation({ matching, pos }: BinaryExpr): void {
    if (matching === undefined) return;
    if (matching.labels.length > 0) this.#fail('vector matching only allowed between instant vectors', pos);
    if (matching.fillLeft !== undefined || matching.fillRight !== undefined) {
      this.#fail('filling in missing series only allowed between instant vectors', pos);
    }
  }

  #setOperation({ op, matching, pos }: BinaryExpr): void {
    if (matching === undefined || !isSetOperator(op)) return;
    if (matching.card === 'many-to-one' || matching.card === 'one-to-many') {
      this.#fail(`no grouping allowed for ${goQuote(op)} operation`, pos);
    }
    if (matching.fillLeft === undefined && matching.fillRight === undefined) return;
    this.#fail('filling in missing series not allowed for set operators', pos);
  }

  /** Between the operands, without the blanks. */
  #operatorPos({ left, right }: BinaryExpr): PosRange {
    const between = this.#text.slice(left.pos.end, right.pos.start);
    const start = left.pos.end + (between.length - between.trimStart().length);
    return { start, end: start + between.trim().length };
  }

  #call(expr: Call): ValueType {
    const signature = FUNCTIONS.get(expr.func);
    if (signature === undefined) this.#fail(`unknown function with name ${goQuote(expr.func)}`, expr.pos);
    this.#countArguments(expr, signature);
    if (expr.func === 'info' && expr.args.length > 1) this.#infoLabels(expr);
    expr.args.forEach((arg, i) => {
      const want = signature.args[Math.min(i, signature.args.length - 1)];
      if (expr.func === 'info' && i === 1 && arg.kind === 'selector') this.#selector(arg, true);
      else this.#expect(arg, want, `call to function ${goQuote(expr.func)}`);
    });
    return signature.returns;
  }

  #countArguments({ args, func, pos }: Call, signature: FunctionSignature): void {
    const { variadic } = signature;
    const count = signature.args.length;
    const tail = `argument(s) in call to ${goQuote(func)}, got ${args.length}`;
    if (variadic === 0 && args.length !== count) this.#fail(`expected ${count} ${tail}`, pos);
    if (variadic === 0) return;
    if (args.length < count - 1) this.#fail(`expected at least ${count - 1} ${tail}`, pos);
    const most = count - 1 + variadic;
    if (variadic > 0 && args.length > most) this.#fail(`expected at most ${most} ${tail}`, pos);
  }

  /** The second argument of `info` is not evaluated: its matchers say which labels to take. */
  #infoLabels({ args, pos }: Call): void {
    const labels = args[1];
    const type = typeOf(labels);
    if (type !== 'vector') {
      this.#fail(`expected type instant vector in call to function "info", got ${documentedType(type)}`, pos);
    }
    if (labels.kind !== 'selector') this.#fail('expected label selectors only', labels.pos);
    if (labels.name !== '') this.#fail('expected label selectors only, got vector selector instead', labels.pos);
  }

  #selector({ name, matchers, pos }: VectorSelector, mayBeEmpty: boolean): ValueType {
    if (name !== '') {
      const second = matchers.slice(0, -1).find((matcher) => matcher.name === '__name__');
      if (second === undefined) return 'vector';
      this.#fail(`metric name must not be set twice: ${goQuote(name)} or ${goQuote(second.value)}`, pos);
    }
    if (mayBeEmpty || matchers.some(({ op, value }) => !compileMatch(op, value)(''))) return 'vector';
    return this.#fail('vector selector must contain at least one non-empty matcher', pos);
  }

  #fail(detail: string, pos: PosRange): never {
    throw new ParseError(detail, pos, this.#text);
  }
}
