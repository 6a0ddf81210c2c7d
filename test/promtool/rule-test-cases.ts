/** One folder of files, of which `test.yml` is run by both. */
export interface RuleTestCase {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
}

const RULES = `groups:
  - name: records
    interval: 30s
    rules:
      - {record: 'job:up:sum', expr: 'sum by (job) (up)'}
      - {record: fixed, expr: '1'}
      - {record: histo, expr: 'sum(latency)'}
  - name: alerts
    labels: {team: shop}
    rules:
      - alert: Down
        expr: up == 0
        for: 2m
        labels: {severity: page, where: '{{ $labels.job }}'}
        annotations: {summary: '{{ $labels.instance }} of {{ .Labels.job }} is {{ $value }}', url: '{{ $externalURL }}', cluster: '{{ $externalLabels.cluster }}'}
      - alert: Kept
        expr: up == 0
        keep_firing_for: 3m
      - alert: Always
        expr: '1'
`;

const HEAD = 'rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n';
const UP = `    input_series:
      - {series: 'up{job="a", instance="a:1"}', values: '1 1 0x10 1 1 1'}
      - {series: 'up{job="b", instance="b:1"}', values: '1x20'}
`;

/** A file of one test group over {@link RULES}. */
function group(name: string, body: string, rules = RULES): RuleTestCase {
  return { name, files: { 'rules.yml': rules, 'test.yml': `${HEAD}  - name: g\n${UP}${body}` } };
}

function whole(name: string, test: string, files: Readonly<Record<string, string>> = {}): RuleTestCase {
  return { name, files: { 'rules.yml': RULES, 'test.yml': test, ...files } };
}

