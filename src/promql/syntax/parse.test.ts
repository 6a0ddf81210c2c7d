import { describe, expect, test } from 'vitest';
import type { Expr } from './ast.ts';
import { ParseError, formatAtChar, formatWithCaret } from './parse-error.ts';
import { parse, parseMatchers } from './parse.ts';
import { VALID } from '../testing/expressions.ts';
import { describeWithShared } from '../../lib/testing/shared.ts';
import { PROMQLTEST, conformanceExpressions } from '../testing/conformance.ts';

describe('what is valid parses', () => {
  test.each(VALID)('%s', (text) => {
    expect(() => parse(text)).not.toThrow();
  });

  describeWithShared(PROMQLTEST, "in Prometheus' own test scripts", () => {
    const theirs = conformanceExpressions();
    test(`each of the ${theirs.length} expressions`, () => {
      const refused = theirs.filter((text) => faultOf(text) !== undefined);
      expect(refused).toEqual([]);
    });
  });
});

describe('operators bind as in Prometheus', () => {
  test.each([
    ['1 + 2 * 3 ^ 4', '(1 + (2 * (3 ^ 4)))'],
    ['2 ^ 3 ^ 2', '(2 ^ (3 ^ 2))'],
    ['1 - 2 - 3', '((1 - 2) - 3)'],
    ['1 / 2 atan2 3 % 4', '(((1 / 2) atan2 3) % 4)'],
    ['-a ^ 2', '-(a ^ 2)'],
    ['-a * 2', '(-a * 2)'],
    ['a or b and c unless d', '(a or ((b and c) unless d))'],
    ['a + b == c and d', '(((a + b) == c) and d)'],
    ['a == b </ c', '((a == b) </ c)'],
    ['a offset 5m + 1m', '(a offset 5m + 1m)'],
    ['a offset -2 ^ 2', '(a offset -2s ^ 2)'],
  ])('%s is %s', (text, grouped) => {
    expect(grouping(parse(text))).toBe(grouped);
  });
});

describe('a tree holds', () => {
  test.each([
    ['0x1F', { kind: 'number', value: 31 }],
    ['0755', { kind: 'number', value: 493 }],
    ['0778', { kind: 'number', value: 778 }],
    ['1_000.5', { kind: 'number', value: 1000.5 }],
    ['1h30m', { kind: 'number', value: 5400, duration: true }],
    ['-5m', { kind: 'number', value: -300, duration: true, pos: { start: 0, end: 3 } }],
    ['"\\xe2\\x82\\xac\\101\\U0001F600"', { kind: 'string', value: '€A😀' }],
    ['"\\xff"', { kind: 'string', value: '\udcff' }],
    ["'a\\'b'", { kind: 'string', value: "a'b" }],
    ['`\\n`', { kind: 'string', value: '\\n' }],
    ['up offset -1m', { kind: 'selector', offset: -60_000 }],
    ['up @ 1.5', { kind: 'selector', at: 1500 }],
    ['up @ end()', { kind: 'selector', at: 'end' }],
    ['up[1.5]', { kind: 'matrix', range: 1500 }],
    ['up[5m] anchored', { kind: 'matrix', selector: { extension: 'anchored' } }],
    ['a[5m:]', { kind: 'subquery', range: 300_000, step: undefined }],
    ['{"a.b"}', { kind: 'selector', name: '', matchers: [{ name: '__name__', op: '=', value: 'a.b' }] }],
    ['a and b', { kind: 'binary', matching: { card: 'many-to-many' } }],
    ['a + 1', { kind: 'binary', matching: undefined }],
    ['a + fill_left (2) b', { kind: 'binary', matching: { card: 'one-to-one', fillLeft: 2, fillRight: undefined } }],
    ['a[step() + 5m]', { kind: 'matrix', range: { kind: 'binary', op: '+', left: { kind: 'step' } } }],
  ])('%s', (text, part) => {
    expect(parse(text)).toMatchObject(part);
  });
});

