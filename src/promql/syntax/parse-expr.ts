import type { AggregateOp, Aggregation, BinaryExpr, BinaryOp, Call, Expr } from './ast.ts';
import { FUNCTIONS } from './functions-table.ts';
import { goQuote, goUnquote } from '../text/go-quote.ts';
import { parseBinaryModifiers, parseGrouping } from './parse-matching.ts';
import { parseModifiers } from './parse-modifiers.ts';
import { parseLiteral } from './parse-literal.ts';
import { parseSelector } from './parse-selector.ts';
import type { ParserState } from './parser-state.ts';
import { isAggregator, isMetricName, startsOperand } from './token.ts';
import type { Token } from './token.ts';

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['or', 1],
  ...['and', 'unless'].map((op) => [op, 2] as const),
  ...['==', '!=', '<', '<=', '>', '>=', '</', '>/'].map((op) => [op, 3] as const),
  ...['+', '-'].map((op) => [op, 4] as const),
  ...['*', '/', '%', 'atan2'].map((op) => [op, 5] as const),
  ['^', 6],
]);
const POWER = 6;

/**
 * Reads operands and the operators between them that bind at least as tightly as `weakest` (precedence climbing).
 * `^` groups to the right, all others to the left.
 */
export function parseExpr(p: ParserState, weakest = 1): Expr {
  return p.nest(() => {
    let left = parseOperand(p);
    for (;;) {
      const precedence = PRECEDENCE.get(p.peek().type);
      if (precedence === undefined || precedence < weakest) return left;
      left = parseBinary(p, left, precedence);
    }
  });
}

function parseBinary(p: ParserState, left: Expr, precedence: number): BinaryExpr {
  const leftHeight = p.height;
  const op = p.next().type as BinaryOp;
  const { bool, matching } = parseBinaryModifiers(p);
  const right = parseExpr(p, precedence === POWER ? POWER : precedence + 1);
  p.grow(Math.max(leftHeight, p.height));
  const pos = { start: left.pos.start, end: right.pos.end };
  const filled = matching.fillLeft !== undefined || matching.fillRight !== undefined;
  if (filled && !p.features['promql-binop-fill-modifiers']) {
    p.fail('binop fill modifiers are experimental and not enabled', pos);
  }
  return { kind: 'binary', op, left, right, bool, matching, pos };
}

function parseOperand(p: ParserState): Expr {
  const token = p.peek();
  if (token.type === '+' || token.type === '-') return parseUnary(p, token.type);
  return parseModifiers(p, parsePrimary(p));
}

/** The sign binds weaker than `^` (`-1 ^ 2` is -1), and becomes part of a number that stands right behind it. */
function parseUnary(p: ParserState, op: '+' | '-'): Expr {
  const { start } = p.next();
  const expr = parseExpr(p, POWER);
  const pos = { start, end: expr.pos.end };
  if (expr.kind === 'number') return { ...expr, value: op === '-' ? -expr.value : expr.value, pos };
  p.grow(p.height);
  return { kind: 'unary', op, expr, pos };
}

function parsePrimary(p: ParserState): Expr {
  const token = p.peek();
  p.height = 1;
  if (token.type === 'number' || token.type === 'duration') return parseLiteral(p);
  if (token.type === 'string') {
    p.next();
    return { kind: 'string', value: goUnquote(token.text), pos: { start: token.start, end: token.end } };
  }
  if (token.type === '(') return parseParen(p);
  if (token.type === '{') return parseSelector(p, undefined);
  if (!isMetricName(token.type)) p.unexpected();
  return parseNamed(p, p.next());
}

function parseParen(p: ParserState): Expr {
  const { start } = p.next();
  const expr = parseExpr(p);
  p.expect(')');
  p.grow(p.height);
  return { kind: 'paren', expr, pos: { start, end: p.end } };
}

/** What follows a name decides what it names: an aggregation, a function, or a metric. */
function parseNamed(p: ParserState, name: Token): Expr {
  const follower = p.peek().type;
  const { type } = name;
  if (isAggregator(type) && (follower === '(' || follower === 'by' || follower === 'without')) {
    return p.within('aggregation', '', () => parseAggregation(p, name, type));
  }
  if (follower === '(' && isFunctionName(type)) return parseCall(p, name);
  return parseSelector(p, name);
}

function isFunctionName(type: Token['type']): boolean {
  return ['identifier', 'start', 'end', 'step', 'range', 'min_of', 'max_of'].includes(type);
}

const WITH_PARAMETER: ReadonlySet<string> = new Set([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);

/** Whether an aggregation takes a parameter in front of its vector. */
export function takesParameter(op: AggregateOp): boolean {
  return WITH_PARAMETER.has(op);
}

function parseAggregation(p: ParserState, name: Token, op: AggregateOp): Aggregation {
  let grouping = parseGroupingClause(p);
  const args = parseArguments(p);
  // Behind the arguments it is decided what the construct is, so a wrong token there is no longer its own.
  grouping ??= parseGroupingClause(p);
  p.grow(p.height);
  const pos = { start: name.start, end: p.end };
  if (args.length === 0) p.fail('no arguments for aggregate expression provided', pos);
  if ((op === 'limitk' || op === 'limit_ratio') && !p.features['promql-experimental-functions']) {
    p.fail(`${op}() is experimental and must be enabled with --enable-feature=promql-experimental-functions`, pos);
  }
  const wanted = takesParameter(op) ? 2 : 1;
  if (args.length !== wanted) {
    p.fail(`wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`, pos);
  }
  return {
    kind: 'aggregation',
    op,
    expr: args[wanted - 1],
    param: wanted === 2 ? args[0] : undefined,
    grouping: grouping?.labels ?? [],
    without: grouping?.without ?? false,
    pos,
  };
}

function parseGroupingClause(p: ParserState): { labels: readonly string[]; without: boolean } | undefined {
  const keyword = p.take('by') ?? p.take('without');
  return keyword === undefined ? undefined : { labels: parseGrouping(p), without: keyword.type === 'without' };
}

function parseCall(p: ParserState, name: Token): Call {
  const args = parseArguments(p);
  p.grow(p.height);
  const signature = FUNCTIONS.get(name.text);
  if (signature === undefined) p.fail(`unknown function with name ${goQuote(name.text)}`, name);
  if (signature.experimental && !p.features['promql-experimental-functions']) {
    p.fail(`function ${goQuote(name.text)} is not enabled`, name);
  }
  return { kind: 'call', func: name.text, args, pos: { start: name.start, end: p.end } };
}

/** `(a, b)`. Leaves in `p.height` that of the highest argument. */
function parseArguments(p: ParserState): Expr[] {
  p.expect('(');
  const args: Expr[] = [];
  let height = 0;
  p.height = 0;
  if (p.take(')') !== undefined) return args;
  for (;;) {
    args.push(parseExpr(p));
    height = Math.max(height, p.height);
    const comma = p.peek();
    if (p.take(')') !== undefined) break;
    p.expect(',');
    if (!startsOperand(p.peek().type)) p.fail('trailing commas not allowed in function call args', comma);
  }
  p.height = height;
  return args;
}
