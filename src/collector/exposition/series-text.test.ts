import { describe, expect, test } from 'vitest';
import { parseSeriesText, seriesEnd, TOO_LONG } from './series-text.ts';

function parse(line: string | Buffer) {
  const page = Buffer.concat([Buffer.from(line), Buffer.from(' 1\n')]);
  const end = seriesEnd(page, 0);
  return end < 0 ? 'no end' : parseSeriesText(page, 0, end, (text) => text);
}

function manyLabels(count: number): string {
  return Array.from({ length: count }, (_, i) => `n${i}="1"`).join(',');
}

describe('a series', () => {
  test.each([
    ['up', ['__name__', 'up']],
    ['a:b_c9', ['__name__', 'a:b_c9']],
    ['up{}', ['__name__', 'up']],
    ['up{job="a",instance="b:1"}', ['__name__', 'up', 'job', 'a', 'instance', 'b:1']],
    ['up { job = "a" , }', ['__name__', 'up', 'job', 'a']],
    ['up{empty="",b="1"}', ['__name__', 'up', 'empty', '', 'b', '1']],
    ['up{a="x\\"y\\\\z\\nw\\q"}', ['__name__', 'up', 'a', 'x"y\\z\nw\\q']],
    ['up{a="} 1 {"}', ['__name__', 'up', 'a', '} 1 {']],
    ['up{a="grüße 🐦"}', ['__name__', 'up', 'a', 'grüße 🐦']],
    ['{"http.status","a.b"="c"}', ['__name__', 'http.status', 'a.b', 'c']],
    ['{a="b","http.status"}', ['__name__', 'http.status', 'a', 'b']],
    ['up{a="b" c="d"}', ['__name__', 'up', 'a', 'b', 'c', 'd']],
  ])('%s', (line, flat) => {
    expect(parse(line)).toEqual(flat);
  });

  test.each([
    ['up{a="b"', 'no end'],
    ['up{a="b}', 'no end'],
    ['up{a=b}', 'syntax'],
    ['up{a}', 'syntax'],
    ['up{="b"}', 'syntax'],
    ['up{a="b",,c="d"}', 'syntax'],
    ['{__name__="up"}', 'syntax'],
    ['up{1a="b"}', 'syntax'],
    ['1up', 'syntax'],
    ['u-p{a="b"}', 'syntax'],
    ['<html>', 'syntax'],
    ['{a="b"}', 'no_name'],
    ['up{a="1",a="2"}', 'duplicate_label'],
    ['up{"down"}', 'duplicate_label'],
    ['up{a="",a="2"}', 'duplicate_label'],
    [`up{${manyLabels(100)},n7="2"}`, 'duplicate_label'],
    [`up{${manyLabels(1025)}}`, 'too_many_labels'],
  ])('%s is broken: %s', (line, fault) => {
    expect(parse(line)).toBe(fault);
  });

  test('of 1,024 labels, or of 500 KB of escapes, is read', () => {
    expect(parse(`up{${manyLabels(1024)}}`)).toHaveLength(2050);
    expect(parse(`up{a="${'\\"'.repeat(250_000)}"}`)).toEqual(['__name__', 'up', 'a', '"'.repeat(250_000)]);
  });

  test.each([
    ['name', 'u'.repeat(2_000_000)],
    ['value', `up{a="${'x'.repeat(2_000_000)}"}`],
    ['value of escapes', `up{a="${'\\"'.repeat(2_000_000)}"}`],
    ['value that does not end', `up{a="${'x'.repeat(2_000_000)}`],
    ['list of labels', `up{${manyLabels(200_000)}}`],
  ])('with a %s of more than a megabyte is not read to its end', (_, line) => {
    expect(seriesEnd(Buffer.from(`${line} 1\n`), 0)).toBe(TOO_LONG);
  });

  test('bytes that are no UTF-8 break it', () => {
    expect(parse(Buffer.from([...Buffer.from('up{a="'), 0xff, ...Buffer.from('"}')]))).toBe('not_utf8');
  });
});
