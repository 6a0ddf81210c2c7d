import { expect, test } from 'vitest';
import { parseYaml } from '../schema/yaml.ts';
import { printableJson, printableLine, printableText } from './printable.ts';
import { toYaml } from '../schema/yaml-print.ts';

const HOSTILE = 'a\u001b[31m\u0007\r\u009b2J\u202eb\u2066\u2028';

test('what would drive a terminal, ring its bell or turn the text round is shown instead', () => {
  expect(printableLine(`${HOSTILE}\n\tend`)).toBe(String.raw`a\x1b[31m\x07\r\x9b2J\u202eb\u2066\u2028\n\tend`);
});

test('a text of several lines keeps its line ends and tabs', () => {
  expect(printableText('one\n\ttwo\u001b[0m')).toBe('one\n\ttwo\\x1b[0m');
});

test('letters, accents, emoji and right-to-left letters stay as they are', () => {
  const text = 'naïve 日本 👩‍🚀 שלום';
  expect(printableLine(text)).toBe(text);
});

test('JSON and YAML carry the same value without such a character', () => {
  const value = { [HOSTILE]: [HOSTILE, 'plain'] };
  const json = printableJson(JSON.stringify(value, null, 2));
  const yaml = toYaml(value);
  expect(JSON.parse(json)).toEqual(value);
  expect(parseYaml(yaml, 'test').value).toEqual(value);
  expect(`${json}${yaml}`).toMatch(/^[\n -~]*$/);
});