/** Asks an expression over series that the case gives itself. */
function expr(name: string, series: readonly (readonly [string, string])[], ask: string): RuleTestCase {
  const input = series.map(([labels, values]) => `      - {series: ${quoted(labels)}, values: ${quoted(values)}}\n`);
  const head = input.length === 0 ? '' : '    input_series:\n';
  return whole(name, `tests:\n  - name: g\n${head}${input.join('')}    promql_expr_test:\n      - ${ask}\n`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const ALERTS = [
  ['alert as expected', "{eval_time: 4m, alertname: Down, exp_alerts: [{exp_labels: {severity: page, where: a, team: shop, job: a, instance: 'a:1'}, exp_annotations: {summary: 'a:1 of a is 0', url: '', cluster: ''}}]}"],
  ['alert without annotations expected', "{eval_time: 4m, alertname: Down, exp_alerts: [{exp_labels: {severity: page, where: a, team: shop, job: a, instance: 'a:1'}}]}"],
  ['alert not yet firing', '{eval_time: 3m, alertname: Down, exp_alerts: []}'],
  ['alert not yet firing but expected', '{eval_time: 3m, alertname: Down, exp_alerts: [{}]}'],
  ['alert unexpected', '{eval_time: 5m, alertname: Down}'],
  ['alert of no rule', '{eval_time: 5m, alertname: Nope}'],
  ['alert of no rule expected', '{eval_time: 5m, alertname: Nope, exp_alerts: [{}]}'],
  ['alertname in the labels', "{eval_time: 5m, alertname: Always, exp_alerts: [{exp_labels: {alertname: Other, team: shop}}]}"],
  ['kept firing', "{eval_time: 14m, alertname: Kept, exp_alerts: [{exp_labels: {team: shop, job: a, instance: 'a:1'}}]}"],
  ['kept firing, over', '{eval_time: 17m, alertname: Kept, exp_alerts: []}'],
  ['kept firing, one too long', "{eval_time: 16m, alertname: Kept, exp_alerts: [{exp_labels: {team: shop, job: a, instance: 'a:1'}}]}"],
  ['between two evaluations', '{eval_time: 3m59s, alertname: Down, exp_alerts: []}'],
  ['eval_time 0', '{eval_time: 0, alertname: Always, exp_alerts: [{exp_labels: {team: shop}}]}'],
  ['eval_time absent', '{alertname: Always, exp_alerts: [{exp_labels: {team: shop}}]}'],
  ['eval_time null', '{eval_time: , alertname: Always, exp_alerts: [{exp_labels: {team: shop}}]}'],
  ['eval_time a number', '{eval_time: 60, alertname: Always, exp_alerts: [{exp_labels: {team: shop}}]}'],
  ['eval_time negative', '{eval_time: -1m, alertname: Always}'],
  ['eval_time with a fraction', '{eval_time: 1.5m, alertname: Always}'],
  ['eval_time huge', '{eval_time: 99999999999y, alertname: Always}'],
  ['alertname absent', '{eval_time: 1m, exp_alerts: []}'],
  ['alertname null', '{eval_time: 1m, alertname: , exp_alerts: []}'],
  ['alertname a number', '{eval_time: 1m, alertname: 5, exp_alerts: []}'],
  ['alertname a list', '{eval_time: 1m, alertname: [a], exp_alerts: []}'],
  ['exp_alerts null', '{eval_time: 3m, alertname: Down, exp_alerts: }'],
  ['exp_alerts a map', '{eval_time: 3m, alertname: Down, exp_alerts: {}}'],
  ['exp_alerts with a null', '{eval_time: 5m, alertname: Always, exp_alerts: [null]}'],
  ['exp_labels a list', '{eval_time: 3m, alertname: Down, exp_alerts: [{exp_labels: [a]}]}'],
  ['exp_labels null', '{eval_time: 5m, alertname: Always, exp_alerts: [{exp_labels: }]}'],
  ['exp_labels with a null', '{eval_time: 5m, alertname: Always, exp_alerts: [{exp_labels: {team: shop, x: }}]}'],
  ['exp_labels with an empty value', '{eval_time: 5m, alertname: Always, exp_alerts: [{exp_labels: {team: shop, x: ""}}]}'],
  ['exp_labels with a list', '{eval_time: 5m, alertname: Always, exp_alerts: [{exp_labels: {team: [shop]}}]}'],
  ['the same alert twice', '{eval_time: 5m, alertname: Always, exp_alerts: [{exp_labels: {team: shop}}, {exp_labels: {team: shop}}]}'],
  ['unknown key of an alert', '{eval_time: 5m, alertname: Always, exp_alert: []}'],
  ['unknown key of an expected alert', '{eval_time: 5m, alertname: Always, exp_alerts: [{labels: {}}]}'],
  ['alertname twice', '{eval_time: 5m, alertname: Always, alertname: Down}'],
] as const; // prettier-ignore

const VALUES: readonly (readonly [values: string, at: string, expected: string])[] = [
  ['1 2 3', '2m', '3'], ['1+1x3', '3m', '4'], ['5-1x3', '3m', '2'], ['-2+4x3', '3m', '10'], ['1-2x4', '2m', '-3'],
  ['1x4', '4m', '1'], ['_ 1', '1m', '1'], ['_x3 4', '3m', '4'], ['1 stale', '0', '1'], ['1 stale', '1m', ''], ['1 _ stale 5', '3m', '5'],
  ['1e3', '0', '1000'], ['0x10', '0', '16'], ['0x1+1x3', '1m', '2'], ['1_000', '0', '1000'], ['.5', '0', '0.5'], ['1.5e-3+0.5x2', '2m', '1.0015'],
  ['Inf', '0', '.inf'], ['-Inf', '0', '-.inf'], ['NaN', '0', '.nan'], ['inf', '0', '.inf'], ['+Inf', '0', '.inf'], ['nan', '0', '.nan'],
  ['1+1', '0', '1'], ['1x', '0', '1'], ['x3', '0', '1'], ['1 2 a', '0', '1'], ['', '0', '1'], ['1,2', '0', '1'], ['_', '0', '1'], ['stale', '0', '1'],
  ['1x0', '0', '1'], ['1+1x0 7', '1m', '7'], ['_x0 7', '0', '7'], ['1  2   3', '2m', '3'], ['1\t2', '1m', '2'], ['+1', '0', '1'], ['- 1', '0', '-1'], ['1 + 1 x 3', '3m', '4'],
  ['1+1x3 stale _ 7x2', '6m', '7'], ['1x20000', '5m', '1'], ['1e309', '0', '.inf'], ['1x-1', '0', '1'], ['1x1.5', '0', '1'], ['0b11', '0', '3'], ['0o17', '0', '15'], ['017', '0', '17'],
  ['1 null', '0', '1'], ['"1"', '0', '1'], ['{{}}', '0', '1'], ['1 2 3 # comment', '2m', '3'], ['stalex3', '0', '1'], ['1d', '0', '86400'], ['1m30s', '0', '90'], ['5m+1mx2', '1m', '360'],
]; // prettier-ignore

const HISTOGRAMS: readonly (readonly [values: string, at: string, expected: string])[] = [
  ['{{schema:0 sum:5 count:4 buckets:[1 2 1]}}', '0', '{{schema:0 sum:5 count:4 buckets:[1 2 1]}}'],
  ['{{schema:0 sum:5 count:4 buckets:[1 2 1]}}', '0', '{{count:4 sum:5 buckets:[1 2 1]}}'],
  ['{{schema:0 sum:5 count:4 buckets:[1 2 1]}}', '0', '{{count:4 sum:5 buckets:[1 2 2]}}'],
  ['{{schema:0 sum:5 count:4 buckets:[1 2 1]}}', '0', '{{count:4 sum:5 buckets:[0 1 2 1] offset:-1}}'],
  ['{{sum:1 count:1 buckets:[1]}}+{{sum:1 count:1 buckets:[1]}}x3', '3m', '{{sum:4 count:4 buckets:[4] counter_reset_hint:not_reset}}'],
  ['{{sum:1 count:1 buckets:[1]}}+{{sum:1 count:1 buckets:[1]}}x3', '3m', '{{sum:4 count:4 buckets:[4]}}'],
  ['{{sum:9 count:9 buckets:[9]}}-{{sum:1 count:1 buckets:[1]}}x3', '3m', '{{sum:6 count:6 buckets:[6] counter_reset_hint:gauge}}'],
  ['{{sum:9 count:9 buckets:[9]}} {{sum:1 count:1 buckets:[1]}}', '1m', '{{sum:1 count:1 buckets:[1] counter_reset_hint:reset}}'],
  ['{{sum:1 count:1 buckets:[1]}}x3', '3m', '{{sum:1 count:1 buckets:[1] counter_reset_hint:not_reset}}'],
  ['{{sum:1 count:1 buckets:[1] counter_reset_hint:gauge}}x3', '3m', '{{sum:1 count:1 buckets:[1] counter_reset_hint:gauge}}'],
  ['{{schema:-53 sum:1 count:3 custom_values:[1 2.5] buckets:[1 1 1]}}', '0', '{{schema:-53 count:3 sum:1 custom_values:[1 2.5] buckets:[1 1 1]}}'],
  ['{{schema:1 z_bucket:2 z_bucket_w:0.5 sum:-3 count:7 n_buckets:[1 2] n_offset:-1 buckets:[2] offset:3}}', '0', '{{schema:1 z_bucket:2 z_bucket_w:0.5 sum:-3 count:7 n_buckets:[1 2] n_offset:-1 buckets:[2] offset:3}}'],
  ['{{}}', '0', '{{}}'], ['{{schema:99}}', '0', '{{}}'], ['{{nope:1}}', '0', '{{}}'], ['{{sum:NaN count:1}}', '0', '{{sum:NaN count:1}}'], ['{{sum:1 sum:2}}', '0', '{{sum:2}}'],
  ['{{count:1}}', '0', '{{count:1}} {{count:1}}'], ['{{count:1}}', '0', '1'], ['{{count:1}}', '0', '{{count:'], ['{{count:1}}', '0', '_'], ['{{count:1}}', '0', '{{count:1}}x3'],
  ['1', '0', '{{count:1}}'], ['{{schema:0 buckets:[1 2]}} stale', '1m', ''], ['{{count:2 buckets:[1 1]}} 5 {{count:3 buckets:[1 2]}}', '2m', '{{count:3 buckets:[1 2]}}'],
  ['{{schema:3 count:1 buckets:[1]}}+{{schema:1 count:1 buckets:[1]}}x2', '2m', '{{schema:1 count:3 buckets:[3] counter_reset_hint:not_reset}}'],
]; // prettier-ignore

const SAMPLES = [
  ['exact', '{expr: vector(1), eval_time: 1m, exp_samples: [{value: 1}]}'],
  ['wrong value', '{expr: vector(1), eval_time: 1m, exp_samples: [{value: 2}]}'],
  ['scalar', "{expr: '1', exp_samples: [{value: 1}]}"],
  ['string result', `{expr: '"a"', exp_samples: []}`],
  ['matrix result', "{expr: 'up[5m]', exp_samples: []}"],
  ['empty labels', "{expr: vector(1), exp_samples: [{labels: '', value: 1}]}"],
  ['braces as labels', "{expr: vector(1), exp_samples: [{labels: '{}', value: 1}]}"],
  ['blank labels', "{expr: vector(1), exp_samples: [{labels: '  ', value: 1}]}"],
  ['broken labels', "{expr: vector(1), exp_samples: [{labels: '{a=', value: 1}]}"],
  ['a matcher as labels', `{expr: vector(1), exp_samples: [{labels: '{a!="b"}', value: 1}]}`],
  ['quoted name', `{expr: 'label_replace(vector(1), "__name__", "a.b", "", "")', exp_samples: [{labels: '{"a.b"}', value: 1}]}`],
  ['name as a label', `{expr: 'label_replace(vector(1), "__name__", "ab", "", "")', exp_samples: [{labels: '{__name__="ab"}', value: 1}]}`],
  ['value as text', "{expr: vector(1), exp_samples: [{value: '1'}]}"],
  ['value .nan', "{expr: vector(NaN), exp_samples: [{value: .nan}]}"],
  ['value NaN', "{expr: vector(NaN), exp_samples: [{value: NaN}]}"],
  ['value .inf', "{expr: vector(Inf), exp_samples: [{value: .inf}]}"],
  ['value +.Inf', "{expr: vector(Inf), exp_samples: [{value: +.Inf}]}"],
  ['value -.INF', "{expr: vector(-Inf), exp_samples: [{value: -.INF}]}"],
  ['value Inf', "{expr: vector(Inf), exp_samples: [{value: Inf}]}"],
  ['value -Inf', "{expr: vector(-Inf), exp_samples: [{value: -Inf}]}"],
  ['value 1e3', "{expr: vector(1000), exp_samples: [{value: 1e3}]}"],
  ['value 1E+3', "{expr: vector(1000), exp_samples: [{value: 1E+3}]}"],
  ['value 0x10', "{expr: vector(16), exp_samples: [{value: 0x10}]}"],
  ['value 1_000', "{expr: vector(1000), exp_samples: [{value: 1_000}]}"],
  ['value 1_000.5', "{expr: vector(1000.5), exp_samples: [{value: 1_000.5}]}"],
  ['value 010', "{expr: vector(8), exp_samples: [{value: 010}]}"],
  ['value 0b11', "{expr: vector(3), exp_samples: [{value: 0b11}]}"],
  ['value 0o17', "{expr: vector(15), exp_samples: [{value: 0o17}]}"],
  ['value .5', "{expr: vector(0.5), exp_samples: [{value: .5}]}"],
  ['value 5.', "{expr: vector(5), exp_samples: [{value: 5.}]}"],
  ['value +5', "{expr: vector(5), exp_samples: [{value: +5}]}"],
  ['value null', "{expr: vector(0), exp_samples: [{value: }]}"],
  ['value true', "{expr: vector(1), exp_samples: [{value: true}]}"],
  ['value absent', "{expr: vector(0), exp_samples: [{labels: '{}'}]}"],
  ['value a list', "{expr: vector(0), exp_samples: [{value: [1]}]}"],
  ['value of many digits', "{expr: vector(123456789012345678901234567890), exp_samples: [{value: 123456789012345678901234567890}]}"],
  ['-0 and 0', "{expr: vector(-0), exp_samples: [{value: 0}]}"],
  ['a last bit off', "{expr: 0.1+0.2, exp_samples: [{value: 0.3}]}"],
  ['samples null', '{expr: vector(1) == 2, exp_samples: }'],
  ['samples absent', '{expr: vector(1) == 2}'],
  ['samples a map', '{expr: vector(1) == 2, exp_samples: {}}'],
  ['unknown key', '{expr: vector(1), exp_sample: []}'],
  ['expr absent', '{eval_time: 1m}'],
  ['expr empty', "{expr: '', exp_samples: []}"],
  ['expr a number', '{expr: 5, exp_samples: [{value: 5}]}'],
  ['expr broken', "{expr: 'sum(', exp_samples: []}"],
  ['expr unknown function', "{expr: 'nope(up)', exp_samples: []}"],
  ['expr many-to-many', `{expr: 'a * on() b', exp_samples: []}`],
  ['time()', '{expr: time(), eval_time: 90s, exp_samples: [{value: 90}]}'],
  ['timestamp in ms', '{expr: time(), eval_time: 1500ms, exp_samples: [{value: 1.5}]}'],
  ['subquery without step', "{expr: 'count_over_time(vector(1)[5m:])', eval_time: 10m, exp_samples: [{value: 5}]}"],
  ['start()', "{expr: 'vector(1) @ start()', exp_samples: [{value: 1}]}"],
  ['negative offset', "{expr: 'time() - timestamp(vector(1))', eval_time: 5m, exp_samples: [{value: 0}]}"],
  ['sorted', `{expr: 'sort_desc(label_replace(vector(1), "a", "1", "", "") or label_replace(vector(2), "a", "2", "", ""))', exp_samples: [{labels: '{a="1"}', value: 1}, {labels: '{a="2"}', value: 2}]}`],
] as const; // prettier-ignore

const TEMPLATES = [
  '{{ $value }}', '{{ .Value }}', '{{ $value | humanize }}', '{{ 1234567.8 | humanize }}', '{{ 0.00012 | humanize }}', '{{ 1e10 | humanize1024 }}', '{{ 90061.5 | humanizeDuration }}', '{{ 0.0001 | humanizeDuration }}',
  '{{ 0.1234 | humanizePercentage }}', '{{ 1700000000.123 | humanizeTimestamp }}', '{{ toTime 1700000000.0 }}', '{{ (toTime 1700000000.0).Format "2006-01-02" }}', '{{ toDuration 90.5 }}', '{{ "a b" | title }}', '{{ "aB" | toUpper }}', '{{ "aB" | toLower }}',
  '{{ stripPort "a:90" }}', '{{ stripDomain "a.b.c:9" }}', '{{ match "a.*" "abc" }}', '{{ reReplaceAll "(b)" "<$1>" "abc" }}', '{{ graphLink "up{a=\\"b\\"}" }}', '{{ tableLink "up" }}', '{{ parseDuration "1h30m" }}', '{{ urlQueryEscape "a b&c" }}',
  '{{ $labels }}', '{{ $labels.nope }}', '{{ $labels.instance }}', '{{ .Labels.job }}', '{{ index $labels "job" }}', '{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}', '{{ with query "up" }}{{ . | first | value }}{{ end }}', '{{ query "up" | len }}',
  '{{ range query "up" }}{{ .Labels.job }}:{{ .Value }} {{ end }}', '{{ range (query "up" | sortByLabel "job") }}{{ . | label "job" }}{{ end }}', '{{ query "nope" | first | value }}', '{{ query "sum(" }}', '{{ strvalue (query "up" | first) }}', '{{ $externalLabels.cluster }}', '{{ .ExternalLabels.cluster }}', '{{ $externalURL }}', '{{ .ExternalURL }}', '{{ externalURL }}', '{{ pathPrefix }}',
  '{{ printf "%.2f %s %d %v %q %5.1f|%-5s|%05d" 1.234 "a" 5 true "q" 2.25 "x" 42 }}', '{{ if gt $value 0.5 }}big{{ else }}small{{ end }}', '{{ if and (eq $labels.job "a") (ne 1 2) }}y{{ end }}', '{{ define "t" }}[{{ . }}]{{ end }}{{ template "t" $labels.job }}', '{{ $x := 5 }}{{ $x }}{{ $x = 6 }}{{ $x }}', '{{/* c */}}x', '{{- "a" -}}  b', '{{ len "abc" }}', '{{ slice "abcdef" 1 3 }}', '{{ html "<a>" }}', '{{ js "\'" }}', '{{ print 1 2 "a" "b" }}', '{{ println "a" }}', '{{ not true }}', '{{ or "" "b" }}', '{{ index (args 1 "b") "arg1" }}', '{{ safeHtml "<b>" }}', '{{ now | printf "%T" }}',
  '{{ "abc" | reReplaceAll "(" "x" }}', '{{ nope }}', '{{ $nope }}', '{{ .Nope }}', '{{ end }}', '{{ if }}', '{{ 1 2 }}', '{{ "a', '{{', '}}', '{{ humanize "abc" }}', '{{ humanize "1500" }}', '{{ humanizeTimestamp "x" }}', '{{ toTime "x" }}', '{{ parseDuration "x" }}', '{{ 5 | humanizeDuration }}', '{{ -5.5 | humanizeDuration }}', '{{ $value.Foo }}', '{{ template "none" }}', '{{ range 3 }}{{ . }}{{ end }}', '{{ range $i := 3 }}{{ $i }}{{ end }}', '{{ break }}', '{{ range query "up" }}{{ break }}{{ end }}done', '{{ urlunescape "a" }}', '{{ NaN }}', '{{ 1e400 }}', '{{ 0x1F }}', "{{ 'a' }}", '{{ 1i }}', '{{ `raw` }}', '{{ true | printf "%t" }}', '{{ nil }}', '{{ eq 1 1.0 }}', '{{ eq $value 0.0 }}', '{{ lt 1 "a" }}', '{{ call 1 }}', '{{ $labels.job | len }}', '{{ stripPort "[::1]:9090" }}', '{{ stripDomain "10.0.0.1:90" }}', 'ünï → {{ $labels.job }} ✓', '{{ $labels.job }}\\n', '{{ $value | printf "%.3g" }}', '{{ $value | humanize | printf "%s!" }}', '{{ 1000 | humanize }}', '{{ .Labels }}', '{{ . }}', '{{ $ }}', '{{ 1.0 }}', '{{ 1e21 }}', '{{ 123456789.0 }}', '{{ 0.000001 }}', '{{ 0.0000001 }}', '{{ 1e20 }}', '{{ printf "%v" 1e6 }}', '{{ printf "%x" "hi" }}', '{{ printf "%T" 1.0 }}', '{{ printf "%[2]s %[1]s" "a" "b" }}', '{{ printf "%d" 1.5 }}', '{{ printf "%s" }}', '{{ printf "a" 1 }}', '{{ printf "%!" }}', '{{ printf "%e %g %G %b" 1.5 1e-7 1e30 2.0 }}', '{{ printf "%08.3f|%+d|% d|%x|%X|%o|%c|%U" 3.14159 5 5 255 255 8 65 0x1F600 }}',
]; // prettier-ignore

const FILES: readonly RuleTestCase[] = [
  whole('an empty file', ''),
  whole('null', 'null\n'),
  whole('a list', '- a\n'),
  whole('a text', 'hello\n'),
  whole('no tests', 'rule_files: [rules.yml]\n'),
  whole('tests null', 'rule_files: [rules.yml]\ntests:\n'),
  whole('tests a map', 'tests: {}\n'),
  whole('a test that is null', 'tests: [null]\n'),
  whole('a test that is empty', 'tests: [{}]\n'),
  whole('broken YAML', 'tests: [\n'),
  whole('a tab', 'tests:\n\t- a\n'),
  whole('an unknown key', 'tests: []\nfoo: 1\n'),
  whole('an unknown key of a group', 'tests: [{foo: 1}]\n'),
  whole('ignore_unknown_fields in the file', 'ignore_unknown_fields: true\ntests: []\n'),
  whole('a key twice', 'tests: []\ntests: []\n'),
  whole('rule_files a text', 'rule_files: rules.yml\ntests: [{}]\n'),
  whole('rule_files null', 'rule_files:\ntests: [{}]\n'),
  whole('rule_files of a number', 'rule_files: [5]\ntests: [{}]\n'),
  whole('rule_files empty text', "rule_files: ['']\ntests: [{}]\n"),
  whole('a rule file that is not there', 'rule_files: [none.yml]\ntests: [{}]\n'),
  whole('the same rule file twice', 'rule_files: [rules.yml, rules.yml]\ntests: [{alert_rule_test: [{alertname: Always, exp_alerts: [{exp_labels: {team: shop}}]}]}]\n'),
  whole('the same rule file by two names', 'rule_files: [rules.yml, "./r*.yml", "../{DIR}/rules.yml"]\ntests: [{alert_rule_test: [{alertname: Always, exp_alerts: [{exp_labels: {team: shop}}]}]}]\n'),
  whole('two files with the same group', 'rule_files: ["r*.yml"]\ntests: [{alert_rule_test: [{alertname: Always, exp_alerts: [{exp_labels: {team: shop}}]}]}]\n', { 'r2.yml': RULES }),
  whole('a glob of sets', 'rule_files: ["r[a-z]les.y?l"]\ntests: [{promql_expr_test: [{expr: fixed, exp_samples: [{labels: fixed, value: 1}]}]}]\n'),
  whole('a glob with not', 'rule_files: ["r[^a]les.yml"]\ntests: [{promql_expr_test: [{expr: fixed, exp_samples: [{labels: fixed, value: 1}]}]}]\n'),
  whole('a broken glob', 'rule_files: ["r[ules.yml"]\ntests: []\n'),
  whole('a glob of folders', 'rule_files: ["*/x.yml"]\ntests: [{promql_expr_test: [{expr: fixed, exp_samples: [{labels: fixed, value: 1}]}]}]\n', { 'sub/x.yml': RULES, 'sub2/x.yml': 'groups: []' }),
  whole('a glob of hidden files', 'rule_files: ["*.yaml"]\ntests: [{promql_expr_test: [{expr: fixed, exp_samples: [{labels: fixed, value: 1}]}]}]\n', { '.hidden.yaml': RULES }),
  whole('a broken rule file', 'rule_files: [bad.yml]\ntests: [{name: one}, {name: two}]\n', { 'bad.yml': 'groups: [{name: a, rules: [{record: x, expr: "sum("}]}]' }),
  whole('a broken rule file without tests', 'rule_files: [bad.yml]\ntests: []\n', { 'bad.yml': 'groups: [' }),
  whole('an empty rule file', 'rule_files: [bad.yml]\ntests: [{name: one}]\n', { 'bad.yml': '' }),
  whole('a folder as a rule file', 'rule_files: [sub]\ntests: [{name: one}]\n', { 'sub/a.yml': '' }),
  whole('a rule file with extra fields', 'rule_files: [bad.yml]\ntests: [{name: one}]\n', { 'bad.yml': 'groups: [{name: a, owner: me, rules: []}]' }),
  whole('a rule file of two documents', 'rule_files: [two.yml]\ntests: [{promql_expr_test: [{expr: fixed, exp_samples: [{labels: fixed, value: 1}]}]}]\n', { 'two.yml': `${RULES}---\ngroups: [{name: other, rules: [{record: x, expr: '1'}]}]\n` }),
  whole('a test file of two documents', 'tests: [{promql_expr_test: [{expr: vector(1), exp_samples: [{value: 1}]}]}]\n---\ntests: [{promql_expr_test: [{expr: vector(1), exp_samples: [{value: 2}]}]}]\n'),
  whole('evaluation_interval 0', 'evaluation_interval: 0\ntests: [{promql_expr_test: [{expr: vector(1), eval_time: 2m, exp_samples: [{value: 1}]}]}]\n'),
  whole('evaluation_interval 0s', 'evaluation_interval: 0s\ntests: [{promql_expr_test: [{expr: vector(1), eval_time: 2m, exp_samples: [{value: 1}]}]}]\n'),
  whole('evaluation_interval null', 'evaluation_interval:\ntests: [{promql_expr_test: [{expr: vector(1), eval_time: 2m, exp_samples: [{value: 1}]}]}]\n'),
  whole('evaluation_interval wrong', 'evaluation_interval: 1x\ntests: []\n'),
  whole('interval 0s', "evaluation_interval: 30s\ntests: [{interval: 0s, input_series: [{series: a, values: '0+1x9'}], promql_expr_test: [{expr: a, eval_time: 2m, exp_samples: [{labels: a, value: 4}]}]}]\n"),
  whole('interval apart from the evaluation', "evaluation_interval: 30s\ntests: [{interval: 10s, input_series: [{series: a, values: '0+1x90'}], promql_expr_test: [{expr: a, eval_time: 2m, exp_samples: [{labels: a, value: 12}]}]}]\n"),
  whole('interval longer than the evaluation', "evaluation_interval: 1m\ntests: [{interval: 1h30m, input_series: [{series: a, values: '0+1x90'}], promql_expr_test: [{expr: a, eval_time: 3h, exp_samples: [{labels: a, value: 2}]}]}]\n"),
  whole('interval in ms', "evaluation_interval: 1s\ntests: [{interval: 1s500ms, input_series: [{series: a, values: '0+1x90'}], promql_expr_test: [{expr: a, eval_time: 3s, exp_samples: [{labels: a, value: 2}]}]}]\n"),
  whole('group_eval_order repeated', 'group_eval_order: [a, b, a]\ntests: []\n'),
  whole('group_eval_order of no group', 'rule_files: [rules.yml]\ngroup_eval_order: [nope, alerts, records]\ntests: [{}]\n'),
  whole('group_eval_order a text', 'group_eval_order: a\ntests: []\n'),
  whole('group order that matters', "rule_files: [rules.yml]\ngroup_eval_order: [second, first]\ntests: [{promql_expr_test: [{expr: second, exp_samples: [{labels: second, value: 1}]}]}]\n", { 'rules.yml': "groups: [{name: first, rules: [{record: first, expr: '1'}]}, {name: second, rules: [{record: second, expr: first}]}]" }),
  whole('group order that helps', "rule_files: [rules.yml]\ngroup_eval_order: [first, second]\ntests: [{promql_expr_test: [{expr: second, exp_samples: [{labels: second, value: 1}]}]}]\n", { 'rules.yml': "groups: [{name: second, rules: [{record: second, expr: first}]}, {name: first, rules: [{record: first, expr: '1'}]}]" }),
  ...['true', 'false', 'yes', 'no', 'on', 'True', 'y', '"true"', '1', 'maybe', ''].map((value) =>
    whole(`fuzzy_compare ${value}`, `fuzzy_compare: ${value}\ntests: [{promql_expr_test: [{expr: 0.1+0.2, exp_samples: [{value: 0.3}]}]}]\n`)),
  whole('fuzzy_compare two bits off', 'fuzzy_compare: true\ntests: [{promql_expr_test: [{expr: vector(1), exp_samples: [{value: 1.0000000000000004}]}]}]\n'),
  whole('fuzzy_compare of a histogram', "fuzzy_compare: true\ntests: [{input_series: [{series: h, values: '{{sum:0.3 count:1}}'}], promql_expr_test: [{expr: 'h', exp_samples: [{labels: h, histogram: '{{sum:0.30000000000000004 count:1}}'}]}]}]\n"),
  ...['0', '5', '1.5', '-100', '1e9', '2026-11-21T00:00:00Z', '"2026-11-21T00:00:00Z"', '2026-11-21T02:00:00.5+02:00', '2026-11-21', 'noon', '', '"60"', '[1]', '2026-11-21t00:00:00z', '2026-11-21 00:00:00', '0x10', '1700000000.123'].map((value) =>
    whole(`start_timestamp ${value}`, `rule_files: [rules.yml]\ntests: [{start_timestamp: ${value}, input_series: [{series: up, values: '0 1 2'}], promql_expr_test: [{expr: time(), eval_time: 1m, exp_samples: [{value: 0}]}, {expr: 'timestamp(up)', eval_time: 1m, exp_samples: [{value: 0}]}, {expr: up @ 60, exp_samples: []}], alert_rule_test: [{alertname: Always, exp_alerts: [{exp_labels: {team: shop}}]}]}]\n`)),
  whole('external_labels', 'rule_files: [rules.yml]\ntests: [{external_labels: {cluster: c1, n: 5}, external_url: "http://h:9/p/", input_series: [{series: up, values: 0x9}], alert_rule_test: [{eval_time: 5m, alertname: Down, exp_alerts: [{exp_labels: {severity: page, team: shop}, exp_annotations: {summary: " of  is 0", url: "http://h:9/p/", cluster: c1}}]}]}]\n'),
  whole('external_labels a list', 'tests: [{external_labels: [a]}]\n'),
  whole('external_labels null', 'tests: [{external_labels: , external_url: }]\n'),
  whole('input_series without values', 'tests: [{input_series: [{series: up}]}]\n'),
  whole('input_series without series', "tests: [{input_series: [{values: '1'}]}]\n"),
  whole('input_series of a number', 'tests: [{input_series: [{series: up, values: 1}], promql_expr_test: [{expr: up, exp_samples: [{labels: up, value: 1}]}]}]\n'),
  whole('input_series of a float', 'tests: [{input_series: [{series: up, values: 1.50}], promql_expr_test: [{expr: up, exp_samples: [{labels: up, value: 1.5}]}]}]\n'),
  whole('input_series of a hex number', 'tests: [{input_series: [{series: up, values: 0x10}], promql_expr_test: [{expr: up, eval_time: 3m, exp_samples: [{labels: up, value: 0}]}]}]\n'),
  whole('input_series of a list', 'tests: [{input_series: [{series: up, values: [1, 2]}]}]\n'),
  whole('input_series null', 'tests: [{input_series: }]\n'),
  whole('input_series a map', 'tests: [{input_series: {up: 1}}]\n'),
  whole('input_series over lines', "tests:\n  - input_series:\n      - series: up\n        values: >-\n          1 2\n          3\n    promql_expr_test: [{expr: up, eval_time: 2m, exp_samples: [{labels: up, value: 3}]}]\n"),
  whole('input_series in a block', "tests:\n  - input_series:\n      - series: up\n        values: |\n          1 2\n          3\n    promql_expr_test: [{expr: up, eval_time: 2m, exp_samples: [{labels: up, value: 3}]}]\n"),
  whole('input_series twice the same', "tests: [{input_series: [{series: up, values: '1 2'}, {series: up, values: '3 4'}], promql_expr_test: [{expr: up, exp_samples: [{labels: up, value: 3}]}]}]\n"),
  whole('input_series twice the same, other order of labels', `tests: [{input_series: [{series: 'up{a="1",b="2"}', values: '1 2'}, {series: 'up{b="2",a="1"}', values: '_ _ 4'}], promql_expr_test: [{expr: up, eval_time: 2m, exp_samples: [{labels: 'up{a="1",b="2"}', value: 4}]}]}]\n`),
  ...['up{', 'up{a=b}', 'up{a="b",}', '{__name__="up"}', '{"u.p", a="b"}', 'up{a!="b"}', 'up{}', '{}', 'up{a="\\u00e9"}', "up{a='b'}", 'up{a=`b`}', 'up{"a b"="c"}', '1up', 'up up', 'up{a="b"} ', 'sum', 'up{a=""}', 'up{a="1",a="2"}', 'load', '# x', 'by', 'start', '{"up"}', 'up{__name__="x"}'].map((series) =>
    whole(`series ${series}`, `tests: [{input_series: [{series: ${quoted(series)}, values: '1'}], promql_expr_test: [{expr: 'count({__name__=~".*",__name__!="ALERTS"})', exp_samples: [{value: 1}]}]}]\n`)),
  whole('a recording that meets an input series', "rule_files: [rules.yml]\ntests: [{input_series: [{series: fixed, values: '7x9'}], promql_expr_test: [{expr: fixed, eval_time: 2m, exp_samples: [{labels: fixed, value: 7}]}]}]\n"),
  whole('a template with CRLF', 'tests:\r\n  - promql_expr_test:\r\n      - expr: vector(1)\r\n        exp_samples:\r\n          - value: 1\r\n'),
  whole('a byte order mark', '\ufefftests: [{promql_expr_test: [{expr: vector(1), exp_samples: [{value: 1}]}]}]\n'),
  whole('anchors and merges', 'tests:\n  - &a\n    name: one\n    promql_expr_test: [{expr: vector(1), exp_samples: [{value: 1}]}]\n  - <<: *a\n    name: two\n'),
  whole('a name of a number', 'tests: [{name: 5, promql_expr_test: [{expr: vector(1)}]}]\n'),
  whole('a name null', 'tests: [{name: , promql_expr_test: [{expr: vector(1)}]}]\n'),
  whole('two tests of one name', 'tests: [{name: a, promql_expr_test: [{expr: vector(1)}]}, {name: a, promql_expr_test: [{expr: vector(1) == 2}]}]\n'),
  whole('many failures', 'tests: [{name: a, promql_expr_test: [{expr: vector(1)}, {expr: vector(2)}, {expr: "("}]}, {promql_expr_test: [{expr: vector(1)}]}]\n'),
]; // prettier-ignore

const RULE_BEHAVIOUR: readonly (readonly [name: string, rules: string, body: string])[] = [
  ['limit of alerts', "groups: [{name: a, limit: 1, rules: [{alert: X, expr: 'up >= 0'}]}]", 'alert_rule_test: [{alertname: X}]'],
  ['limit of series', "groups: [{name: a, limit: 1, rules: [{record: x, expr: 'up'}]}]", 'promql_expr_test: [{expr: x}]'],
  ['limit that holds', "groups: [{name: a, limit: 2, rules: [{record: x, expr: 'up'}]}]", 'promql_expr_test: [{expr: count(x), exp_samples: [{value: 2}]}]'],
  ['limit of a negative number', "groups: [{name: a, limit: -2, rules: [{record: x, expr: 'up'}]}]", 'promql_expr_test: [{expr: count(x), exp_samples: [{value: 2}]}]'],
  ['query_offset', "groups: [{name: a, query_offset: 1m, rules: [{record: x, expr: 'sum(up)'}]}]", 'promql_expr_test: [{expr: x, eval_time: 3m, exp_samples: [{labels: x, value: 1}]}, {expr: "timestamp(x)", eval_time: 3m, exp_samples: [{value: 120}]}, {expr: x, eval_time: 4m, exp_samples: [{labels: x, value: 1}]}]'],
  ['query_offset of alerts', "groups: [{name: a, query_offset: 2m, rules: [{alert: X, expr: 'up == 0', for: 1m}]}]", "alert_rule_test: [{eval_time: 4m, alertname: X}, {eval_time: 5m, alertname: X, exp_alerts: [{exp_labels: {job: a, instance: 'a:1'}}]}]"],
  ['labels of the group and the rule', "groups: [{name: a, labels: {t: g, u: g}, rules: [{record: x, expr: 'sum(up)', labels: {t: r}}]}]", `promql_expr_test: [{expr: x, exp_samples: [{labels: 'x{t="r",u="g"}', value: 2}]}]`],
  ['an empty label takes away', "groups: [{name: a, rules: [{record: x, expr: 'up', labels: {job: ''}}]}]", `promql_expr_test: [{expr: x, exp_samples: [{labels: 'x{instance="a:1"}', value: 1}, {labels: 'x{instance="b:1"}', value: 1}]}]`],
  ['the same labels after a rule', "groups: [{name: a, rules: [{record: x, expr: 'up', labels: {job: '', instance: ''}}]}]", 'promql_expr_test: [{expr: x}]'],
  ['the same labels after an alert', "groups: [{name: a, rules: [{alert: X, expr: 'up', labels: {job: '', instance: ''}}]}]", 'alert_rule_test: [{alertname: X}]'],
  ['a rule that fails', "groups: [{name: a, rules: [{record: x, expr: 'up * on() up'}, {record: y, expr: 'up + on() up'}]}]", 'promql_expr_test: [{expr: x}]'],
  ['a recording of a text', `groups: [{name: a, rules: [{record: x, expr: '"a"'}]}]`, 'promql_expr_test: [{expr: x}]'],
  ['a recording of a matrix', `groups: [{name: a, rules: [{record: x, expr: 'up[5m]'}]}]`, 'promql_expr_test: [{expr: x}]'],
  ['ALERTS', "groups: [{name: a, rules: [{alert: X, expr: 'up == 0', for: 2m, labels: {s: p}}]}]", `promql_expr_test: [{expr: ALERTS, eval_time: 3m, exp_samples: [{labels: 'ALERTS{alertname="X",alertstate="pending",instance="a:1",job="a",s="p"}', value: 1}]}, {expr: ALERTS, eval_time: 4m, exp_samples: [{labels: 'ALERTS{alertname="X",alertstate="firing",instance="a:1",job="a",s="p"}', value: 1}]}, {expr: ALERTS_FOR_STATE, eval_time: 4m, exp_samples: [{labels: 'ALERTS_FOR_STATE{alertname="X",instance="a:1",job="a",s="p"}', value: 120}]}, {expr: ALERTS, eval_time: 15m}]`],
  ['a recording ends', "groups: [{name: a, rules: [{record: x, expr: 'up == 0'}]}]", 'promql_expr_test: [{expr: x, eval_time: 13m}, {expr: "count_over_time(x[20m])", eval_time: 14m, exp_samples: [{labels: \'{instance="a:1",job="a"}\', value: 11}]}]'],
  ['an alert on an alert', "groups: [{name: a, rules: [{alert: X, expr: 'up == 0'}, {alert: Y, expr: 'ALERTS{alertname=\"X\"}'}]}]", 'alert_rule_test: [{eval_time: 3m, alertname: Y, exp_alerts: [{exp_labels: {alertname: Y, alertstate: firing, instance: "a:1", job: a}}]}]'],
  ['an alert of a histogram', "groups: [{name: a, rules: [{alert: X, expr: 'h', annotations: {v: '{{ $value }}'}}]}]", "alert_rule_test: [{alertname: X, exp_alerts: [{exp_annotations: {v: '0'}}]}]"],
  ['for shorter than the interval', "groups: [{name: a, rules: [{alert: X, expr: 'up == 0', for: 30s}]}]", 'alert_rule_test: [{eval_time: 2m, alertname: X}, {eval_time: 3m, alertname: X, exp_alerts: [{exp_labels: {instance: "a:1", job: a}}]}]'],
  ['the same alert in two groups', "groups: [{name: a, rules: [{alert: X, expr: '1', labels: {g: a}}]}, {name: b, rules: [{alert: X, expr: '1', labels: {g: b}}]}]", 'alert_rule_test: [{alertname: X, exp_alerts: [{exp_labels: {g: b}}, {exp_labels: {g: a}}]}]'],
  ['UTF-8 names', `groups: [{name: a, rules: [{record: 'a.b', expr: '{"up"}', labels: {'l.x': 'é'}}]}]`, `promql_expr_test: [{expr: 'count({"a.b", "l.x"="é"})', exp_samples: [{value: 2}]}]`],
  ['an alert named by a template', "groups: [{name: a, rules: [{alert: 'X {{ $value }}', expr: '1', labels: {alertname: other}}]}]", "alert_rule_test: [{alertname: 'X {{ $value }}', exp_alerts: [{}]}]"],
]; // prettier-ignore

function templateCase(template: string): RuleTestCase {
  const rules = `groups: [{name: a, rules: [{alert: T, expr: 'up{job="a"} >= 0', annotations: {text: ${quoted(template)}}, labels: {l: ${quoted(template)}}}]}]\n`;
  return group(
    `template ${template}`,
    `    external_labels: {cluster: c1}\n    external_url: 'http://h/p'\n    alert_rule_test: [{eval_time: 0, alertname: T, exp_alerts: [{}]}]\n`,
    rules,
  );
}

/** Every kind of file, right and wrong, that a person or a generator of files could hand in. */
export const RULE_TEST_CASES: readonly RuleTestCase[] = [
  ...FILES,
  ...ALERTS.map(([name, ask]) => group(name, `    alert_rule_test:\n      - ${ask}\n`)),
  ...VALUES.map(([values, at, expected]) =>
    expr(`values ${values}`, [['s', values]], `{expr: s, eval_time: ${at}, exp_samples: [${expected === '' ? '' : `{labels: s, value: ${expected}}`}]}`),
  ),
  ...HISTOGRAMS.map(([values, at, expected]) =>
    expr(`values ${values} for ${expected}`, [['h', values]], `{expr: h, eval_time: ${at}, exp_samples: [${expected === '' ? '' : `{labels: h, histogram: ${quoted(expected)}}`}]}`),
  ),
  ...SAMPLES.map(([name, ask]) => expr(name, [['a{x="1"}', '1x9'], ['a{x="2"}', '1x9'], ['b{x="1"}', '1x9'], ['b{x="2"}', '1x9'], ['up', '1x9']], ask)),
  ...RULE_BEHAVIOUR.map(([name, rules, body]) => group(name, `      - {series: h, values: '{{count:1 buckets:[1]}}x9'}\n    ${body}\n`, rules)),
  ...TEMPLATES.map(templateCase),
]; // prettier-ignore
