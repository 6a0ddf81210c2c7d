import * as fc from 'fast-check';
import { compareUtf8 } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { AggregateOp, BinaryOp, DurationExpr, DurationValue, Expr, VectorSelector } from '../syntax/ast.ts';
import { FUNCTIONS } from '../syntax/functions-table.ts';
import { printMatcher } from '../text/print.ts';

const pos = { start: 0, end: 0 };

/** Trees as `parse` makes them, of every kind, well typed, places left at 0. */
export function arbitraryExpr(): fc.Arbitrary<Expr> {
  return fc.letrec<{ vector: Expr; scalar: Expr }>((tie) => ({
    scalar: fc.oneof({ depthSize: 'small' }, number, scalarCall, binaryOf(tie('scalar'), tie('scalar'), 'scalar')),
    vector: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      selector,
      selector,
      callOf(tie('scalar'), tie('vector')),
      aggregationOf(tie('scalar'), tie('vector')),
      binaryOf(tie('vector'), tie('vector'), 'vector'),
      binaryOf(tie('vector'), tie('scalar'), 'mixed'),
      tie('vector').map((expr): Expr => ({ kind: 'unary', op: '-', expr: paren(expr), pos })),
      tie('vector').map(paren),
    ),
  })).vector;
}

function paren(expr: Expr): Expr {
  return { kind: 'paren', expr, pos };
}

/** Operands stand in parentheses where precedence could regroup them, or where an offset would swallow the operator. */
function operand(expr: Expr): Expr {
  if (expr.kind === 'binary' || expr.kind === 'unary') return paren(expr);
  if (expr.kind === 'number' && (expr.value < 0 || Object.is(expr.value, -0))) return paren(expr);
  const open = expr.kind === 'selector' && typeof expr.offset === 'object' && expr.offset.kind === 'paren';
  return open ? paren(expr) : expr;
}

const name = fc.oneof(
  fc.constantFrom('up', 'http_requests_total', 'a:b', 'sum', 'offset', 'step', 'fill', 'start', 'rate'),
);
const label = fc.oneof(fc.constantFrom('job', 'instance', 'by', 'le'), fc.constantFrom('a.b', 'é', 'with space', '"'));
const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((value) => !value.includes('\ufffd'));

const number = fc
  .oneof(fc.double({ noNaN: true }), fc.integer({ min: -5, max: 5 }))
  .map((value): Expr => ({ kind: 'number', value: value + 0, duration: false, pos }));
const scalarCall = fc
  .constantFrom('time', 'pi', 'start', 'step')
  .map((func): Expr => ({ kind: 'call', func, args: [], pos }));

const durationMs = fc.integer({ min: 1, max: 4_000_000_000 });
const durationExpr: fc.Arbitrary<DurationExpr> = fc.letrec<{ any: DurationExpr; atom: DurationExpr }>((tie) => ({
  atom: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<DurationExpr>({ kind: 'step', pos }, { kind: 'range', pos }),
    durationMs.map((ms): DurationExpr => ({ kind: 'literal', seconds: ms / 1000, duration: true, pos })),
    fc.record({
      kind: fc.constantFrom('min' as const, 'max' as const),
      left: tie('any'),
      right: tie('any'),
      pos: fc.constant(pos),
    }),
    tie('any').map((expr): DurationExpr => (expr.kind === 'paren' ? expr : { kind: 'paren', expr, pos })),
  ),
  any: fc.oneof(
    { depthSize: 'small' },
    tie('atom'),
    fc.record({
      kind: fc.constant('binary' as const),
      op: fc.constantFrom('+' as const, '*' as const, '^' as const, '/' as const, '%' as const),
      left: tie('atom'),
      right: tie('atom'),
      pos: fc.constant(pos),
    }),
  ),
})).any;
const range: fc.Arbitrary<DurationValue> = fc.oneof(
  durationMs,
  durationExpr.filter((expr) => expr.kind !== 'literal'),
);
const offset: fc.Arbitrary<DurationValue> = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -4_000_000, max: 4_000_000 }).map((ms) => ms + 0),
  durationExpr.filter((expr) => expr.kind !== 'literal' && expr.kind !== 'binary'),
);
const at = fc.oneof(fc.constant(undefined), fc.constantFrom('start' as const, 'end' as const), fc.integer());

const matcher: fc.Arbitrary<Matcher> = fc.oneof(
  fc.record({ name: label, op: fc.constantFrom('=' as const, '!=' as const), value: text }),
  fc.record({
    name: label,
    op: fc.constantFrom('=~' as const, '!~' as const),
    value: fc.constantFrom('a|b', 'x.*', '.+'),
  }),
);

