import { compileMatch } from '../../lib/text/match.ts';
import type { Aggregation, BinaryExpr, Call, Expr, VectorSelector } from '../syntax/ast.ts';
import { isComparison, isSetOperator } from '../syntax/check.ts';
import { childrenOf } from '../syntax/children.ts';
import { typeOf } from '../syntax/value-type.ts';

/** What can be said of the labels of an expression's result without looking at data. The metric's name is the label `__name__`. */
export interface LabelFlow {
  /** Whether series may have labels that are not named here. */
  readonly open: boolean;
  /** Labels that the expression itself speaks of and that the result may have. */
  readonly labels: readonly string[];
  /** Values that are the same on every series, since a matcher asks for them. */
  readonly fixed: Readonly<Record<string, string>>;
  /** Labels that the result cannot have, though its input may. Only said where `open`. */
  readonly dropped: readonly string[];
}

const NONE: LabelFlow = { open: false, labels: [], fixed: {}, dropped: [] };

/** Functions whose result still carries the metric's name. */
const KEEPS_NAME: ReadonlySet<string> = new Set([
  'first_over_time',
  'info',
  'label_join',
  'label_replace',
  'last_over_time',
  'sort',
  'sort_by_label',
  'sort_by_label_desc',
  'sort_desc',
]);

/** Follows the labels from the selectors through every operation up to the result. */
export function labelFlow(expr: Expr): LabelFlow {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return NONE;
    case 'selector':
      return ofSelector(expr);
    case 'matrix':
      return ofSelector(expr.selector);
    case 'subquery':
    case 'paren':
      return labelFlow(expr.expr);
    case 'unary':
      return drop(labelFlow(expr.expr), ['__name__']);
    case 'aggregation':
      return ofAggregation(expr);
    case 'call':
      return ofCall(expr);
    case 'binary':
      return ofBinary(expr);
  }
}

function ofSelector({ matchers }: VectorSelector): LabelFlow {
  const flow = {
    open: true,
    labels: new Set<string>(),
    fixed: {} as Record<string, string>,
    dropped: new Set<string>(),
  };
  for (const { name, op, value } of matchers) {
    if (op === '=' && value === '') flow.dropped.add(name);
    else if (op === '=') flow.fixed[name] = value;
    if (!compileMatch(op, value)('')) flow.labels.add(name);
  }
  return { ...flow, labels: [...flow.labels], dropped: [...flow.dropped] };
}

function ofAggregation({ op, expr, param, grouping, without }: Aggregation): LabelFlow {
  const inner = labelFlow(expr);
  if (['topk', 'bottomk', 'limitk', 'limit_ratio'].includes(op)) return inner;
  const outer = without ? drop(inner, [...grouping, '__name__']) : keep(inner, grouping);
  return op === 'count_values' && param?.kind === 'string' ? add(outer, [param.value]) : outer;
}

function ofCall({ func, args }: Call): LabelFlow {
  const vector = args.find((arg) => typeOf(arg) === 'vector' || typeOf(arg) === 'matrix');
  if (vector === undefined || func === 'scalar') return NONE;
  const inner = labelFlow(vector);
  const flow = KEEPS_NAME.has(func) ? inner : drop(inner, ['__name__']);
  switch (func) {
    case 'absent':
    case 'absent_over_time':
      return { ...keep(flow, Object.keys(flow.fixed)), labels: Object.keys(flow.fixed) };
    case 'histogram_quantile':
    case 'histogram_fraction':
      return drop(flow, ['le']);
    case 'histogram_quantiles':
      return add(drop(flow, ['le']), textOf(args[1]));
    case 'label_replace':
    case 'label_join':
      return add(unfix(flow, textOf(args[1])), textOf(args[1]));
    case 'info':
      return { ...flow, open: true };
    default:
      return flow;
  }
}

function textOf(expr: Expr): string[] {
  return expr.kind === 'string' ? [expr.value] : [];
}

function ofBinary(expr: BinaryExpr): LabelFlow {
  const { op, matching } = expr;
  const [left, right] = childrenOf(expr).map(labelFlow);
  const filters = isComparison(op) && !expr.bool;
  const name = filters || op === '</' || op === '>/' ? [] : ['__name__'];
  if (matching === undefined) return drop(typeOf(expr.left) === 'vector' ? left : right, name);
  if (op === 'or') return union(left, right);
  if (isSetOperator(op)) return left;
  if (matching.card === 'many-to-one') return add(unfix(drop(left, name), matching.include), matching.include);
  if (matching.card === 'one-to-many') return add(unfix(drop(right, name), matching.include), matching.include);
  return matching.on ? keep(left, matching.labels) : drop(left, [...matching.labels, ...name]);
}

function drop(flow: LabelFlow, names: readonly string[]): LabelFlow {
  const labels = flow.labels.filter((label) => !names.includes(label));
  const dropped = flow.open ? [...new Set([...flow.dropped, ...names])] : [];
  return { ...unfix(flow, names), labels, dropped };
}

function keep(flow: LabelFlow, names: readonly string[]): LabelFlow {
  const possible = names.filter((name) => (flow.open ? !flow.dropped.includes(name) : flow.labels.includes(name)));
  const fixed = Object.fromEntries(Object.entries(flow.fixed).filter(([name]) => possible.includes(name)));
  return { open: false, labels: possible, fixed, dropped: [] };
}

function add(flow: LabelFlow, names: readonly string[]): LabelFlow {
  const dropped = flow.dropped.filter((label) => !names.includes(label));
  return { ...flow, labels: [...new Set([...flow.labels, ...names])], dropped };
}

function unfix(flow: LabelFlow, names: readonly string[]): LabelFlow {
  const fixed = Object.fromEntries(Object.entries(flow.fixed).filter(([name]) => !names.includes(name)));
  return { ...flow, fixed };
}

function union(left: LabelFlow, right: LabelFlow): LabelFlow {
  const same = Object.entries(left.fixed).filter(([name, value]) => right.fixed[name] === value);
  return {
    open: left.open || right.open,
    labels: [...new Set([...left.labels, ...right.labels])],
    fixed: Object.fromEntries(same),
    dropped: left.dropped.filter((name) => (right.open ? right.dropped.includes(name) : !right.labels.includes(name))),
  };
}
