import { describe, expect, test } from 'vitest';
import { compileMatch, setOfLiterals } from './match.ts';

/** The part within `depth` groups that are each repeated. */
function nested(part: string, depth: number, repeat: string): string {
  return '('.repeat(depth) + part + `)${repeat}`.repeat(depth);
}

describe('matching whole texts', () => {
  test.each([
    ['=', 'a', 'a', true],
    ['!=', 'a', '', true],
    ['=~', '', '', true],
    ['=~', 'a|b', 'b', true],
    ['=~', '(a|b)', 'b', true],
    ['=~', '(a|b)', 'ab', false],
    ['=~', '(a)|(b)', 'b', true],
    ['=~', 'a.*', 'a\nb', true],
    ['=~', '.+', '', false],
    ['=~', '.*', '', true],
    ['=~', 'b', 'abc', false],
    ['!~', 'a|', '', false],
    ['=~', '(?i)abc', 'ABC', true],
  ] as const)('%s %j on %j: %s', (op, pattern, text, expected) => {
    expect(compileMatch(op, pattern)(text)).toBe(expected);
  });

  test('a pattern that backtracking engines die of ends at once', () => {
    expect(compileMatch('=~', '(a+)+$')('a'.repeat(5000) + 'b')).toBe(false);
  });

  test.each(['a(?=b)', 'a)|(b', 'a{1001}', '['])('%j, which is not RE2, is refused', (pattern) => {
    expect(() => compileMatch('=~', pattern)).toThrow(/error parsing regexp/);
  });

  test.each([
    ['many alternatives', Array.from({ length: 20_000 }, (_, i) => `a${i}.*`).join('|')],
    ['many Unicode classes', '(?i)' + '\\pL'.repeat(3000)],
    ['repeats of large parts', `(${'[^a]'.repeat(200)}){1000}`],
    ['small repeats inside each other', nested('ab'.repeat(500), 9, '{2}')],
    ['open repeats inside each other', nested('ab'.repeat(500), 3, '{1,10}')],
    ['repeats around a class that has brackets of its own', nested('[](){}[:alpha:]]'.repeat(100), 3, '{10}')],
  ])('a pattern of %s is refused before it is compiled', (_what, pattern) => {
    expect(() => compileMatch('=~', pattern)).toThrow('error parsing regexp: expression is too large');
  });

  test.each([
    ['repeats beside each other', '\\d{1,3}\\.'.repeat(200), '1.'.repeat(200)],
    ['a repeat of one letter beside long text', `${'ab.c'.repeat(500)}x{900}`, 'ab-c'.repeat(500) + 'x'.repeat(900)],
    ['braces that are text', `${'\\{999}'.repeat(300)}.`, '{999}'.repeat(300) + 'x'],
    ['braces within a class', '[{900}]'.repeat(300), '9'.repeat(300)],
    ['braces in quotes', `\\Q${'a{999}'.repeat(100)}\\E.`, 'a{999}'.repeat(100) + 'x'],
  ])('a pattern of %s is not large, and matches', (_what, pattern, text) => {
    expect(compileMatch('=~', pattern)(text)).toBe(true);
  });

  test('a pattern of brackets without an end is refused in linear time', () => {
    expect(() => compileMatch('=~', '['.repeat(50_000))).toThrow('error parsing regexp');
  });

  test('a long list of names with dots is no large pattern', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `10\\.0\\.${i}\\.1:9100`).join('|');
    expect(compileMatch('=~', names)('10.0.77.1:9100')).toBe(true);
    expect(compileMatch('=~', `(${names})`)('10x0.77.1:9100')).toBe(false);
  });

  test('alternatives of words are known as a set', () => {
    expect(setOfLiterals('a|b')).toEqual(new Set(['a', 'b']));
    expect(setOfLiterals('a|b.')).toBeUndefined();
    expect(setOfLiterals('(a|b')).toBeUndefined();
    expect(setOfLiterals('(a)|(b)')).toBeUndefined();
    expect(setOfLiterals('10\\.0\\.0\\.1:9100|a\\|b|')).toEqual(new Set(['10.0.0.1:9100', 'a|b', '']));
    expect(setOfLiterals('\\d|b')).toBeUndefined();
    expect(setOfLiterals('a\\')).toBeUndefined();
  });
});
