import { describe, expect, test } from 'vitest';
import { Labels } from '../../model/labels.ts';
import { compileMatchers, parseMatchers, printMatchers } from './matchers.ts';

describe('matchers', () => {
  test.each([
    ['foo=bar', '{foo="bar"}'],
    ['foo = bar', '{foo="bar"}'],
    ['foo="bar"', '{foo="bar"}'],
    ['foo!=bar', '{foo!="bar"}'],
    ['foo=~"a|b"', '{foo=~"a|b"}'],
    ['foo!~bar.*', '{foo!~"bar.*"}'],
    ['{foo="bar"}', '{foo="bar"}'],
    ['{foo=bar, baz!=qux}', '{foo="bar",baz!="qux"}'],
    ['foo=bar,baz=qux,', '{foo="bar",baz="qux"}'],
    ['foo=', '{foo=""}'],
    ['foo=""', '{foo=""}'],
    ['foo="a,b"', '{foo="a,b"}'],
    ['foo="a\\"b"', '{foo="a\\"b"}'],
    ['foo=a b', '{foo="a b"}'],
    ['"foo.bar"=baz', '{"foo.bar"="baz"}'],
    ['foo🙂=bar', '{"foo🙂"="bar"}'],
    ['"foo 🙂"="bar🙂"', '{"foo 🙂"="bar🙂"}'],
    ['foo=~[a-z]+', '{foo=~"[a-z]+"}'],
    ['{}', '{}'],
  ])('%s reads as %s', (text, printed) => {
    expect(printMatchers(parseMatchers(text))).toBe(printed);
  });

  test.each([['foo'], ['=bar'], ['foo=="bar"'], ['foo="bar'], ['foo=bar"'], ['foo bar=baz']])(
    '%s is refused',
    (text) => {
      expect(() => parseMatchers(text)).toThrow();
    },
  );

  test('regular expressions match the whole value, an absent label is empty', () => {
    const matches = (text: string, labels: Record<string, string>) =>
      compileMatchers(parseMatchers(text))(Labels.of(labels));
    expect(matches('foo=~"ba."', { foo: 'bar' })).toBe(true);
    expect(matches('foo=~"ba"', { foo: 'bar' })).toBe(false);
    expect(matches('foo!=bar', {})).toBe(true);
    expect(matches('foo=""', {})).toBe(true);
    expect(matches('foo!~".+"', {})).toBe(true);
  });
});
