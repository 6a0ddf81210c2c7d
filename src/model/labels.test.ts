import { describe, expect, test } from 'vitest';
import { Labels, compareUtf8 } from './labels.ts';

describe('labels', () => {
  test('are sorted, without empty values, the later pair winning', () => {
    const labels = Labels.of([
      ['job', 'a'],
      ['__name__', 'up'],
      ['zone', ''],
      ['job', 'b'],
    ]);
    expect(labels.flat).toEqual(['__name__', 'up', 'job', 'b']);
  });

  test.each([
    [{ __name__: 'up' }, 'up'],
    [{ __name__: 'up', job: 'a"b' }, 'up{job="a\\"b"}'],
    [{ job: 'a' }, '{job="a"}'],
    [{ __name__: 'a.b', 'c.d': 'e' }, '{"a.b", "c.d"="e"}'],
    [{}, '{}'],
  ])('%j prints as %s', (labels: Record<string, string>, text) => {
    expect(Labels.of(labels).toString()).toBe(text);
  });

  test('with() places, replaces and removes', () => {
    const labels = Labels.of({ b: '1' });
    expect(labels.with('a', '0').flat).toEqual(['a', '0', 'b', '1']);
    expect(labels.with('c', '2').flat).toEqual(['b', '1', 'c', '2']);
    expect(labels.with('b', '3').flat).toEqual(['b', '3']);
    expect(labels.with('b', '')).toBe(Labels.EMPTY);
  });

  test('the key tells name from value', () => {
    expect(Labels.of({ a: 'b', c: 'd' }).key).not.toBe(Labels.of({ a: 'b\0c\0d' }).key);
    expect(Labels.of({ a: 'b' }).equals(Labels.of([['a', 'b']]))).toBe(true);
  });

  test('order is that of UTF-8 bytes', () => {
    expect(['\u{1f600}', '\u{ff5e}', 'a', 'Z'].sort(compareUtf8)).toEqual(['Z', 'a', '\u{ff5e}', '\u{1f600}']);
  });
});
