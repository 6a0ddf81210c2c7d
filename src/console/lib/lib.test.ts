import { expect, test } from 'vitest';
import { completed, suggest } from './complete.ts';
import { logQueryOf, placeOfCode, selectorOf } from './correlate.ts';
import { bytes, shortNumber, span, wholeNumber } from './format.ts';
import { lineOf } from './log-text.ts';
import { firstQuery, seriesText, thresholdOf, tokens } from './promql-text.ts';
import { formatLength, parseLength, stepFor } from './range.ts';

test.each([
  ['up > 5', 'up', 5],
  ['a / b < 0.05', 'a / b', 0.05],
  ['rate(x{a=">"}[5m]) >= 14.5 * 0.5', 'rate(x{a=">"}[5m])', 7.25],
  ['slo:a > 5 * 0.01 and slo:b > 5 * 0.01', 'slo:a', 0.05],
  ['abs(x) > (0.5) unless y', 'abs(x)', 0.5],
  ['up == 0', 'up', 0],
  ['bytes > 5e+09', 'bytes', 5e9],
  ['a > 1 or b > 2', 'a', 1],
  ['sum(a) by (b) - c <= -1', 'sum(a) by (b) - c', -1],
  ['(max(x{a="b", y="z"} > (5 * 0.01)) without (w) and max(v > 1)) or u', 'x{a="b", y="z"}', 0.05],
])('the value and the limit of %s', (expr, left, limit) => {
  expect(thresholdOf(expr)).toEqual({ expr: left, limit });
});

test.each(['up', 'a > b', 'absent(up)', 'a > 5 - b', 'up{a="> 5"}', '> 5'])('%s has no one limit', (expr) => {
  expect(thresholdOf(expr)).toBeUndefined();
});

test('tokens hold the whole text, and name its parts', () => {
  const text = 'sum by (job) (rate(http_total{job=~"a.*"}[5m] offset 1h)) > 1e3 # why';
  const found = tokens(text);
  expect(found.map((token) => token.text).join('')).toBe(text);
  const kindOf = (word: string) => found.find((token) => token.text === word)?.kind;
  expect(['sum', 'by', 'rate', 'http_total', '"a.*"', '5m', 'offset', '1e3', '# why'].map(kindOf)).toEqual([
    'func', 'keyword', 'func', 'word', 'string', 'number', 'keyword', 'number', 'comment',
  ]); // prettier-ignore
});

test.each(['', '"', '{', '\u0000', 'ÄÖ 🎉', '`'])('tokens of %j end', (text) => {
  expect(tokens(text).map((token) => token.text).join('')).toBe(text);
}); // prettier-ignore

test.each([
  [0, '0'], [1234, '1.234k'], [1_500_000, '1.5M'], [12.345, '12.35'], [0.001, '0.001'], [0.000216, '216µ'], [3e-9, '3n'],
  [1e-12, '1.00e−12'], [-2.5, '−2.5'], [NaN, 'NaN'], [Infinity, '+Inf'],
])('%d is shown as %s', (value, text) => {
  expect(shortNumber(value)).toBe(text);
}); // prettier-ignore

test.each([
  [8, '8 ms'], [12_000, '12 s'], [90_000, '1 min 30 s'], [3_600_000, '1 h'], [274_000_000, '3 d 4 h'], [-5, '0 ms'],
])('%d ms last %s', (ms, text) => {
  expect(span(ms)).toBe(text);
}); // prettier-ignore

test('sizes and counts', () => {
  expect([bytes(12), bytes(2048), bytes(98_304_000)]).toEqual(['12 B', '2 KiB', '93.75 MiB']);
  expect(wholeNumber(1_234_567)).toBe('1\u202f234\u202f567');
});

test.each(['5m', '2h', '1d', '90s', '14d'])('the length %s comes back', (text) => {
  expect(formatLength(parseLength(text))).toBe(text);
});

test('a chart has about a point for three pixels, on round steps', () => {
  expect(stepFor(3_600_000, 1000)).toBe(15_000);
  expect(stepFor(7 * 86_400_000, 1000)).toBe(3_600_000);
});

test('series and first queries are written as PromQL', () => {
  expect(seriesText({ __name__: 'up', job: 'a"b' })).toBe('up{job="a\\"b"}');
  expect(seriesText({ __name__: 'up' })).toBe('up');
  expect(firstQuery('x_total', 'counter')).toBe('rate(x_total[5m])');
  expect(firstQuery('x', 'histogram')).toContain('rate(x_bucket[5m])');
});

test.each([
  ['2026-11-21T14:25:02.491Z ERROR checkout order 2685 failed', 'error', 'checkout order 2685 failed'],
  ['2026-11-21 14:25:02,491 [WARN] slow', 'warn', 'slow'],
  ['error in line 3', '', 'error in line 3'],
  ['{"level":"info","time":1,"msg":"ready","port":80,"why":{"a":1}}', 'info', 'ready port=80 why={"a":1}'],
  ['{"a":1}', '', '{"a":1}'],
  ['{broken', '', '{broken'],
] as const)('%s is shown as one line', (message, level, line) => {
  const record = { timestamp: 0, nanos: 0, stream: '', source: '', offset: 0, fields: {}, message, level } as const;
  expect(lineOf(record)).toBe(line);
});

test('metrics and logs of one thing find each other', () => {
  expect(logQueryOf({ namespace: 'shop', pod: 'cart-1', job: 'x' })).toBe(
    'kubernetes.namespace: "shop" and kubernetes.pod.name: "cart-1"',
  );
  expect(logQueryOf({ job: 'x' })).toBe('');
  expect(selectorOf({ 'kubernetes.namespace': 'shop', 'log.file.path': '/x' })).toBe('{namespace="shop"}');
});

test.each([
  ["crowsnest logs 'service.name: checkout'", { view: 'logs', query: 'service.name: checkout' }],
  ['log.level: error', { view: 'logs', query: 'log.level: error' }],
  ['sum by (pod) (rate(x_total[5m]))', { view: 'metrics', query: 'sum by (pod) (rate(x_total[5m]))' }],
  ['up{job="a"}', { view: 'metrics', query: 'up{job="a"}' }],
  ['slo:sli:rate5m', { view: 'metrics', query: 'slo:sli:rate5m' }],
  ['kubectl get pods', undefined],
  ['redis-0:6379', undefined],
  ['npm run up', undefined],
] as const)('the code %s of a playbook leads to its answer', (code, place) => {
  expect(placeOfCode(code)).toEqual(place);
});

test('the word before the caret is completed, those that start with it first', async () => {
  const words = async () => ['node_load1', 'load', 'up'].map((text) => ({ text, about: '' }));
  const found = await suggest('sum(loa', words);
  expect(found.map(({ text }) => text)).toEqual(['load', 'node_load1']);
  expect(completed('sum(loa)', 7, found[1])).toEqual({ text: 'sum(node_load1)', caret: 14 });
});
