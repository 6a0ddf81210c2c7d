import type { DurationValue, Expr, Modifiers } from '../syntax/ast.ts';
import { childrenOf } from '../syntax/children.ts';

/** How often the query runs and how dense its data lies, in milliseconds. */
export interface CostOptions {
  /** Between samples of a series; 15 s by default. */
  readonly scrapeInterval?: number;
  /** Length of the graph; 0, the default, is one evaluation. */
  readonly range?: number;
  /** Between evaluations of the graph; 15 s by default. */
  readonly step?: number;
  /** How far back a plain selector looks; 5 min by default. */
  readonly lookback?: number;
  /** Step of subqueries that name none; 1 min by default. */
  readonly defaultStep?: number;
}

/** What running an expression asks for. What it does not say is the number of series: that is in the data. */
export interface CostEstimate {
  readonly selectors: number;
  /** How many times the expression is evaluated. */
  readonly evaluations: number;
  /** Samples that are read for each series of the selectors, all evaluations together; samples in common are read once. */
  readonly samplesPerSeries: number;
  /** Samples that are gone through for each series of the selectors, all evaluations together. */
  readonly samplesVisited: number;
  /** How far before the query's start data is needed, in milliseconds. */
  readonly reach: number;
}

interface Settings {
  readonly scrapeInterval: number;
  readonly range: number;
  readonly step: number;
  readonly lookback: number;
  readonly defaultStep: number;
}

/** Durations that only the query knows count as the query's own range and step. */
export function estimateCost(expr: Expr, options: CostOptions): CostEstimate {
  const settings = {
    scrapeInterval: 15_000,
    range: 0,
    step: 15_000,
    lookback: 300_000,
    defaultStep: 60_000,
    ...options,
  };
  const total = { selectors: 0, samplesPerSeries: 0, samplesVisited: 0, reach: 0 };
  const evaluations = Math.floor(settings.range / settings.step) + 1;
  visit(expr, { evaluations, span: settings.range, before: 0 }, settings, total);
  return { ...total, evaluations };
}

/** How often a part is evaluated, over how long, and how far before the query's start. */
interface Place {
  readonly evaluations: number;
  readonly span: number;
  readonly before: number;
}

type Total = { -readonly [K in Exclude<keyof CostEstimate, 'evaluations'>]: number };

function visit(expr: Expr, place: Place, settings: Settings, total: Total): void {
  switch (expr.kind) {
    case 'selector':
      return count(settings.lookback, 1, shifted(place, expr, settings), settings, total);
    case 'matrix': {
      const range = milliseconds(expr.range, settings);
      const samples = Math.max(1, Math.ceil(range / settings.scrapeInterval));
      return count(range, samples, shifted(place, expr.selector, settings), settings, total);
    }
    case 'subquery': {
      const range = milliseconds(expr.range, settings);
      const step = (expr.step === undefined ? 0 : milliseconds(expr.step, settings)) || settings.defaultStep;
      const here = shifted(place, expr, settings);
      const evaluations = here.evaluations * Math.max(1, Math.floor(range / step));
      return visit(expr.expr, { evaluations, span: here.span + range, before: here.before + range }, settings, total);
    }
    default:
      for (const child of childrenOf(expr)) visit(child, place, settings, total);
  }
}

/** A fixed time is looked at once, however often it is asked for. */
function shifted(place: Place, { offset, at }: Modifiers, settings: Settings): Place {
  const before = place.before + milliseconds(offset, settings);
  return at === undefined ? { ...place, before } : { ...place, span: 0, before };
}

function count(window: number, samples: number, place: Place, settings: Settings, total: Total): void {
  total.selectors += 1;
  total.samplesPerSeries += Math.ceil((place.span + window) / settings.scrapeInterval);
  total.samplesVisited += samples * place.evaluations;
  total.reach = Math.max(total.reach, place.before + window);
}

function milliseconds(value: DurationValue, settings: Settings): number {
  if (typeof value === 'number') return value;
  switch (value.kind) {
    case 'literal':
      return value.seconds * 1000;
    case 'step':
      return settings.step;
    case 'range':
      return settings.range;
    case 'paren':
      return milliseconds(value.expr, settings);
    case 'unary':
      return milliseconds(value.expr, settings) * (value.op === '-' ? -1 : 1);
    case 'min':
      return Math.min(milliseconds(value.left, settings), milliseconds(value.right, settings));
    case 'max':
      return Math.max(milliseconds(value.left, settings), milliseconds(value.right, settings));
    case 'binary': {
      const left = milliseconds(value.left, settings) / 1000;
      const right = milliseconds(value.right, settings) / 1000;
      return (
        1000 *
        {
          '+': left + right,
          '-': left - right,
          '*': left * right,
          '/': left / right,
          '%': left % right,
          '^': left ** right,
        }[value.op]
      );
    }
  }
}
