import { describe, expect, test } from 'vitest';
import { parseSeriesText, seriesEnd } from './series-text.ts';

function parse(line: string | Buffer) {
  const page = Buffer.concat([Buffer.from(line), Buffer.from(' 1\n')]);
  const end = seriesEnd(page, 0);
  return end < 0 ? 'no end' : parseSeriesText(page, 0, end, (text) => text);
}

describe('a series', () => {
  test.each([
    ['up', ['__name__', 'up']],
    ['a:b_c9', ['__name__', 'a:b_c9']],
    ['up{}', ['__name__', 'up']],
    ['up{job="a",instance="b:1"}', ['__name__', 'up', 'job', 'a', 'instance', 'b:1']],
    ['up { job = "a" , }', ['__name__', 'up', 'job', 'a']],
    ['up{empty="",b="1"}', ['__name__', 'up', 'b', '1']],
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
  ])('%s is broken: %s', (line, fault) => {
    expect(parse(line)).toBe(fault);
  });

  test('bytes that are no UTF-8 break it', () => {
    expect(parse(Buffer.from([...Buffer.from('up{a="'), 0xff, ...Buffer.from('"}')]))).toBe('not_utf8');
  });
});
