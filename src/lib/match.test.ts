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

  test.each([
    ['many alternatives', Array.from({ length: 20_000 }, (_, i) => `a${i}.*`).join('|')],
    ['many Unicode classes', '(?i)' + '\\pL'.repeat(3000)],
    ['repeats of large parts', `(${'[^a]'.repeat(200)}){1000}`],
  ])('a pattern of %s is refused before it is compiled', (_what, pattern) => {
    expect(() => compileMatch('=~', pattern)).toThrow('error parsing regexp: expression is too large');
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
