import type { Matcher } from '../../model/matcher.ts';
import type { Expr } from './ast.ts';
import { check } from './check.ts';
import { ALL_FEATURES } from './features.ts';
import type { Features } from './features.ts';
import { parseExpr } from './parse-expr.ts';
import { parseSelector } from './parse-selector.ts';
import { ParserState } from './parser-state.ts';
import { isMetricName } from './token.ts';

export interface ParseOptions {
  /** Parts of the language to switch off. */
  readonly features?: Partial<Features>;
}

/**
 * The tree of an expression, its types checked.
 * @throws {ParseError} with Prometheus' words for the first fault.
 */
export function parse(text: string, options: ParseOptions = {}): Expr {
  const p = new ParserState(text, { ...ALL_FEATURES, ...options.features });
  if (p.peek().type === 'eof') p.fail('no expression found in input', { start: 0, end: 0 });
  const expr = parseExpr(p);
  if (p.peek().type !== 'eof') p.unexpected();
  check(expr, text);
  return expr;
}

/**
 * The matchers of a selector as `match[]` of the API takes it, without a check that any of them is selective.
 * @throws {ParseError}
 */
export function parseMatchers(text: string): readonly Matcher[] {
  const p = new ParserState(text, ALL_FEATURES);
  const token = p.peek();
  if (token.type !== '{' && !isMetricName(token.type)) p.unexpected();
  const { matchers } = parseSelector(p, token.type === '{' ? undefined : p.next());
  if (p.peek().type !== 'eof') p.unexpected();
  return matchers;
}
