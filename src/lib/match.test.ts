import { describe, expect, test } from 'vitest';
import { compileMatch, setOfLiterals } from './match.ts';

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

  test('alternatives of words are known as a set', () => {
    expect(setOfLiterals('a|b')).toEqual(new Set(['a', 'b']));
    expect(setOfLiterals('a|b.')).toBeUndefined();
    expect(setOfLiterals('(a|b')).toBeUndefined();
  });
});
