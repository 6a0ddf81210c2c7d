import { isPlainMetric } from './names.ts';
import { AGGREGATIONS, FUNCTIONS, type Token, tokens } from './promql-text.ts';

interface Matching {
  readonly name: string;
  readonly op: string;
  readonly value: string;
}

/** Where the caret is in an expression, and what is known there. */
export interface Place {
  /** A word of the expression, a label's name, a label's value in quotes, or a metric's name in quotes. */
  readonly kind: 'word' | 'label' | 'value' | 'metric-string';
  /** What is typed of it, without quotes. */
  readonly typed: string;
  /** The text that a suggestion replaces. */
  readonly from: number;
  readonly to: number;
  /** The label whose value it is, and how it is compared. */
  readonly label: string;
  readonly op: string;
  /** The metric and the other matchers of the same braces. */
  readonly metric: string;
  readonly others: readonly Matching[];
  /** Metrics in the expression. */
  readonly named: readonly string[];
  /** What ends the value where nothing does yet. */
  readonly close: string;
}

/** An expression longer than this is not completed. */
const LONGEST = 20_000;

interface Braces {
  readonly metric: string;
  readonly open: number;
  /** Token behind the closing brace, or the end. */
  readonly end: number;
}

/** The place of the caret; undefined within a comment, a number or a string that is neither value nor name. */
export function placeAt(text: string, caret: number): Place | undefined {
  if (text.length > LONGEST) return undefined;
  const list = tokens(text);
  const starts = startsOf(list);
  const at = list.findIndex((token, i) => starts[i] < caret && caret <= starts[i] + token.text.length);
  const braces = bracesAround(list, starts, caret);
  const named = metricsIn(list);
  const empty = { typed: '', from: caret, to: caret, label: '', op: '', metric: '', others: [], named, close: '' };
  const token: Token | undefined = list[at];
  if (token === undefined || token.kind === 'comment' || token.kind === 'number') return undefined;
  if (token.kind === 'string' && isClosed(token.text) && caret === starts[at] + token.text.length) return undefined;

  if (token.kind === 'string') {
    if (braces === undefined) return undefined;
    return stringPlace(list, starts, at, caret, braces, named);
  }
  const word = isWord(token) ? token.text.slice(0, caret - starts[at]) : '';
  // A plain name cannot contain a dot: what is typed of such a name is all of `http.server.dur`.
  const from = word === '' ? caret : startOfWord(list, starts, at);
  const typed = text.slice(from, caret);
  const spot = { ...empty, typed, from };
  if (braces !== undefined) {
    const { metric, others } = insideOf(list, braces, at);
    return { ...spot, kind: 'label', metric, others };
  }
  return { ...spot, kind: isGrouping(list, at) ? 'label' : 'word' };
}

function startsOf(list: readonly Token[]): number[] {
  let start = 0;
  return list.map((token) => (start += token.text.length) - token.text.length);
}

function isWord({ kind }: Token): boolean {
  return kind === 'word' || kind === 'func' || kind === 'keyword' || kind === 'label';
}

/** Words that are metrics: no functions, and no labels within the brackets of `by (…)`. */
function metricsIn(list: readonly Token[]): string[] {
  const found = new Set<string>();
  const groups: boolean[] = [];
  let before = '';
  for (const token of list) {
    if (token.text === '(') groups.push(GROUPING.test(before));
    if (token.text === ')') groups.pop();
    if (isMetric(token) && groups.at(-1) !== true) found.add(token.text);
    if (token.kind !== 'space') before = token.text;
  }
  return [...found].slice(0, 20);
}

const GROUPING = /^(by|without|on|ignoring|group_left|group_right)$/;

function isMetric({ kind, text }: Token): boolean {
  return kind === 'word' && isPlainMetric(text) && !AGGREGATIONS.includes(text) && !FUNCTIONS.includes(text);
}

