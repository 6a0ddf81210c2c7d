/** The text of one rule file; each is a kind of file that a person or a generator of files could hand in. */
export interface RuleFileCase {
  readonly name: string;
  readonly text: string;
}

const RULE = 'record: a, expr: vector(1)';

function rule(body: string): string {
  return `groups:\n  - name: g\n    rules:\n      - {${body}}\n`;
}

function group(body: string): string {
  return `groups:\n  - {${body}}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const FILES: Readonly<Record<string, string>> = {
  'an empty file': '',
  'only a comment': '# nothing\n',
  null: 'null\n',
  'a list': '- a\n',
  'a text': 'hello\n',
  'groups null': 'groups:\n',
  'groups a map': 'groups: {}\n',
  'groups a text': 'groups: a\n',
  'groups twice': 'groups: []\ngroups: []\n',
  'no groups but another key': 'rules: []\n',
  'a group that is null': 'groups: [null]\n',
  'a group that is a text': 'groups: [a]\n',
  'broken YAML': 'groups: [\n',
  'a tab': 'groups:\n\t- a\n',
  'two documents': `${rule(RULE)}---\n${rule(RULE)}`,
  'two documents, the second broken': `${rule(RULE)}---\ngroups: [\n`,
  'two documents, the second of another kind': `${rule(RULE)}---\n- a\n`,
  'a document mark before': `---\n${rule(RULE)}`,
  'a byte order mark': `\ufeff${rule(RULE)}`,
  CRLF: rule(RULE).replaceAll('\n', '\r\n'),
  'an anchor and a merge': `groups:\n  - name: g\n    rules:\n      - &a {${RULE}, labels: {x: y}}\n      - {<<: *a, record: b}\n`,
  'a merge of a list': `groups:\n  - name: g\n    rules:\n      - &a {record: a}\n      - &b {expr: '1'}\n      - <<: [*a, *b]\n`,
  'an anchor at the top': `x: &a {${RULE}}\ngroups: [{name: g, rules: [*a]}]\n`,
  'an anchor that is not there': 'groups: [{name: g, rules: [*nope]}]\n',
  'a tag': 'groups: !!seq [{name: !!str g}]\n',
  'a block expression':
    'groups:\n  - name: g\n    rules:\n      - record: a\n        expr: |\n          sum(\n            up\n          )\n',
  'a folded broken expression':
    'groups:\n  - name: g\n    rules:\n      - record: a\n        expr: >-\n          sum(\n            up\n          ))\n',
  'a broken expression over lines':
    'groups:\n  - name: g\n    rules:\n      - record: a\n        expr: |\n          sum(\n            up{\n          )\n',
};

const GROUPS = [
  'name: g', 'rules: []', "name: ''", 'name: ', 'name: 5', 'name: [a]', 'name: true', 'name: 1.10', 'name: "a/b c"', 'name: g, rules: ', 'name: g, rules: {}', 'name: g, rules: a', 'name: g, rules: [null]', 'name: g, rules: [a]', 'name: g, foo: 1', 'name: g, Name: h',
  ...['1m', '0', '0s', '', '60', '1.5m', '-1m', 'abc', '"1m"', '[1m]', '1m1h', '99999999999y', '1y2w3d4h5m6s7ms', '1 m', '1M', 'true', '00m', '1m ', '292y', '293y'].flatMap((value) => [`name: g, interval: ${value}`, `name: g, query_offset: ${value}`]),
  ...['0', '5', '-5', '1.5', '5.0', '"5"', 'a', '', '1e3', '0x10', '1_000', 'true', '[1]', '99999999999999999999', '010'].map((value) => `name: g, limit: ${value}`),
  ...['{}', '', '[]', 'a', '{a: b}', '{a: }', '{a: 5}', '{a: [b]}', '{"": b}', '{__name__: b}', '{1a: b}', '{"a b": c}', '{é: ü}', '{a: b, a: c}', '{5: b}', '{true: b}', '{alertname: x}', '{a: "{{ broken"}', '{a: {b: c}}',].map((value) => `name: g, labels: ${value}, rules: [{${RULE}}]`),
]; // prettier-ignore

const RULES = [
  RULE, '', 'record: a', 'alert: a', "expr: '1'", "record: a, alert: b, expr: '1'", "record: a, alert: '', expr: '1'", "record: '', alert: '', expr: '1'", "record: , expr: '1'", "alert: , expr: '1'", "record: a, expr: ''", 'record: a, expr: ', 'record: a, expr: 5', 'record: a, expr: true', 'record: a, expr: [up]', 'record: a, expr: {a: b}', 'record: a, expr: 1e3', 'record: a, expr: 0x1F', "record: a, expr: '1', foo: bar", "record: a, expr: '1', Expr: '2'", "Record: a, expr: '1'",
  "record: 'a b', expr: '1'", "record: 'a{b=\"c\"}', expr: '1'", "record: 'a}', expr: '1'", "record: 'sum(a)', expr: '1'", "record: 5, expr: '1'", "record: 5a, expr: '1'", "record: 'a:b:c', expr: '1'", "record: 'ä.ö', expr: '1'", "record: [a], expr: '1'", "record: 1.50, expr: '1'", "record: true, expr: '1'",
  "record: a, expr: '1', for: 5m", "record: a, expr: '1', for: 0s", "record: a, expr: '1', keep_firing_for: 5m", "record: a, expr: '1', annotations: {a: b}", "record: a, expr: '1', annotations: {}", "record: a, expr: '1', for: 1m, keep_firing_for: 1m, annotations: {a: b}", "record: a, expr: '1', annotations: {a: '{{ broken'}", "record: a, expr: '1', labels: {a: '{{ broken'}",
  ...['up', 'sum(', 'up{', 'up}', 'rate(up)', 'rate(up[5m])', 'nope(up)', 'up ==', 'up == bool 1', 'up{a=~"("}', 'up{a=~"*"}', '{}', '{a=~".*"}', '{__name__="a",__name__="b"}', 'a b', '"text"', 'up[5m]', '1', 'up offset 5m', 'up offset', 'up @ 5', 'up @ start()', 'sum by (a) up', 'a + on(b) c', 'a and bool b', 'a * on(x) group_left(y) b', 'topk(up)', 'topk(2, up)', 'quantile(2, up)', 'absent(up)', 'label_replace(up, "a", "$1", "b", "(.*)")', 'label_replace(up, "a", "$1", "b", "(")', 'histogram_quantile(0.9, sum by (le) (rate(x[5m])))', 'up[5m:]', 'up[5m:1m] offset 1m', 'rate(up[0s])', 'rate(up[-5m])', 'up[1y2', '1 > 2', '1 > bool 2', '-up', '+up', '--1', 'up # comment', '# only', 'limitk(1, up)', 'mad_over_time(up[5m])', 'sort_by_label(up, "a")', 'info(up)', 'up[5m] anchored', 'rate(up[5m] smoothed)', 'a + fill(0) b', 'up[5m+1m]', 'up[step()]', 'holt_winters(up[5m], 0.5, 0.5)', 'double_exponential_smoothing(up[5m], 0.5, 0.5)', '{"a.b"}', '{"a.b", c="d"}', 'sum by ("a.b") (up)', '"a', 'count_values("a b", up)', 'count_values("", up)', 'up{a="b" c="d"}', 'up{a="b",}', 'up{,}', 'inf', 'NaN', '1e', '0x', '1..2', 'time() > ', '(', ')', '()', 'sum()', 'sum(up, up)', 'vector(up)', 'scalar(1)', 'up unless on() b', 'a or ignoring(b) group_left c', 'a + ignoring(b) group_left(b) c', 'a + on(b) group_left(b) c', 'ünï', '€'].flatMap((expr) => [`record: r, expr: ${quoted(expr)}`, `alert: A, expr: ${quoted(expr)}`]),
  ...['5m', '0', '', '5', '-5m', '1.5m', 'x', '[5m]', '{}', '5m5h', '1d', '"5m"', '300y', 'null', '~', '0m', '1e3'].flatMap((value) => [`alert: A, expr: '1', for: ${value}`, `alert: A, expr: '1', keep_firing_for: ${value}`]),
  ...['{}', '', '[]', 'a', '{a: b}', '{a: }', '{a: 5}', '{a: [b]}', '{"": b}', '{__name__: b}', '{1a: b}', '{"a b": c}', '{é: ü}', '{a: b, a: c}', '{5: b}', '{alertname: x}', '{a: {b: c}}', '{a: 2020-01-01}', '{a: 1.10}', '{a: yes}', '{a: 0777}', '{a: "\\xff"}'].flatMap((value) => [`alert: A, expr: '1', labels: ${value}`, `alert: A, expr: '1', annotations: ${value}`, `record: r, expr: '1', labels: ${value}`]),
  ...['{{ $value }}', '{{ $labels.a }}', '{{ $nope }}', '{{ nope }}', '{{', '}}', '{{ end }}', '{{ if }}', '{{ range }}x{{ end }}', '{{ range query "up" }}{{ end }}', '{{ with }}', '{{ "a }}', '{{ 1 2 }}', '{{ .Labels.a | }}', '{{ humanize $value', '{{ template "x" }}', '{{ define "x" }}', '{{ define "x" }}a{{ end }}', '{{ block "x" . }}a{{ end }}', '{{ else }}', '{{ break }}', '{{ continue }}', '{{/* c */}}', '{{/* c }}', '{{- 1 -}}', '{{ $x := 1 }}{{ $y }}', '{{ $x = 1 }}', '{{ (1 }}', '{{ 1) }}', '{{ . }}', '{{ .. }}', '{{ .a.b.c }}', '{{ query "sum(" }}', '{{ printf }}', '{{ "a" | humanize }}', '{{ nil }}', '{{ true }}', '{{ 0x }}', "{{ '' }}", '{{ `a` }}', '{{ a.b }}', '{{ $labels. }}', '{{ if 1 }}', '{{ if 1 }}a{{ else if 2 }}b{{ end }}', '{{ if 1 }}a{{ else }}b{{ else }}c{{ end }}', '{{ range $i, $e := . }}{{ $i }}{{ end }}', '{{ range $i, $e, $f := . }}{{ end }}', '{{ externalURL }}', '{{ urlQueryEscape "a" }}', '{{ safeHtml "a" }}', '{{ args 1 }}', '{{ tmpl "a" . }}', '{{ now }}', '{{ toDuration 1 }}', '{{ parseDurationTime "1" }}', '{{ title }}', '{{ $externalLabels.x }}', '{{ $externalURL }}', '{{ lower "a" }}', '{{ join "a" }}', '{{ toJson . }}'].flatMap((template) => [`alert: A, expr: '1', annotations: {t: ${quoted(template)}}`, `alert: A, expr: '1', labels: {t: ${quoted(template)}}`]),
]; // prettier-ignore

const LISTS: Readonly<Record<string, readonly string[]>> = {
  'the same recording twice': [RULE, RULE],
  'the same recording thrice': [RULE, RULE, RULE],
  'two recordings twice': [RULE, RULE, 'record: b, expr: vector(2)', 'record: b, expr: vector(3)'],
  'the same name with other labels': [`${RULE}, labels: {x: '1'}`, `${RULE}, labels: {x: '2'}`],
  'the same name with the same labels': [`${RULE}, labels: {x: '1', y: '2'}`, `${RULE}, labels: {y: '2', x: '1'}`],
  'the same alert twice': ["alert: A, expr: '1'", "alert: A, expr: '2', for: 5m"],
  'an alert and a recording of the same name': ["alert: A, expr: '1'", "record: A, expr: '2'"],
  'three faults': ["record: a, expr: 'sum('", "alert: b, expr: ''", 'foo: 1'],
  'three faults of known fields': ["record: a, expr: 'sum('", "alert: b, expr: ''", "record: c, expr: '1', for: 1m"],
  'a duplicate and a fault': [RULE, RULE, "record: b, expr: 'sum('"],
};

const GROUP_LISTS: Readonly<Record<string, string>> = {
  'two groups of one name': 'groups: [{name: a}, {name: a}]\n',
  'two groups without a name': 'groups: [{rules: []}, {rules: []}]\n',
  'a duplicate across groups': `groups: [{name: a, rules: [{${RULE}}]}, {name: b, rules: [{${RULE}}]}]\n`,
  'a duplicate but for the labels of the group': `groups: [{name: a, labels: {x: y}, rules: [{${RULE}}]}, {name: b, rules: [{${RULE}}]}]\n`,
  'a duplicate by the labels of the group': `groups: [{name: a, labels: {x: y}, rules: [{${RULE}}]}, {name: b, rules: [{${RULE}, labels: {x: y}}]}]\n`,
  'labels of the rule over those of the group': `groups: [{name: a, labels: {x: y}, rules: [{${RULE}, labels: {x: z}}]}, {name: b, rules: [{${RULE}, labels: {x: z}}]}]\n`,
};

export const RULE_FILE_CASES: readonly RuleFileCase[] = [
  ...Object.entries({ ...FILES, ...GROUP_LISTS }).map(([name, text]) => ({ name, text })),
  ...GROUPS.map((body) => ({ name: `group ${body}`, text: group(body) })),
  ...RULES.map((body) => ({ name: `rule ${body}`, text: rule(body) })),
  ...Object.entries(LISTS).map(([name, rules]) => ({
    name,
    text: `groups:\n  - name: g\n    rules:\n${rules.map((body) => `      - {${body}}\n`).join('')}`,
  })),
];
