import type { DurationExpr, DurationValue } from './ast.ts';
import { parseLiteral } from './parse-literal.ts';
import { fitsDuration, secondsToMs } from './parse-number.ts';
import type { ParserState } from './parser-state.ts';
import type { Token } from './token.ts';

/** A duration expression with the place where it begins, for complaints. */
interface Placed {
  readonly expr: DurationExpr;
  readonly start: number;
}

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['+', 4],
  ['-', 4],
  ['*', 5],
  ['/', 5],
  ['%', 5],
  ['^', 6],
]);
const POWER = 6;

/** The range or step in brackets, which must be positive where it is a plain number. */
export function parsePositiveDuration(p: ParserState): DurationValue {
  const { expr, start } = parseArithmetic(p, 4);
  if (expr.kind !== 'literal') return expr;
  if (expr.seconds <= 0) p.fail('duration must be greater than 0', { start, end: p.end });
  const ms = secondsToMs(expr.seconds);
  // Prometheus takes 2^63 nanoseconds, which overflow, for a range of minus 292 years.
  if (ms < 0) p.fail('duration out of range', { start, end: p.end });
  return ms;
}

/**
 * What follows `offset`. A number, a call, or either with one sign ends there: `a offset 5m + 1` adds 1 to `a offset 5m`.
 * Only what begins with a parenthesis or two signs goes on as arithmetic (source: the rule order of Prometheus' grammar).
 */
export function parseOffsetDuration(p: ParserState): DurationValue {
  const { expr } = parseOffset(p);
  return expr.kind === 'literal' ? secondsToMs(expr.seconds) : expr;
}

function parseOffset(p: ParserState): Placed {
  const token = p.peek();
  if (token.type !== '+' && token.type !== '-') {
    return token.type === '(' ? parseArithmetic(p, 4) : parsePrimary(p);
  }
  p.next();
  const after = p.peek().type;
  if (after !== '+' && after !== '-') {
    const { expr, start } = parsePrimary(p);
    // Prometheus keeps the plus in front of a call, but in no other place.
    const call = expr.kind !== 'literal' && expr.kind !== 'paren';
    if (token.type === '+' && call) {
      const pos = { start: token.start, end: expr.pos.end };
      return { expr: { kind: 'unary', op: '+', expr, pos }, start: token.start };
    }
    return signed(token, { expr, start });
  }
  return continueArithmetic(p, signed(token, parseArithmetic(p, POWER)), 4);
}

function parseArithmetic(p: ParserState, weakest: number): Placed {
  return p.nest(() => continueArithmetic(p, parseOperand(p), weakest));
}

function continueArithmetic(p: ParserState, first: Placed, weakest: number): Placed {
  let left = first;
  for (let height = 1; ; height++) {
    const precedence = PRECEDENCE.get(p.peek().type);
    if (precedence === undefined || precedence < weakest) return left;
    p.grow(height);
    const op = p.next();
    const right = parseArithmetic(p, precedence === POWER ? POWER : precedence + 1);
    left = { expr: combine(p, left.expr, op, right.expr), start: left.start };
  }
}

function combine(p: ParserState, left: DurationExpr, op: Token, right: DurationExpr): DurationExpr {
  const zero = right.kind === 'literal' && right.seconds === 0;
  const pos = { start: left.pos.start, end: right.pos.end };
  switch (op.type) {
    case '+':
    case '-':
    case '*':
    case '^':
      return { kind: 'binary', op: op.type, left, right, pos };
    case '/':
      if (zero) p.fail('division by zero', op);
      return { kind: 'binary', op: op.type, left, right, pos };
    case '%':
      if (zero) p.fail('modulo by zero', op);
      return { kind: 'binary', op: op.type, left, right, pos };
    default:
      return p.unexpected();
  }
}

function parseOperand(p: ParserState): Placed {
  const token = p.peek();
  if (token.type !== '+' && token.type !== '-') return parsePrimary(p);
  p.next();
  return signed(token, parseArithmetic(p, POWER));
}

function signed(sign: Token, { expr }: Placed): Placed {
  const { start } = sign;
  if (sign.type === '+') return { expr, start };
  const pos = { start, end: expr.pos.end };
  if (expr.kind !== 'literal') return { expr: { kind: 'unary', op: '-', expr, pos }, start };
  return { expr: { ...expr, seconds: -expr.seconds, pos }, start };
}

function parsePrimary(p: ParserState): Placed {
  const { type, start } = p.peek();
  switch (type) {
    case '(': {
      p.next();
      const { expr } = parseArithmetic(p, 4);
      p.expect(')');
      const pos = expr.kind === 'literal' ? { start, end: expr.pos.end } : expr.pos;
      // Doubled parentheses say no more than single ones, and Prometheus keeps only those.
      return { expr: expr.kind === 'paren' ? { ...expr, pos } : { kind: 'paren', expr, pos }, start };
    }
    case 'step':
    case 'range':
      p.next();
      p.expect('(');
      p.expect(')');
      return { expr: { kind: type, pos: { start, end: p.end } }, start };
    case 'min_of':
    case 'max_of': {
      p.next();
      p.expect('(');
      const left = parseArithmetic(p, 4).expr;
      p.expect(',');
      const right = parseArithmetic(p, 4).expr;
      p.expect(')');
      const pos = { start: left.pos.start, end: right.pos.end };
      return { expr: { kind: type === 'min_of' ? 'min' : 'max', left, right, pos }, start };
    }
    default: {
      const { value, duration, pos } = parseLiteral(p);
      if (!fitsDuration(value)) p.fail('duration out of range', pos);
      return { expr: { kind: 'literal', seconds: value, duration, pos }, start };
    }
  }
}