function startOfWord(list: readonly Token[], starts: readonly number[], at: number): number {
  let first = at;
  while (first > 0 && (isWord(list[first - 1]) || ['.', '-'].includes(list[first - 1].text))) first -= 1;
  return starts[first];
}

function isClosed(text: string): boolean {
  return text.length > 1 && text.at(-1) === text[0] && !/(?<!\\)(?:\\\\)*\\$/.test(text.slice(1, -1).slice(-50));
}

function bracesAround(list: readonly Token[], starts: readonly number[], caret: number): Braces | undefined {
  let open = -1;
  for (let i = 0; i < list.length && starts[i] < caret; i++) {
    if (list[i].text === '{') open = i;
    if (list[i].text === '}') open = -1;
  }
  if (open < 0) return undefined;
  const before = list.slice(0, open).findLast(({ kind }) => kind !== 'space');
  const close = list.findIndex(({ text }, i) => i > open && text === '}');
  return {
    metric: before !== undefined && isWord(before) ? before.text : '',
    open,
    end: close < 0 ? list.length : close,
  };
}

/** The metric and the matchers between the braces, but for the one that holds token `skip`. */
function insideOf(list: readonly Token[], { metric, open, end }: Braces, skip: number) {
  const others: Matching[] = [];
  let name = metric;
  let part: Token[] = [];
  let holds = false;
  const take = () => {
    const [label, ...rest] = part;
    const value = rest.findLast(({ kind }) => kind === 'string');
    if (!holds && label?.kind === 'string' && rest.length === 0) name = unquoted(label.text);
    if (!holds && value !== undefined) {
      const op = rest.filter(({ kind }) => kind === 'op').map(({ text }) => text).join(''); // prettier-ignore
      if (['=', '!=', '=~', '!~'].includes(op) && isClosed(value.text))
        others.push({ name: unquoted(label.text), op, value: unquoted(value.text) });
    }
    part = [];
    holds = false;
  };
  for (let i = open + 1; i < end; i++) {
    if (i === skip) holds = true;
    if (list[i].text === ',') take();
    else if (list[i].kind !== 'space') part.push(list[i]);
  }
  take();
  return { metric: name, others };
}

function stringPlace(
  list: readonly Token[],
  starts: readonly number[],
  at: number,
  caret: number,
  braces: Braces,
  named: readonly string[],
): Place {
  const { text } = list[at];
  const typed = unescaped(text.slice(1, caret - starts[at]), text[0]);
  const closed = isClosed(text);
  const before = list.slice(braces.open + 1, at).filter(({ kind }) => kind !== 'space');
  const lastComma = before.findLastIndex((token) => token.text === ',');
  const [label, ...op] = before.slice(lastComma + 1);
  const from = starts[at] + 1;
  const to = closed ? starts[at] + text.length - 1 : caret;
  const { metric, others } = insideOf(list, braces, at);
  const spot = { typed, from, to, metric, others, named, close: closed ? '' : text[0] };
  if (label === undefined || op.length === 0) return { ...spot, kind: 'metric-string', label: '', op: '' };
  return { ...spot, kind: 'value', label: unquoted(label.text), op: op.map((token) => token.text).join('') };
}

/** Whether the caret is in the brackets of `by (…)` and the like. */
function isGrouping(list: readonly Token[], at: number): boolean {
  for (let i = at; i >= 0; i--) {
    if (list[i].text === ')') return false;
    if (list[i].text !== '(') continue;
    const before = list.slice(0, i).findLast(({ kind }) => kind !== 'space');
    return before !== undefined && GROUPING.test(before.text);
  }
  return false;
}

function unquoted(text: string): string {
  return /^["'`]/.test(text) ? unescaped(text.slice(1, isClosed(text) ? -1 : undefined), text[0]) : text;
}

function unescaped(text: string, quote: string): string {
  if (quote === '`') return text;
  return text.replace(/\\(.)/g, (_, char: string) => ({ n: '\n', t: '\t', r: '\r' })[char] ?? char);
}
