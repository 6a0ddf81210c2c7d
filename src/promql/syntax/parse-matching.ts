import type { VectorMatching } from './ast.ts';
import { goQuote, goUnquote, toWellFormed } from '../text/go-quote.ts';
import { parseLiteral } from './parse-literal.ts';
import type { ParserState } from './parser-state.ts';
import { isLabelName, startsOperand } from './token.ts';

/** What stands between an operator and its right side: `bool`, `on`/`ignoring`, `group_left`/`group_right`, `fill`. */
export function parseBinaryModifiers(p: ParserState): { bool: boolean; matching: VectorMatching } {
  const bool = p.take('bool') !== undefined;
  const clause = p.take('on') ?? p.take('ignoring');
  const labels = clause === undefined ? [] : parseGrouping(p);
  const group = clause === undefined ? undefined : (p.take('group_left') ?? p.take('group_right'));
  const include = group === undefined ? [] : parseIncluded(p);
  const card =
    group === undefined
      ? 'one-to-one'
      : group.type === 'group_left'
        ? ('many-to-one' as const)
        : ('one-to-many' as const);
  return { bool, matching: { card, labels, on: clause?.type === 'on', include, ...parseFill(p) } };
}

/** The labels may be left out, with their parentheses. */
function parseIncluded(p: ParserState): string[] {
  const { type } = p.peek();
  const left = type !== '(' && startsOperand(type);
  return left ? [] : parseGrouping(p);
}

function parseFill(p: ParserState): Pick<VectorMatching, 'fillLeft' | 'fillRight'> {
  if (p.take('fill') !== undefined) {
    const value = parseFillValue(p);
    return { fillLeft: value, fillRight: value };
  }
  let fillLeft = p.take('fill_left') === undefined ? undefined : parseFillValue(p);
  const fillRight = p.take('fill_right') === undefined ? undefined : parseFillValue(p);
  if (fillLeft === undefined && fillRight !== undefined && p.take('fill_left') !== undefined)
    fillLeft = parseFillValue(p);
  return { fillLeft, fillRight };
}

function parseFillValue(p: ParserState): number {
  p.expect('(');
  const sign = p.take('-') ?? p.take('+');
  const { value } = parseLiteral(p);
  p.expect(')');
  return sign?.type === '-' ? -value : value;
}

/** `(a, "b.c",)`, the labels of `by`, `without`, `on`, `ignoring`, `group_left` and `group_right`. */
export function parseGrouping(p: ParserState): string[] {
  if (p.take('(') === undefined) p.unexpected('grouping opts', '"("');
  const labels: string[] = [];
  for (;;) {
    if (p.take(')') !== undefined) return labels;
    labels.push(parseGroupingLabel(p));
    if (p.take(',') === undefined && p.peek().type !== ')') p.unexpected('grouping opts', '"," or ")"');
  }
}

function parseGroupingLabel(p: ParserState): string {
  const token = p.peek();
  if (isLabelName(token.type)) return p.next().text;
  if (token.type !== 'string') p.unexpected('grouping opts', 'label');
  p.next();
  const label = goUnquote(token.text);
  if (label === '' || toWellFormed(label) !== label)
    p.fail(`invalid label name for grouping: ${goQuote(label)}`, token);
  return label;
}
