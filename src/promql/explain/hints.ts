import { formatDuration } from '../../lib/time/duration.ts';
import type { Call, Expr, VectorSelector } from '../syntax/ast.ts';
import { childrenOf } from '../syntax/children.ts';
import type { CostOptions } from './cost.ts';
import { printMatcher } from '../text/print.ts';

const FOR_COUNTERS: ReadonlySet<string> = new Set(['rate', 'increase', 'irate', 'resets']);
const FOR_GAUGES: ReadonlySet<string> = new Set([
  'delta',
  'idelta',
  'deriv',
  'predict_linear',
  'double_exponential_smoothing',
]);

/** What in an expression looks like a slip. Each hint once, in the order of the text. */
export function findHints(expr: Expr, { scrapeInterval = 15_000 }: CostOptions): string[] {
  const hints = new Set<string>();
  visit(expr, (node) => {
    if (node.kind === 'call') for (const hint of hintsOnCall(node, scrapeInterval)) hints.add(hint);
    if (node.kind === 'selector') for (const hint of hintsOnSelector(node)) hints.add(hint);
  });
  return [...hints];
}

function visit(expr: Expr, look: (expr: Expr) => void): void {
  look(expr);
  for (const child of childrenOf(expr)) visit(child, look);
}

function hintsOnCall({ func, args }: Call, scrapeInterval: number): string[] {
  const [arg] = args;
  if (arg?.kind !== 'matrix') return [];
  const { selector, range } = arg;
  const hints: string[] = [];
  const counter = /_(?:total|sum|count|bucket)$/.test(selector.name);
  if (FOR_COUNTERS.has(func) && selector.name !== '' && !counter) {
    hints.push(
      `${func} is for counters, and ${selector.name} might not be one: its name does not end in _total, _sum, _count or _bucket`,
    );
  }
  if (FOR_GAUGES.has(func) && counter) hints.push(`${func} is for gauges, and ${selector.name} looks like a counter`);
  const needsTwo = FOR_COUNTERS.has(func) || FOR_GAUGES.has(func);
  if (needsTwo && selector.extension === undefined && typeof range === 'number' && range < 2 * scrapeInterval) {
    hints.push(
      `${func} needs two samples, and ${formatDuration(range)} rarely holds two at one every ${formatDuration(scrapeInterval)}`,
    );
  }
  return hints;
}

function hintsOnSelector({ name, matchers }: VectorSelector): string[] {
  const hints: string[] = [];
  for (const matcher of matchers) {
    const { op, value } = matcher;
    if (op !== '=~' && op !== '!~') continue;
    if (value === '.*' && op === '=~') hints.push(`${printMatcher(matcher)} is true of every series and can go`);
    else if (/^[\w-]+$/.test(value))
      hints.push(`${printMatcher(matcher)} is no pattern; ${op === '=~' ? '=' : '!='} says the same`);
  }
  if (name === '' && !matchers.some((m) => m.name === '__name__')) {
    hints.push('a selector without a metric name looks through every metric that carries the labels');
  }
  return hints;
}
