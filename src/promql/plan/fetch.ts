import type { NewestSamples, SelectHints, SelectRequest, SeriesColumns } from '../../model/query.ts';
import type { CallNode, Node, SelectNode, SubqueryNode } from './plan.ts';

/** Asks the store for what a selector needs. */
export type Fetch = (request: SelectRequest) => Promise<Found>;

/** Whole columns of each series, or where only the newest sample is looked at maybe these alone. */
export type Found = readonly SeriesColumns[] | NewestSamples;

/** What was asked for, by selector: all of a query's selects run side by side. */
export type Fetched = ReadonlyMap<SelectNode, Promise<Found>>;

interface Span {
  readonly start: number;
  readonly end: number;
  /** Milliseconds between evaluations, 0 for one. */
  readonly step: number;
}

interface Above {
  readonly func: string;
  readonly grouping: readonly string[];
  readonly by: boolean;
}

const NOTHING_ABOVE: Above = { func: '', grouping: [], by: false };

/** Issues the select of every selector in the tree, the same request once. */
export function fetchAll(root: Node, span: Span, lookback: number, maxSamples: number, fetch: Fetch): Fetched {
  const fetched = new Map<SelectNode, Promise<Found>>();
  const known = new Map<string, Promise<Found>>();

  const ask = (node: SelectNode, range: number, span: Span, above: Above): void => {
    // When counters began is told with whole columns only.
    const newest = needsNewest(node, range, span) && above.func !== 'start_timestamp';
    const hints: SelectHints = { step: span.step, range, ...above, newest, maxSamples };
    const request: SelectRequest = { matchers: node.matchers, ...timesOf(node, range, span, lookback), hints };
    const key = JSON.stringify([request.matchers, request.start, request.end, hints.newest]);
    const answer = known.get(key) ?? fetch(request);
    // Somebody awaits it later; until then a failure must not count as unhandled.
    answer.catch(() => undefined);
    known.set(key, answer);
    fetched.set(node, answer);
  };

  const walk = (node: Node, span: Span, above: Above): void => {
    switch (node.kind) {
      case 'number':
      case 'string':
        return;
      case 'select':
        return ask(node, 0, span, above);
      case 'window':
        return ask(node.select, node.range, span, above);
      case 'subquery':
        return walk(node.node, inside(node, span), above);
      case 'aggregate':
        walk(node.node, span, { func: node.op, grouping: node.grouping, by: !node.without });
        if (node.param !== undefined) walk(node.param, span, NOTHING_ABOVE);
        return;
      case 'binary':
        walk(node.left, span, NOTHING_ABOVE);
        return walk(node.right, span, NOTHING_ABOVE);
      case 'negate':
      case 'invariant':
        return walk(node.node, span, above);
      case 'call':
        for (const arg of selectingArgs(node)) walk(arg, span, { ...NOTHING_ABOVE, func: node.func });
    }
  };
  walk(root, span, NOTHING_ABOVE);
  return fetched;
}

/** Columns of each series, whichever way they were found. */
export function columnsIn(found: Found): readonly SeriesColumns[] {
  if (!('labels' in found)) return found;
  const { labels, timestamps, values } = found;
  return labels.map((labels, i) => ({
    labels,
    timestamps: timestamps.subarray(i, i + 1),
    values: values.subarray(i, i + 1),
  }));
}

/** The second argument of `info` only names labels: what it selects depends on the first one's answer. */
function selectingArgs(call: CallNode): readonly Node[] {
  return call.func === 'info' ? call.args.slice(0, 1) : call.args;
}

/** The times at which the inside of a subquery is evaluated. */
function inside(node: SubqueryNode, span: Span): Span {
  const start = (node.at ?? span.start) - node.offset - node.range;
  const end = (node.at ?? span.end) - node.offset;
  return { start, end, step: node.step };
}

/** An instant vector at one time. The samples before tell a histogram's `statsOnly` reader of resets. */
function needsNewest(node: SelectNode, range: number, span: Span): boolean {
  return range === 0 && span.step === 0 && node.extension === undefined && !node.statsOnly;
}

/** First and last millisecond that a selector looks at: its range is open to the left. */
function timesOf(node: SelectNode, range: number, span: Span, lookback: number): { start: number; end: number } {
  const isWindow = range > 0;
  const before = !isWindow || node.extension !== undefined ? lookback : 0;
  const after = node.extension === 'smoothed' ? lookback : 0;
  return {
    start: (node.at ?? span.start) - node.offset - range - before + 1,
    end: (node.at ?? span.end) - node.offset + after,
  };
}
