import { type Expr, childrenOf, parse, print } from '../../promql/index.ts';

/**
 * A query of a counter, written without a window, as its rate over one: `sum(requests_total)` becomes
 * `sum(rate(requests_total[5m]))`, and the range of `rate(requests_total[1m])` is replaced.
 * @throws {Error} where the query has an offset, `@` or a subquery, for which there is no such rule.
 */
export function counterOver(query: string, window: string): string {
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  const walk = (expr: Expr): void => {
    if (expr.kind === 'subquery') throw new Error('a query with a subquery must say {{.window}} itself');
    if (expr.kind !== 'selector' && expr.kind !== 'matrix') return childrenOf(expr).forEach(walk);
    const selector = expr.kind === 'matrix' ? expr.selector : expr;
    const range = `${print(selector)}[${window}]`;
    if (selector.at !== undefined || selector.offset !== 0)
      throw new Error('a query with offset or @ must say {{.window}} itself');
    edits.push({ ...expr.pos, text: expr.kind === 'matrix' ? range : `rate(${range})` });
  };
  walk(parse(query));
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: by }) => text.slice(0, start) + by + text.slice(end), query);
}
