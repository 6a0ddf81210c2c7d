import { expect, test } from 'vitest';
import { withCaret } from './caret.ts';

const PREFIX = 'invalid parameter "query": ';

test.each([
  ['1:8: parse error: unclosed left parenthesis', 'rate(up', ['  rate(up', '         ^']],
  ['2:3: parse error: x', 'sum(\n\ta b\n)', ['  \ta b', '  \t ^']],
  ['1:9: parse error: x', '{a="é"} b', ['  {a="é"} b', '         ^']],
  ['query, character 7: unexpected end of the query, expected a word', '(a or ', ['  (a or ', '        ^']],
  ['query, character 5: x', 'a or\n:', ['  a or', '      ^']],
])('the place that %j names has a caret below it', (message, query, lines) => {
  expect(withCaret(PREFIX + message, query).split('\n')).toEqual([message, ...lines]);
});

test.each(['query timed out', '9:1: no such line', 'invalid parameter "time": x'])('%j stays as it is', (message) => {
  expect(withCaret(message, 'up')).toBe(message);
});

test('a long line is shown around the place', () => {
  const [, line, mark] = withCaret('1:301: parse error: x', `${'a + '.repeat(75)}b c${' + d'.repeat(75)}`).split('\n');
  expect(line.length).toBeLessThan(110);
  expect(line.startsWith('  …') && line.endsWith('…')).toBe(true);
  expect(line[mark.indexOf('^')]).toBe('b');
});
