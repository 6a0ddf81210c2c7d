import { goQuote } from '../text/go-quote.ts';

/** One word of an expression. `text` is as written. */
export interface Token {
  readonly type: TokenType;
  readonly text: string;
  /** UTF-16 units: first of the token, first behind it. */
  readonly start: number;
  readonly end: number;
}

/** Punctuation and keywords stand for themselves, keywords in lower case. */
export type TokenType =
  'eof' | 'identifier' | 'metric identifier' | 'string' | 'number' | 'duration' | Symbol | Keyword;

type Symbol = '(' | ')' | '{' | '}' | '[' | ']' | ',' | '=' | ':' | SymbolOperator;

type SymbolOperator =
  '+' | '-' | '*' | '/' | '%' | '^' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '</' | '>/' | '=~' | '!~' | '@';

type Keyword =
  | (typeof WORD_OPERATORS)[number]
  | (typeof AGGREGATORS)[number]
  | (typeof MODIFIERS)[number]
  | (typeof PREPROCESSORS)[number];

const WORD_OPERATORS = ['and', 'or', 'unless', 'atan2'] as const;

const AGGREGATORS = [
  ...(['sum', 'avg', 'count', 'min', 'max', 'group', 'stddev', 'stdvar'] as const),
  ...(['topk', 'bottomk', 'count_values', 'quantile', 'limitk', 'limit_ratio'] as const),
] as const;

const MODIFIERS = [
  ...(['offset', 'smoothed', 'anchored', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right'] as const),
  ...(['fill', 'fill_left', 'fill_right', 'bool'] as const),
] as const;

const PREPROCESSORS = ['start', 'end', 'step', 'range', 'min_of', 'max_of'] as const;

/** Words with a meaning of their own, in any case. Inside braces they are plain names. */
export const KEYWORDS: ReadonlyMap<string, TokenType> = new Map<string, TokenType>([
  ...[...WORD_OPERATORS, ...AGGREGATORS, ...MODIFIERS, ...PREPROCESSORS].map((word) => [word, word] as const),
  ['inf', 'number'],
  ['nan', 'number'],
]);

const aggregators: ReadonlySet<string> = new Set(AGGREGATORS);
const modifiers: ReadonlySet<string> = new Set(MODIFIERS);
const operators: ReadonlySet<string> = new Set([
  ...WORD_OPERATORS,
  ...'+ - * / % ^ == != < <= > >= </ >/ =~ !~ @'.split(' '),
]);
const kinds: ReadonlySet<string> = new Set(['identifier', 'metric identifier', 'string', 'number', 'duration']);

export function isAggregator(type: TokenType): type is (typeof AGGREGATORS)[number] {
  return aggregators.has(type);
}

/** Keywords that name a metric where one may stand. */
const namesMetric: ReadonlySet<string> = new Set([
  ...AGGREGATORS,
  ...PREPROCESSORS,
  ...'and or unless by without offset anchored smoothed fill fill_left fill_right identifier'.split(' '),
  'metric identifier',
]);

export function isMetricName(type: TokenType): boolean {
  return namesMetric.has(type);
}

/** Whether an operand may begin with it. */
export function startsOperand(type: TokenType): boolean {
  return isMetricName(type) || ['number', 'duration', 'string', '(', '{', '+', '-'].includes(type);
}

/** What may stand in `by (…)` and its like: any name and keyword but `without`, as in Prometheus. */
export function isLabelName(type: TokenType): boolean {
  return type === 'identifier' || type === 'metric identifier' || (KEYWORDS.has(type) && type !== 'without');
}

/** How complaints name a token: `identifier "x"`, `<by>`, `<op:+>`, `end of input`. */
export function describeToken(token: Token): string {
  if (token.type === 'eof') return 'end of input';
  if (token.type === 'identifier' || token.type === 'metric identifier') return `${token.type} ${goQuote(token.text)}`;
  if (modifiers.has(token.type)) return `<${token.text}>`;
  if (operators.has(token.type)) return `<op:${token.text}>`;
  if (aggregators.has(token.type)) return `<aggr:${token.text}>`;
  const runes = Array.from(token.text.slice(0, 24));
  const shown = Buffer.byteLength(token.text) > 10 ? `${goQuote(runes.slice(0, 10).join(''))}...` : goQuote(token.text);
  return kinds.has(token.type) ? `${token.type} ${shown}` : shown;
}
