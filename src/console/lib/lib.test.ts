import { expect, test } from 'vitest';
import { completed, ranked } from './complete.ts';
import { logQueryOf, placeOfCode, selectorsOf } from './correlate.ts';
import { fingerprintOf } from './fingerprint.ts';
import { bytes, exactNumber, parseValue, shortNumber, span, wholeNumber } from './format.ts';
import { fieldsOfMessage, lineOf } from './log-text.ts';
import { firstQuery, matcher, selector, seriesText } from './names.ts';
import { narrowed } from './narrow.ts';
import { headingId, linkInPlaybook, readPlaybookLink } from './playbook-link.ts';
import { placeAt } from './promql-place.ts';
import { thresholdOf, tokens } from './promql-text.ts';
import { formatLength, parseLength, rangeOf, stepFor } from './range.ts';
import { columnsOf, highest, stacked, statsOf } from './series.ts';
import { readEvents } from './server-events.ts';
import { clipped, visible } from './text.ts';
import { decoded } from './url.ts';

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
  expect(selectorsOf({ 'kubernetes.namespace': 'shop', 'log.file.path': '/x' })).toEqual(['{namespace="shop"}']);
  expect(selectorsOf({ 'service.name': 'cart', 'host.name': 'pi.lan' })).toEqual([
    '{service="cart", node="pi.lan"}',
    '{service="cart"}',
    '{node="pi.lan"}',
    '{instance=~"pi\\\\.lan(:[0-9]+)?"}',
  ]);
  expect(selectorsOf({ 'log.file.path': '/x' })).toEqual([]);
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

test('the suggestions that start with the word come first, and one takes its place', () => {
  const words = ['node_load1', 'load', 'up'].map((text) => ({ text, about: '' }));
  const found = ranked(words, 'loa');
  expect(found.map(({ text }) => text)).toEqual(['load', 'node_load1']);
  expect(completed('sum(loa)', { from: 4, to: 7, list: found }, found[1])).toEqual({
    text: 'sum(node_load1)',
    caret: 14,
  });
});

test.each([
  ['http.server.duration', '{"http.server.duration"}', 'rate({"http.server.duration"}[5m])'],
  ['a-b c', '{"a-b c"}', 'rate({"a-b c"}[5m])'],
  ['größe', '{"größe"}', 'rate({"größe"}[5m])'],
  ['quo"te\\', '{"quo\\"te\\\\"}', 'rate({"quo\\"te\\\\"}[5m])'],
  ['inf', '{"inf"}', 'rate({"inf"}[5m])'],
  ['on', '{"on"}', 'rate({"on"}[5m])'],
  ['1st', '{"1st"}', 'rate({"1st"}[5m])'],
  ['job:up:sum', 'job:up:sum', 'rate(job:up:sum[5m])'],
])('the metric %s is written as %s', (name, written, rate) => {
  expect(selector(name)).toBe(written);
  expect(firstQuery(name, 'counter')).toBe(rate);
  expect(seriesText({ __name__: name, 'http.route': '/' })).toContain('"http.route"="/"');
});

test('a histogram with dots in its name is asked for by its quoted buckets', () => {
  expect(firstQuery('http.server.duration', 'histogram')).toContain('rate({"http.server.duration_bucket"}[5m])');
  expect(matcher('http.route', 'a"b')).toBe('"http.route"="a\\"b"');
});

test.each([
  ['up', 'job', 'a', 'up{job="a"}'],
  ['up{}', 'job', 'a', 'up{job="a"}'],
  ['up{x="}"}', 'job', 'a', 'up{x="}", job="a"}'],
  ['{"http.server.duration"}', 'http.route', '/', '{"http.server.duration", "http.route"="/"}'],
  ['up{job="a"}', 'job', 'a', 'up{job="a"}'],
  ['rate(up[5m])', 'job', 'a', '{job="a"}'],
])('%s narrowed by a label', (query, name, value, narrower) => {
  expect(narrowed(query, name, value)).toBe(narrower);
});

