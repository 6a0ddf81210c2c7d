import type { Expr, MatrixSelector, Modifiers, Subquery, VectorSelector } from './ast.ts';
import { parseOffsetDuration, parsePositiveDuration } from './parse-duration.ts';
import { parseLiteral } from './parse-literal.ts';
import type { ParserState } from './parser-state.ts';

/** What may stand behind an operand, in any order and number: ranges, `offset`, `@`, `anchored`, `smoothed`. */
export function parseModifiers(p: ParserState, operand: Expr): Expr {
  let expr = operand;
  for (;;) {
    switch (p.peek().type) {
      case '[':
        expr = parseBrackets(p, expr);
        break;
      case 'offset':
        expr = parseOffset(p, expr);
        break;
      case '@':
        expr = parseAt(p, expr);
        break;
      case 'anchored':
        expr = extend(p, expr, 'anchored');
        break;
      case 'smoothed':
        expr = extend(p, expr, 'smoothed');
        break;
      default:
        return expr;
    }
  }
}

const DURATION_WORDS = 'number, duration, step(), or range()';

function parseBrackets(p: ParserState, expr: Expr): MatrixSelector | Subquery {
  const height = p.height;
  const open = p.next();
  const range = p.within('subquery or range selector', DURATION_WORDS, () => parsePositiveDuration(p));
  p.grow(height);
  if (p.take(']') !== undefined) return rangeOf(p, expr, range, open.start);
  if (p.take(':') === undefined) p.unexpected('subquery or range', '":" or "]"');
  const subquery = { kind: 'subquery', expr, range, offset: 0, at: undefined } as const;
  const step =
    p.peek().type === ']'
      ? undefined
      : p.within('subquery selector', `number, duration, step(), range(), or "]"`, () => parsePositiveDuration(p));
  p.grow(height);
  if (p.take(']') === undefined) p.unexpected('subquery selector', '"]"');
  return { ...subquery, step, pos: { start: expr.pos.start, end: p.end } };
}

function rangeOf(p: ParserState, expr: Expr, range: MatrixSelector['range'], open: number): MatrixSelector {
  const brackets = { start: open, end: p.end };
  if (expr.kind !== 'selector') p.fail('ranges only allowed for vector selectors', brackets);
  if (typeof expr.offset === 'number' && expr.offset !== 0)
    p.fail('no offset modifiers allowed before range', brackets);
  if (typeof expr.at === 'number') p.fail('no @ modifiers allowed before range', brackets);
  return { kind: 'matrix', selector: expr, range, pos: { start: expr.pos.start, end: p.end } };
}

function parseOffset(p: ParserState, expr: Expr): Expr {
  const { height } = p;
  p.next();
  const offset = p.within('offset', DURATION_WORDS, () => parseOffsetDuration(p));
  p.height = height;
  const set = modifiersOf(p, expr, 'offset');
  if (set.offset !== 0) p.fail('offset may not be set multiple times', expr.pos);
  return modified(p, expr, { offset });
}

function parseAt(p: ParserState, expr: Expr): Expr {
  p.next();
  const at = p.within('@', 'timestamp', () => parseTime(p));
  if (typeof at === 'number' && !(Math.abs(at) < 2 ** 63)) {
    p.fail(`timestamp out of bounds for @ modifier: ${goFixed(at)}`, expr.pos);
  }
  const set = modifiersOf(p, expr, '@');
  if (set.at !== undefined) p.fail('@ <timestamp> may not be set multiple times', expr.pos);
  return modified(p, expr, { at: typeof at === 'number' ? Math.round(at * 1000) + 0 : at });
}

/** Seconds, or the word of `start()` and `end()`. */
function parseTime(p: ParserState): number | 'start' | 'end' {
  const word = p.take('start') ?? p.take('end');
  if (word !== undefined) {
    p.expect('(');
    p.expect(')');
    return word.type === 'start' ? 'start' : 'end';
  }
  const sign = p.take('-') ?? p.take('+');
  const { value } = parseLiteral(p);
  return sign?.type === '-' ? -value : value;
}

function modifiersOf(p: ParserState, expr: Expr, word: 'offset' | '@'): Modifiers {
  if (expr.kind === 'selector' || expr.kind === 'subquery') return expr;
  if (expr.kind === 'matrix') return expr.selector;
  const subject = word === 'offset' ? 'offset modifier' : '@ modifier';
  return p.fail(
    `${subject} must be preceded by an instant vector selector or range vector selector or a subquery`,
    expr.pos,
  );
}

function modified(p: ParserState, expr: Expr, change: Partial<Modifiers>): Expr {
  const pos = { start: expr.pos.start, end: p.end };
  if (expr.kind === 'matrix') return { ...expr, selector: { ...expr.selector, ...change }, pos };
  if (expr.kind === 'selector' || expr.kind === 'subquery') return { ...expr, ...change, pos };
  return expr;
}

function extend(p: ParserState, expr: Expr, extension: 'anchored' | 'smoothed'): Expr {
  p.next();
  if (!p.features['promql-extended-range-selectors']) {
    p.fail(`${extension} modifier is experimental and not enabled`, expr.pos);
  }
  if (expr.kind === 'subquery') p.fail(`${extension} modifier is not supported for subqueries`, expr.pos);
  if (expr.kind !== 'selector' && expr.kind !== 'matrix') p.fail(`${extension} modifier not implemented`, expr.pos);
  const selector: VectorSelector = expr.kind === 'matrix' ? expr.selector : expr;
  if (selector.extension !== undefined && selector.extension !== extension) {
    p.fail('anchored and smoothed modifiers cannot be used together', expr.pos);
  }
  return expr.kind === 'matrix' ? { ...expr, selector: { ...selector, extension } } : { ...selector, extension };
}

/** Go's `%f`. */
function goFixed(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}
