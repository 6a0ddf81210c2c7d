import { describe, expect, test } from 'vitest';
import { histogramToTestExpression } from '../histogram/index.ts';
import type { SequenceValue } from './series-notation.ts';
import { parseSeriesDescription } from './series-notation.ts';

function show(value: SequenceValue): string {
  switch (value.kind) {
    case 'omitted':
      return '_';
    case 'stale':
      return 'stale';
    case 'float':
      return String(value.value);
    case 'histogram':
      return histogramToTestExpression(value.histogram);
  }
}

describe('a series description', () => {
  test.each([
    ['{} 1 2 3', '{}', '1 2 3'],
    ['up 1 -1 +2', 'up', '1 -1 2'],
    ['up{a="b", } 1 2 3-10x4', 'up{a="b"}', '1 2 3 -7 -17 -27 -37'],
    ['up{a="b"} 1x0 1+1x0', 'up{a="b"}', '1 1'],
    ['up 0.1+0.1x3', 'up', '0.1 0.2 0.30000000000000004 0.4'],
    ['up 2x2 _ 5 _x2 stale', 'up', '2 2 2 _ 5 _ _ stale'],
    ['up stalex1', 'up', undefined],
    ['up Inf -Inf NaN 1e3 .5 1_000', 'up', 'Infinity -Infinity NaN 1000 0.5 1000'],
    ['up    1\t2   ', 'up', '1 2'],
    [String.raw`{"a.b", 'c'="\u70ac\x41", d=` + '`\\`} 1', '{"a.b", c="炬A", d="\\\\"}', '1'],
    ['up', 'up', ''],
    ['{} {{}} {{ }}', '{}', '{{}} {{}}'],
    [
      '{} {{schema:1 sum:-0.3 count:3.1 z_bucket:7.1 z_bucket_w:0.05 buckets:[5.1 10 7] offset:-3 n_buckets:[4.1 5] n_offset:-5 counter_reset_hint:gauge}}',
      '{}',
      '{{schema:1 count:3.1 sum:-0.3 z_bucket:7.1 z_bucket_w:0.05 counter_reset_hint:gauge offset:-3 buckets:[5.1 10 7] n_offset:-5 n_buckets:[4.1 5]}}',
    ],
    ['{} {{schema:1  sum:1 buckets:[5  7  ]  }}x1', '{}', Array(2).fill('{{schema:1 sum:1 buckets:[5 7]}}').join(' ')],
    ['{} {{schema:-53 custom_values:[-2 3] buckets:[1]}}', '{}', '{{schema:-53 custom_values:[-2 3] buckets:[1]}}'],
    ['{} {{sum:1}}+{{sum:2}}x2 {{count:1}}', '{}', '{{sum:1}} {{sum:3}} {{sum:5}} {{count:1}}'],
    ['{} {{count:5}}-{{count:1}}x1', '{}', '{{count:5}} {{count:4}}'],
  ])('%s', (text, labels, values) => {
    if (values === undefined) {
      expect(() => parseSeriesDescription(text)).toThrow('expected number or "stale"');
      return;
    }
    const series = parseSeriesDescription(text);
    expect(series.labels.toString()).toBe(labels);
    expect(series.values.map(show).join(' ')).toBe(values);
  });

  test('says whether a hint was asked for', () => {
    const { values } = parseSeriesDescription('{} {{count:1 counter_reset_hint:unknown}} {{count:1}}');
    expect(values.map((value) => value.kind === 'histogram' && value.hintGiven)).toEqual([true, false]);
  });

  test.each([
    ['{} {{foo:1}}', '1:6: parse error: bad histogram descriptor found: "foo"'],
    ['{} {{schema :1}}', '1:6: parse error: missing `:` for histogram descriptor'],
    ['{} {{schema: 1}}', '1:13: parse error: unexpected " " in series values'],
    ['{} {{buckets:[ 1]}}', '1:15: parse error: unexpected " " in series values'],
    ['{} {{buckets:[1', '1:16: parse error: unexpected end of input in series values'],
    ['{} {{counter_reset_hint:foo}}', '1:25: parse error: bad histogram descriptor found: "foo"'],
    ['{} {{schema:1 schema:1}}', '1:1: parse error: duplicate key "schema" in histogram'],
    [
      '{} {{schema:1',
      '1:14: parse error: unexpected end of input in histogram description, expected histogram description key, e.g. buckets:[5 10 7]',
    ],
    [
      '{} {{buckets:[5 10 7] schema:1}}+{{buckets:[1 2 3] schema:0}}x2',
      '1:63: parse error: error combining histograms: cannot merge from schema 0 to 1',
    ],
    ['up 1 3 _ 5 _a4', '1:13: parse error: unexpected identifier "a4" in series values'],
    ['up foo', '1:4: parse error: unexpected identifier "foo" in series values, expected number or "stale"'],
    ['up 1+1', '1:7: parse error: unexpected end of input in series values'],
    ['up 1x-1', '1:6: parse error: unexpected <op:-> in series values'],
    [
      'up 1x1.5',
      '1:6: parse error: invalid repetition in series values: strconv.ParseUint: parsing "1.5": invalid syntax',
    ],
    ['up 1x99999999999', '1:6: parse error: invalid repetition in series values: more than 10000000 values'],
    ['up 5m', '1:4: parse error: bad number or duration syntax: "5m"'],
    ['up{a=1} 2', '1:6: parse error: unexpected number "1" in label set, expected string'],
    ['up{a="1 2', '1:6: parse error: unterminated quoted string'],
    ['up{"a"} 1', '1:7: parse error: metric name must not be set twice: "up" or "a"'],
    ['', 'unknown position: parse error: unexpected end of input in metric, expected identifier or "{"'],
  ])('%s is refused', (text, message) => {
    expect(() => parseSeriesDescription(text)).toThrow(expect.objectContaining({ message }));
  });
});
