/** A piece of PromQL text and what it is, for colours. */
export interface Token {
  readonly kind: 'word' | 'func' | 'keyword' | 'label' | 'string' | 'number' | 'op' | 'comment' | 'space';
  readonly text: string;
}

const KEYWORDS = new Set([
  'by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'bool', 'offset', 'and', 'or', 'unless', 'atan2',
]); // prettier-ignore

export const AGGREGATIONS = [
  'sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar', 'topk', 'bottomk', 'quantile', 'count_values',
]; // prettier-ignore

export const FUNCTIONS = [
  'rate', 'increase', 'irate', 'delta', 'idelta', 'deriv', 'histogram_quantile', 'avg_over_time', 'min_over_time',
  'max_over_time', 'sum_over_time', 'count_over_time', 'quantile_over_time', 'last_over_time', 'present_over_time',
  'changes', 'resets', 'absent', 'absent_over_time', 'predict_linear', 'clamp', 'clamp_min', 'clamp_max', 'abs', 'ceil',
  'floor', 'round', 'label_replace', 'label_join', 'sort', 'sort_desc', 'time', 'timestamp', 'vector', 'scalar',
  'histogram_count', 'histogram_sum', 'histogram_avg', 'histogram_fraction', 'stddev_over_time', 'stdvar_over_time',
  'sgn', 'sqrt', 'exp', 'ln', 'log2', 'log10', 'minute', 'hour', 'day_of_week', 'day_of_month', 'days_in_month', 'month',
  'year', 'info',
]; // prettier-ignore

const SHAPES: readonly (readonly [Token['kind'], RegExp])[] = [
  ['space', /\s+/y],
  ['comment', /#[^\n]*/y],
  ['string', /"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|`[^`]*`?/y],
  ['number', /(?:0x[\da-f]+|\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*|\d*\.?\d+(?:e[+-]?\d+)?)(?![\w:])/iy],
  ['word', /[a-zA-Z_:][\w:]*/y],
  ['op', /[^\w\s"'`#]+?/y],
];

/** What follows the name of a function or an aggregation. */
const CALLED = /\s*(\(|(?:by|without)\b)/y;

/** Every character of the text in one token; a text that is not PromQL is split all the same. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let braces = 0;
  for (let at = 0; at < text.length;) {
    const token = tokenAt(text, at, braces > 0);
    if (token.text === '{') braces += 1;
    if (token.text === '}') braces -= 1;
    found.push(token);
    at += token.text.length;
  }
  return found;
}

function tokenAt(text: string, at: number, inBraces: boolean): Token {
  for (const [kind, shape] of SHAPES) {
    shape.lastIndex = at;
    const match = shape.exec(text);
    if (match === null) continue;
    return { kind: kind === 'word' ? wordKind(match[0], text, at, inBraces) : kind, text: match[0] };
  }
  return { kind: 'op', text: text[at] };
}

function wordKind(word: string, text: string, at: number, inBraces: boolean): Token['kind'] {
  if (inBraces) return 'label';
  if (KEYWORDS.has(word)) return 'keyword';
  CALLED.lastIndex = at + word.length;
  const next = CALLED.exec(text)?.[1];
  return next === '(' || (next !== undefined && AGGREGATIONS.includes(word)) ? 'func' : 'word';
}

export interface Threshold {
  readonly expr: string;
  readonly limit: number;
}

/** Nobody writes a longer alert by hand; a limit is drawn for those that somebody reads. */
const LONGEST_READ = 20_000;

const SET_OPERATORS = new Set(['and', 'or', 'unless']);

/**
 * The two sides of the first comparison with a number in an alert's expression, so that the value can be drawn when it
 * is below, too: of `max(x > (5 * 0.01)) and y` they are `x` and 0.05.
 */
export function thresholdOf(expr: string): Threshold | undefined {
  if (expr.length > LONGEST_READ) return undefined;
  /** Where the operand began that is read, for each parenthesis that is open. */
  const starts = [0];
  let inSelector = 0;
  let at = 0;
  for (const { kind, text } of tokens(expr)) {
    const behind = at + text.length;
    if ('{['.includes(text)) inSelector += 1;
    if ('}]'.includes(text)) inSelector -= 1;
    if (inSelector === 0) {
      if (text === '(') starts.push(behind);
      if (text === ')') starts.pop();
      if (text === ',' || SET_OPERATORS.has(text)) starts[starts.length - 1] = behind;
      const limit = kind === 'op' && '<>=!'.includes(text) ? numberAt(expr.slice(behind, behind + 200)) : undefined;
      const left = limit === undefined ? '' : expr.slice(starts.at(-1), at).trim();
      if (limit !== undefined && left !== '') return { expr: left, limit };
    }
    at = behind;
  }
  return undefined;
}

/** `5`, `14.4 * 0.001`, `(5 * 0.01)`: what limits are written as; nothing but the end of the operand may follow. */
function numberAt(text: string): number | undefined {
  const match = /^=?\s*(?:\(([\d.e*\s+-]+)\)|([\d.e*\s+-]+?))\s*(?:$|[),]|(?:and|or|unless)\b)/.exec(text);
  if (match === null) return undefined;
  const product = (match[1] ?? match[2])
    .split('*')
    .reduce((sum, factor) => sum * (factor.trim() === '' ? Number.NaN : Number(factor)), 1);
  return Number.isNaN(product) ? undefined : product;
}