/** `|` is the caret. */
const placeIn = (text: string) => placeAt(text.replace('|', ''), text.indexOf('|'));

test.each([
  ['sum(loa|', { kind: 'word', typed: 'loa' }],
  ['http.server.dur|', { kind: 'word', typed: 'http.server.dur', from: 0 }],
  ['vals{user="user-004|', { kind: 'value', label: 'user', typed: 'user-004', metric: 'vals', close: '"' }],
  ['vals{user="user-0|04"}', { kind: 'value', typed: 'user-0', to: 19, close: '' }],
  ['vals{job="a", user=~"b|', { kind: 'value', label: 'user', others: [{ name: 'job', op: '=', value: 'a' }] }],
  ['vals{user="b|", job!="a"}', { kind: 'value', others: [{ name: 'job', op: '!=', value: 'a' }] }],
  [
    '{"http.server.duration", "http.route"="/c|',
    { kind: 'value', label: 'http.route', metric: 'http.server.duration' },
  ],
  ['{"http.ser|', { kind: 'metric-string', typed: 'http.ser' }],
  ['up{jo|}', { kind: 'label', typed: 'jo', metric: 'up' }],
  ['sum by (ins|) (up)', { kind: 'label', typed: 'ins', named: ['up'] }],
  ['a{x="1"} + b{y="2|', { kind: 'value', label: 'y', metric: 'b', others: [] }],
  ["up{job='it|", { kind: 'value', typed: 'it', close: "'" }],
])('the place of the caret in %s', (text, place) => {
  expect(placeIn(text)).toMatchObject(place);
});

test.each(['up # com|', 'up > 10|', 'label_replace(up, "a|', '|'])('nothing is suggested at %s', (text) => {
  expect(placeIn(text)).toBeUndefined();
});

test('a hundred thousand characters are read in linear time', () => {
  for (const text of [
    'a'.repeat(100_000),
    'a '.repeat(50_000),
    '('.repeat(100_000),
    '"'.repeat(100_000),
    '> 1 '.repeat(25_000),
  ]) {
    expect(tokens(text).reduce((sum, token) => sum + token.text.length, 0)).toBe(text.length);
    expect(thresholdOf(text)).toBeUndefined();
    expect(placeAt(text, text.length)).toBeUndefined();
    expect(placeOfCode(text)).toBeUndefined();
    expect(clipped(text).length).toBeLessThan(400);
  }
});

test.each([
  ['+Inf', Infinity, '+Inf'], ['-Inf', -Infinity, '−Inf'], ['NaN', NaN, 'NaN'], ['1796234567.25', 1_796_234_567.25, '1796234567.25'],
  [14.9, 14.9, '14.9'], ['-0.00000012', -1.2e-7, '−1.2e-7'],
])('the value %s of the API is %s', (text, value, exact) => {
  expect(parseValue(text)).toBe(value);
  expect(exactNumber(parseValue(text))).toBe(exact);
}); // prettier-ignore

test('infinities are numbers of a series, though they have no place in the chart', () => {
  const { series } = columnsOf([{ metric: {}, values: [[0, '1'], [1, '+Inf'], [2, 'NaN']] }], { start: 0, end: 3000, step: 1000 }); // prettier-ignore
  expect(series[0].values).toEqual([1, Infinity, Number.NaN, null]);
  expect(series[0].stats).toMatchObject({ min: 1, max: Infinity, last: Number.NaN });
  expect(statsOf([null])).toEqual({ min: Number.NaN, mean: Number.NaN, max: Number.NaN, last: Number.NaN });
});

test('the highest series are drawn, and areas stand one upon the other', () => {
  const values = (value: string) => [[0, value]] as const;
  const data = columnsOf(
    ['1', '9', '5'].map((value) => ({ metric: { v: value }, values: values(value) })),
    { start: 0, end: 0, step: 1000 },
  );
  expect(highest(data, 2).series.map(({ labels }) => labels.v)).toEqual(['9', '5']);
  expect(stacked(data)).toEqual([[1], [10], [15]]);
});