const selector: fc.Arbitrary<VectorSelector> = fc
  .record({
    name,
    matchers: fc.array(matcher, { maxLength: 3 }),
    offset,
    at,
    extension: fc.constantFrom(undefined, 'smoothed' as const),
  })
  .map(({ name: metric, matchers, ...modifiers }) => ({
    kind: 'selector',
    name: metric,
    matchers: [
      ...matchers.sort((a, b) => compareUtf8(printMatcher(a), printMatcher(b))),
      { name: '__name__', op: '=', value: metric },
    ],
    ...modifiers,
    pos,
  }));

/** In front of a colon Prometheus wants to have seen a number, and so do we: `a[step():]` is refused. */
const subqueryRange: fc.Arbitrary<DurationValue> = fc.oneof(
  durationMs,
  durationExpr.map((right): DurationValue => {
    const left: DurationExpr = { kind: 'literal', seconds: 60, duration: true, pos };
    return { kind: 'binary', op: '+', left, right: { kind: 'max', left, right, pos }, pos };
  }),
);

function matrixOf(vector: fc.Arbitrary<Expr>): fc.Arbitrary<Expr> {
  return fc.oneof(
    fc.record({ kind: fc.constant('matrix' as const), selector, range, pos: fc.constant(pos) }),
    fc.record({
      kind: fc.constant('subquery' as const),
      expr: vector.map((expr) => (expr.kind === 'selector' ? expr : paren(expr))),
      range: subqueryRange,
      step: fc.oneof(fc.constant(undefined), range),
      offset,
      at,
      pos: fc.constant(pos),
    }),
  );
}

function callOf(scalar: fc.Arbitrary<Expr>, vector: fc.Arbitrary<Expr>): fc.Arbitrary<Expr> {
  const string = text.map((value): Expr => ({ kind: 'string', value, pos }));
  const byType = { scalar, vector, string, matrix: matrixOf(vector) };
  const signatures = [...FUNCTIONS.values()].filter(
    ({ returns, name: func }) => returns === 'vector' && func !== 'info',
  );
  return fc
    .constantFrom(...signatures)
    .chain(({ name: func, args }) =>
      fc.tuple(...args.map((type) => byType[type])).map((values): Expr => ({ kind: 'call', func, args: values, pos })),
    );
}

const labels = fc.uniqueArray(label, { maxLength: 3 });

function aggregationOf(scalar: fc.Arbitrary<Expr>, vector: fc.Arbitrary<Expr>): fc.Arbitrary<Expr> {
  const plain = fc.constantFrom<AggregateOp>('sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar');
  const withNumber = fc.constantFrom<AggregateOp>('topk', 'bottomk', 'quantile', 'limitk', 'limit_ratio');
  const head = fc.oneof(
    fc.record({ op: plain, param: fc.constant(undefined) }),
    fc.record({ op: withNumber, param: scalar }),
  );
  return fc
    .record({ head, expr: vector, grouping: labels, without: fc.boolean() })
    .map(({ head: { op, param }, ...rest }) => ({ kind: 'aggregation', op, param, ...rest, pos }));
}

type Sides = 'scalar' | 'vector' | 'mixed';

function binaryOf(left: fc.Arbitrary<Expr>, right: fc.Arbitrary<Expr>, sides: Sides): fc.Arbitrary<Expr> {
  const arithmetic = fc.constantFrom<BinaryOp>('+', '-', '*', '/', '%', '^', 'atan2');
  const comparison = fc.constantFrom<BinaryOp>('==', '!=', '<', '>', '<=', '>=');
  const set = fc.constantFrom<BinaryOp>('and', 'or', 'unless');
  const matching = fc.record({
    card: fc.constantFrom('one-to-one' as const, 'many-to-one' as const, 'one-to-many' as const),
    labels,
    include: labels,
    on: fc.boolean(),
    fill: fc.constantFrom([undefined, undefined], [1, undefined], [undefined, -2.5], [0, 0]),
  });
  const operators = fc.oneof(
    fc.record({ op: arithmetic, bool: fc.constant(false) }),
    fc.record({ op: comparison, bool: sides === 'scalar' ? fc.constant(true) : fc.boolean() }),
    ...(sides === 'vector' ? [fc.record({ op: set, bool: fc.constant(false) })] : []),
  );
  return fc
    .record({ operators, left, right, matching })
    .map(({ operators: { op, bool }, left: l, right: r, matching: m }) => {
      const node = { kind: 'binary', op, bool, left: operand(l), right: operand(r), pos } as const;
      if (sides !== 'vector') return { ...node, matching: undefined };
      if (['and', 'or', 'unless'].includes(op)) {
        const plain = { labels: m.labels, on: m.on, include: [], fillLeft: undefined, fillRight: undefined };
        return { ...node, matching: { card: 'many-to-many', ...plain } };
      }
      const grouped = m.card !== 'one-to-one';
      const include = grouped ? m.include.filter((value) => !m.on || !m.labels.includes(value)) : [];
      const [fillLeft, fillRight] = m.fill;
      return { ...node, matching: { card: m.card, labels: m.labels, on: m.on, include, fillLeft, fillRight } };
    });
}