// Each was compared with what Prometheus 3.15 answers.
describe('what is wrong is said in the words of Prometheus', () => {
  test.each([
    ['', 'unknown position: parse error: no expression found in input'],
    [' # nothing', '1:1: parse error: no expression found in input'],
    ['a +', '1:4: parse error: unexpected end of input'],
    ['foo bar', '1:5: parse error: unexpected identifier "bar"'],
    ['\nfoo\n  bar', '3:3: parse error: unexpected identifier "bar"'],
    ['{"é"} b', '1:8: parse error: unexpected identifier "b"'],
    ['a )', "1:4: parse error: unexpected right parenthesis ')'"],
    ['(a', '1:3: parse error: unclosed left parenthesis'],
    ['a[5m', '1:5: parse error: unclosed left bracket'],
    ['a{', '1:3: parse error: unexpected end of input inside braces'],
    ['a{b c}', '1:5: parse error: unexpected identifier "c" in label matching, expected label matching operator'],
    ['a{b="c" d}', '1:9: parse error: unexpected identifier "d" in label matching, expected "," or "}"'],
    ['a{b=c}', '1:5: parse error: unexpected identifier "c" in label matching, expected string'],
    ['a{b=~"("}', '1:3: parse error: error parsing regexp: missing closing ): `(`'],
    ['a{b=~"x)|(y"}', '1:3: parse error: error parsing regexp: unexpected ): `x)|(y`'],
    ['a{__name__="b"}', '1:1: parse error: metric name must not be set twice: "a" or "b"'],
    ['{a=~".*"}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    [
      'a offset x',
      '1:10: parse error: unexpected identifier "x" in offset, expected number, duration, step(), or range()',
    ],
    ['a offset 1m offset 1m', '1:1: parse error: offset may not be set multiple times'],
    ['a @ x', '1:5: parse error: unexpected identifier "x" in @, expected timestamp'],
    ['a @ 1e30', '1:1: parse error: timestamp out of bounds for @ modifier: 1000000000000000019884624838656.000000'],
    [
      'a[]',
      '1:3: parse error: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
    ],
    ['a[5m 5m]', '1:6: parse error: unexpected duration "5m" in subquery or range, expected ":" or "]"'],
    ['a[0]', '1:3: parse error: duration must be greater than 0'],
    ['a[5m/0]', '1:5: parse error: division by zero'],
    ['(a)[5m]', '1:4: parse error: ranges only allowed for vector selectors'],
    ['a[5hs]', '1:3: parse error: unknown unit "hs" in duration "5hs"'],
    ['1e', '1:1: parse error: bad number or duration syntax: "1e"'],
    ['0x', '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "0x": invalid syntax'],
    ['"\\q"', "1:1: parse error: unknown escape sequence U+0071 'q'"],
    ['"abc', '1:1: parse error: unterminated quoted string'],
    ['a $', "1:3: parse error: unexpected character: '$'"],
    ['sum(a b)', '1:7: parse error: unexpected identifier "b" in aggregation'],
    ['sum by a', '1:8: parse error: unexpected identifier "a" in grouping opts, expected "("'],
    ['sum by (1) (a)', '1:9: parse error: unexpected number "1" in grouping opts, expected label'],
    ['sum()', '1:1: parse error: no arguments for aggregate expression provided'],
    ['topk(a)', '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1'],
    ['topk(a, b)', '1:6: parse error: expected type scalar in aggregation parameter, got instant vector'],
    ['foo(a)', '1:1: parse error: unknown function with name "foo"'],
    ['rate(a[5m],)', '1:11: parse error: trailing commas not allowed in function call args'],
    ['rate(a)', '1:6: parse error: expected type range vector in call to function "rate", got instant vector'],
    ['round(a, 1, 2)', '1:1: parse error: expected at most 2 argument(s) in call to "round", got 3'],
    ['label_join(a)', '1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 1'],
    ['info(a, b)', '1:9: parse error: expected label selectors only, got vector selector instead'],
    ['1 == 1', '1:3: parse error: comparisons between scalars must use BOOL modifier'],
    ['a + bool b', '1:3: parse error: bool modifier can only be used on comparison operators'],
    ['a and 1', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ['a and on (x) group_left b', '1:1: parse error: no grouping allowed for "and" operation'],
    ['a + on (x) 1', '1:1: parse error: vector matching only allowed between instant vectors'],
    ['a + on (x) group_left (x) b', '1:3: parse error: label "x" must not occur in ON and GROUP clause at once'],
    ['a[5m] + 1', '1:1: parse error: binary expression must contain only scalar and instant vector types'],
    [
      '-"a"',
      '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string"',
    ],
    ['a[5m][1h:]', '1:1: parse error: subquery is only allowed on instant vector, got matrix instead'],
    [
      'sum(a) offset 1m',
      '1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    ],
  ])('%j: %s', (text, message) => {
    expect(faultOf(text)?.message).toBe(message);
  });

  test.each([
    ['info(a)', 'promql-experimental-functions', 'function "info" is not enabled'],
    [
      'limitk(1, a)',
      'promql-experimental-functions',
      'limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions',
    ],
    ['a[5m] anchored', 'promql-extended-range-selectors', 'anchored modifier is experimental and not enabled'],
    ['a + fill (1) b', 'promql-binop-fill-modifiers', 'binop fill modifiers are experimental and not enabled'],
  ])('%s without %s', (text, feature, detail) => {
    expect(() => parse(text, { features: { [feature]: false } })).toThrow(`1:1: parse error: ${detail}`);
    expect(faultOf(text)).toBeUndefined();
  });
});

describe('an error for people', () => {
  test('counts characters in the old form', () => {
    expect(formatAtChar(mustFail('foo bar'))).toBe('parse error at char 5: unexpected identifier "bar"');
  });

  test('shows the line and a caret below the place', () => {
    expect(formatWithCaret(mustFail('sum(\n\trate(a b)\n)'))).toBe(
      ['2:9: parse error: unexpected identifier "b" in aggregation', '  \trate(a b)', '  \t       ^'].join('\n'),
    );
  });

  test('shows only the neighbourhood of the place in a long line', () => {
    const shown = formatWithCaret(mustFail(`${'a + '.repeat(100)}b c${' + d'.repeat(100)}`)).split('\n');
    expect(shown[1].length).toBeLessThan(110);
    expect(shown[1][shown[2].indexOf('^')]).toBe('c');
  });
});

describe('no text is too much', () => {
  const million = 1_000_000;
  test.each<[string, string, string | undefined]>([
    ['parentheses', '('.repeat(million), 'expression is nested deeper than 256 levels'],
    ['signs', `${'-'.repeat(million)}a`, 'expression is nested deeper than 256 levels'],
    ['calls', 'abs('.repeat(million / 4), 'expression is nested deeper than 256 levels'],
    ['a chain', `a${'+a'.repeat(million / 2)}`, 'expression is chained deeper than 1000 levels'],
    ['subqueries', `a${'[5m:]'.repeat(million / 5)}`, 'expression is chained deeper than 1000 levels'],
    ['durations in parentheses', `a[${'('.repeat(million)}`, 'expression is nested deeper than 256 levels'],
    ['durations in a row', `a[5m${'+5m'.repeat(million / 3)}]`, 'expression is chained deeper than 1000 levels'],
    ['matchers', `a{${'b="c",'.repeat(million / 6)}}`, undefined],
    ['arguments', `label_join(a,"b","c"${',"d"'.repeat(million / 4)})`, undefined],
    ['words in a pattern', `a{b=~"${'x|'.repeat(million / 2)}y"}`, undefined],
    [
      'a pattern',
      `a{b=~"${'(a*)'.repeat(million / 4)}"}`,
      'error parsing regexp: expression is too large: 1000000 characters that make about 1000000 steps, of at most 50000',
    ],
    ['digits', '1'.repeat(million), expect.stringContaining('value out of range') as string],
    ['escapes', `"${'\\xff'.repeat(million / 4)}"`, undefined],
    ['blanks', ' '.repeat(million), 'no expression found in input'],
  ])('a million characters of %s', (_, text, detail) => {
    expect(faultOf(text)?.detail).toEqual(detail);
  });
});

test('a selector on its own gives its matchers', () => {
  expect(parseMatchers('up{a!="b"}')).toEqual([
    { name: 'a', op: '!=', value: 'b' },
    { name: '__name__', op: '=', value: 'up' },
  ]);
  expect(() => parseMatchers('up + 1')).toThrow('1:4: parse error: unexpected <op:+>');
});

function faultOf(text: string): ParseError | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
}

function mustFail(text: string): ParseError {
  const fault = faultOf(text);
  if (fault === undefined) throw new Error(`${text} was accepted`);
  return fault;
}

/** The expression with every grouping written out. */
function grouping(expr: Expr): string {
  switch (expr.kind) {
    case 'binary':
      return `(${grouping(expr.left)} ${expr.op} ${grouping(expr.right)})`;
    case 'unary':
      return expr.op + grouping(expr.expr);
    case 'selector':
      return expr.offset === 0 ? expr.name : `${expr.name} offset ${expr.offset === 300_000 ? '5m' : '-2s'}`;
    case 'number':
      return expr.duration ? `${expr.value / 60}m` : String(expr.value);
    default:
      return expr.kind;
  }
}