test.each([
  [{ end: '99999999999999999' }, undefined, 1], [{ end: 'abc' }, undefined, 1], [{ end: '-1' }, undefined, 1], [{ end: '' }, undefined, 1],
  [{ end: '1700000000000', range: '1h' }, 1_700_000_000_000, 0], [{ range: '999999999d' }, undefined, 1], [{ range: 'x' }, undefined, 1], [{ range: '0s' }, undefined, 1],
] as const)('the time of the address %j is shown, or what is wrong with it', (params, end, faults) => {
  const range = rangeOf(params);
  expect([range.end, range.faults.length]).toEqual([end, faults]);
  expect(range.length).toBeGreaterThan(0);
}); // prettier-ignore

test.each([
  ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
  ['user\u202ename', 'user\\u202ename'],
  ['a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
  ['tab\tand\nline', 'tab\tand\nline'],
  ['日本 🎉 שלום', '日本 🎉 שלום'],
])('%j is shown as what it is', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('a text is cut between characters, not in one', () => {
  expect(clipped(`ab🎉cd`, 3)).toBe('ab…');
});

test.each([
  ['https://wiki.example/cpu-over-90%', ['Cpu'], 'https://wiki.example/cpu-over-90%'],
  ['https://crowsnest.example/playbooks/Disk%20full', ['Disk full', 'Cpu'], ''],
  ['https://crowsnest.example/playbooks/Over-90%', ['Over-90%', 'Cpu'], ''],
  ['playbooks/Other.md', ['Other', 'Cpu'], ''],
  ['Cpu', ['Cpu'], ''],
  ['javascript:alert(1)', ['javascript:alert(1)', 'Cpu'], ''],
])('the playbook link %s', (link, names, elsewhere) => {
  expect(readPlaybookLink(link, 'Cpu')).toEqual({ names, elsewhere });
});

test.each([
  ['Other.md', '/playbooks/Other'], ['../x/Other.md#Act', '/playbooks/Other#h-act'], ['#what-now', '#h-what-now'],
  ['https://a.example/b', 'https://a.example/b'], ['/alerts', '/alerts'], ['90%.md', '/playbooks/90%25'],
])('the link %s within a playbook leads to %s', (href, place) => {
  expect(linkInPlaybook(href)).toBe(place);
}); // prettier-ignore

test('headings are named as links name them', () => {
  expect(headingId(' What, now? ')).toBe('h-what-now');
  expect([decoded('a%20b'), decoded('90%')]).toEqual(['a b', '90%']);
});

test('an alert has the fingerprint that Alertmanager gives it', () => {
  expect(fingerprintOf({})).toBe('cbf29ce484222325');
  expect(fingerprintOf({ b: '2', a: '1', empty: '' })).toBe(fingerprintOf({ a: '1', b: '2' }));
});

test('fields of JSON and logfmt are found', () => {
  expect({ ...fieldsOfMessage('{"code":503,"route":"/orders","why":{"a":1}}') }).toEqual({
    code: '503',
    route: '/orders',
    why: '{"a":1}',
  });
  expect({ ...fieldsOfMessage('level=warn msg="slow \\"one\\"" took=3s') }).toEqual({
    level: 'warn',
    msg: 'slow "one"',
    took: '3s',
  });
  expect(fieldsOfMessage('a sentence with x=1 in it')).toEqual({});
  expect(Object.keys(fieldsOfMessage('{"__proto__":"x"}'))).toEqual(['__proto__']);
});

test('server-sent events are read, however they are cut', async () => {
  const text = ': hello\n\ndata: {"a":1}\n\nevent: failure\ndata: no\ndata: more\n\ndata: lost';
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const events = [];
  for await (const event of readEvents(body)) events.push(event);
  expect(events).toEqual([
    { name: 'message', data: '{"a":1}' },
    { name: 'failure', data: 'no\nmore' },
  ]);
});
