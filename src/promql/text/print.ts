import { formatDuration } from '../../lib/time/duration.ts';
import { compareUtf8, isLegacyLabelName } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type {
  Aggregation,
  BinaryExpr,
  DurationExpr,
  DurationValue,
  Expr,
  Modifiers,
  VectorSelector,
} from '../syntax/ast.ts';
import { formatFloat, formatFloatShort } from './go-float.ts';
import { goQuote } from './go-quote.ts';

/** The expression on one line, as Prometheus prints it. Parsing it gives the same tree. */
export function print(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return expr.duration ? printSeconds(expr.value) : formatFloat(expr.value);
    case 'string':
      return goQuote(expr.value);
    case 'selector':
      return printSelector(expr) + printAt(expr) + printExtension(expr) + printOffset(expr);
    case 'matrix': {
      const { selector, range } = expr;
      const brackets = `[${printDuration(range)}]`;
      return printSelector(selector) + brackets + printExtension(selector) + printAt(selector) + printOffset(selector);
    }
    case 'subquery':
      return print(expr.expr) + printSubquerySuffix(expr);
    case 'paren':
      return `(${print(expr.expr)})`;
    case 'unary':
      return expr.op + print(expr.expr);
    case 'call':
      return `${expr.func}(${expr.args.map(print).join(', ')})`;
    case 'aggregation': {
      const param = expr.param === undefined ? '' : `${print(expr.param)}, `;
      return `${printAggregationHead(expr)}(${param}${print(expr.expr)})`;
    }
    case 'binary':
      return `${print(expr.left)} ${printOperator(expr)} ${print(expr.right)}`;
  }
}

/** `sum by (job) `: what stands before the parentheses. */
export function printAggregationHead({ op, grouping, without }: Aggregation): string {
  if (without) return `${op} without (${printLabels(grouping)}) `;
  return grouping.length > 0 ? `${op} by (${printLabels(grouping)}) ` : op;
}

/** `/ on (job) group_left ()`: the operator with its modifiers. */
export function printOperator({ op, bool, matching }: BinaryExpr): string {
  let text = bool ? `${op} bool` : op;
  if (matching === undefined) return text;
  const { card, labels, on, include, fillLeft, fillRight } = matching;
  const grouped = card === 'many-to-one' || card === 'one-to-many';
  if (labels.length > 0 || on || grouped) text += ` ${on ? 'on' : 'ignoring'} (${printLabels(labels)})`;
  if (grouped) text += ` group_${card === 'many-to-one' ? 'left' : 'right'} (${printLabels(include)})`;
  if (fillLeft !== undefined && Object.is(fillLeft, fillRight)) return `${text} fill (${formatFloatShort(fillLeft)})`;
  if (fillLeft !== undefined) text += ` fill_left (${formatFloatShort(fillLeft)})`;
  if (fillRight !== undefined) text += ` fill_right (${formatFloatShort(fillRight)})`;
  return text;
}

/** `[5m:1m] @ 3.000 offset 1h`. */
export function printSubquerySuffix(expr: Extract<Expr, { kind: 'subquery' }>): string {
  const step = expr.step === undefined ? '' : printDuration(expr.step);
  return `[${printDuration(expr.range)}:${step}]${printAt(expr)}${printOffset(expr)}`;
}

export function printDuration(value: DurationValue): string {
  return typeof value === 'number' ? formatDuration(value) : printDurationExpr(value);
}

/** A matcher as it stands in braces. */
export function printMatcher({ name, op, value }: Matcher): string {
  return `${printLabel(name)}${op}${goQuote(value)}`;
}

function printSelector({ name, matchers }: VectorSelector): string {
  const inner = matchers
    .filter((m) => !(m.name === '__name__' && m.op === '=' && m.value === name && name !== ''))
    .map(printMatcher)
    .sort(compareUtf8);
  return inner.length === 0 && name !== '' ? name : `${name}{${inner.join(',')}}`;
}

function printAt({ at }: Modifiers): string {
  if (at === undefined) return '';
  return typeof at === 'number' ? ` @ ${(at / 1000).toFixed(3)}` : ` @ ${at}()`;
}

function printOffset({ offset }: Modifiers): string {
  return offset === 0 ? '' : ` offset ${printDuration(offset)}`;
}

function printExtension({ extension }: VectorSelector): string {
  return extension === undefined ? '' : ` ${extension}`;
}

function printDurationExpr(expr: DurationExpr): string {
  switch (expr.kind) {
    case 'literal':
      return expr.duration ? printSeconds(expr.seconds) : formatFloat(expr.seconds);
    case 'step':
    case 'range':
      return `${expr.kind}()`;
    case 'paren':
      return `(${printDurationExpr(expr.expr)})`;
    case 'unary':
      return (expr.op === '-' ? '-' : '') + printDurationExpr(expr.expr);
    case 'min':
    case 'max':
      return `${expr.kind}_of(${printDurationExpr(expr.left)}, ${printDurationExpr(expr.right)})`;
    case 'binary':
      return `${printDurationExpr(expr.left)} ${expr.op} ${printDurationExpr(expr.right)}`;
  }
}

function printSeconds(seconds: number): string {
  return formatDuration(Math.round(seconds * 1000));
}

function printLabels(labels: readonly string[]): string {
  return labels.map(printLabel).join(', ');
}

function printLabel(name: string): string {
  return isLegacyLabelName(name) ? name : goQuote(name);
}
