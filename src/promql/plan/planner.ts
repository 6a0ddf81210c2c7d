import type { Expr, Subquery, VectorSelector } from '../syntax/ast.ts';
import type { QueryTimes } from '../syntax/durations.ts';
import type { Node, SelectNode } from './plan.ts';
import { resolveDuration } from '../syntax/durations.ts';
import { sharedReference } from '../functions/info-reference.ts';
import { FUNCTIONS } from '../syntax/functions-table.ts';

export interface PlanTimes extends QueryTimes {
  readonly start: number;
  readonly end: number;
  /** Step of a subquery that names none. */
  readonly subqueryStep: number;
}

/** @throws {QueryError} where a duration expression has no valid value. */
export function planQuery(expr: Expr, times: PlanTimes): Node {
  const planned = plan(expr, { ...times, histograms: 'whole' });
  return planned.invariant && planned.wrap ? invariant(planned.node) : planned.node;
}

interface Planned {
  readonly node: Node;
  /** Gives the same at every step. */
  readonly invariant: boolean;
  /** Whether that is worth a wrapper: range vectors are looked at by their function, literals cost nothing. */
  readonly wrap: boolean;
}

interface Context extends PlanTimes {
  /** What the functions above need of a histogram; once all of it is needed, it is so for everything below. */
  readonly histograms: 'whole' | 'stats' | 'buckets';
}

/** What a function needs of the histograms in its argument; most pass on what is asked of them. */
const HISTOGRAM_NEEDS: ReadonlyMap<string, 'stats' | 'buckets'> = new Map([
  ...['histogram_count', 'histogram_sum', 'histogram_avg'].map((name) => [name, 'stats'] as const),
  ...['histogram_quantile', 'histogram_quantiles', 'histogram_fraction'].map((name) => [name, 'buckets'] as const),
  ...['histogram_stddev', 'histogram_stdvar'].map((name) => [name, 'buckets'] as const),
]);

function below(context: Context, need: 'stats' | 'buckets' | undefined): Context {
  if (need === undefined || context.histograms === 'buckets') return context;
  return { ...context, histograms: need };
}

/** Functions that depend on the time of evaluation even where their arguments do not. */
const DEPENDS_ON_TIME = new Set(
  'days_in_month day_of_month day_of_week day_of_year hour minute month year predict_linear time timestamp'.split(' '),
);

function plan(expr: Expr, times: Context): Planned {
  switch (expr.kind) {
    case 'number':
      return literal({ kind: 'number', type: 'scalar', pos: expr.pos, value: expr.value });
    case 'string':
      return literal({ kind: 'string', type: 'string', pos: expr.pos, value: expr.value });
    case 'paren':
      return plan(expr.expr, times);
    case 'selector': {
      const node = planSelect(expr, times);
      return { node, invariant: node.at !== undefined, wrap: node.at !== undefined };
    }
    case 'matrix': {
      const range = resolveDuration(expr.range, times, true);
      const select = planSelect(expr.selector, times);
      const node: Node = { kind: 'window', type: 'matrix', pos: expr.pos, select, range };
      return { node, invariant: select.at !== undefined, wrap: false };
    }
    case 'subquery':
      return planSubquery(expr, times);
    case 'unary': {
      const inner = plan(expr.expr, times);
      if (expr.op === '+') return inner;
      return { ...inner, node: { kind: 'negate', type: inner.node.type, pos: expr.pos, node: inner.node } };
    }
    case 'aggregation': {
      const inner = plan(expr.expr, times);
      const param = expr.param && plan(expr.param, times).node;
      const { op, grouping, without, pos } = expr;
      const node: Node = { kind: 'aggregate', type: 'vector', pos, op, node: inner.node, param, grouping, without };
      return { ...inner, node };
    }
    case 'binary': {
      const inside = expr.op === '</' || expr.op === '>/' ? below(times, 'buckets') : times;
      const left = plan(expr.left, inside);
      const right = plan(expr.right, inside);
      const same = left.invariant && right.invariant;
      const type = left.node.type === 'scalar' && right.node.type === 'scalar' ? 'scalar' : 'vector';
      const { op, bool, matching, pos } = expr;
      const wrapped = (side: Planned) => (!same && side.wrap ? invariant(side.node) : side.node);
      const node: Node = { kind: 'binary', type, pos, op, left: wrapped(left), right: wrapped(right), bool, matching };
      return { node, invariant: same, wrap: same };
    }
    case 'call': {
      const inside = below(times, HISTOGRAM_NEEDS.get(expr.func));
      const args = expr.args.map((arg) => plan(arg, inside));
      const same = isInvariantCall(expr.func, args);
      const type = FUNCTIONS.get(expr.func)?.returns ?? 'vector';
      const nodes = args.map((arg) => (!same && arg.wrap ? invariant(arg.node) : arg.node));
      const node: Node = { kind: 'call', type, pos: expr.pos, func: expr.func, args: nodes };
      return { node, invariant: same, wrap: same };
    }
  }
}

function isInvariantCall(func: string, args: readonly Planned[]): boolean {
  // What is told of the targets is looked up at the time of the samples, or anew at each step where these have several.
  if (func === 'info') return args[0].invariant && sharedReference(args[0].node) !== undefined;
  if (!args.every((arg) => arg.invariant)) return false;
  const ofSamples = func === 'timestamp' && args.every(({ node }) => node.kind === 'select');
  return ofSamples || !DEPENDS_ON_TIME.has(func);
}

function literal(node: Node): Planned {
  return { node, invariant: true, wrap: false };
}

function invariant(node: Node): Node {
  return { kind: 'invariant', type: node.type, pos: node.pos, node };
}

function planSelect(expr: VectorSelector, times: Context): SelectNode {
  return {
    kind: 'select',
    type: 'vector',
    pos: expr.pos,
    matchers: expr.matchers,
    offset: resolveDuration(expr.offset, times, false),
    at: resolveAt(expr.at, times),
    extension: expr.extension,
    statsOnly: times.histograms === 'stats',
  };
}

function planSubquery(expr: Subquery, times: Context): Planned {
  const at = resolveAt(expr.at, times);
  const offset = resolveDuration(expr.offset, times, false);
  const step = expr.step === undefined ? 0 : resolveDuration(expr.step, times, true);
  const range = resolveDuration(expr.range, times, true);
  // Between its steps a subquery skips samples, so that resets are found by the buckets only.
  const inner = plan(expr.expr, below(times, 'buckets'));
  const node: Node = {
    kind: 'subquery',
    type: 'matrix',
    pos: expr.pos,
    node: inner.invariant && inner.node.kind !== 'number' ? invariant(inner.node) : inner.node,
    range,
    step: step === 0 ? times.subqueryStep : step,
    offset,
    at,
  };
  return { node, invariant: at !== undefined, wrap: false };
}

function resolveAt(at: number | 'start' | 'end' | undefined, times: PlanTimes): number | undefined {
  if (at === 'start') return times.start;
  return at === 'end' ? times.end : at;
}
