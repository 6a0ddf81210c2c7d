import type { Random } from '../promql/random.ts';

/** The text of a rule file and of a test file over it, whose answers are only what the other program says. */
export interface RandomRuleTest {
  readonly rules: string;
  readonly test: string;
}

const INTERVALS = ['15s', '30s', '1m', '1m30s', '5m'];
const TIMES = ['0', '30s', '1m', '90s', '2m', '3m30s', '5m', '7m', '10m', '12m15s', '20m'];
const METRICS = ['up', 'errors_total', 'latency'];

/** Nothing is expected, so that each question fails and both print what they found. */
export function randomRuleTest(random: Random): RandomRuleTest {
  const groups = Array.from({ length: random.int(1, 3) }, (_, i) => randomGroup(random, i));
  return { rules: `groups:\n${groups.join('')}`, test: randomTest(random, groups.length) };
}

function randomGroup(random: Random, i: number): string {
  const extras = [
    random.chance(0.2) ? `    query_offset: ${random.pick(INTERVALS)}\n` : '',
    random.chance(0.15) ? `    limit: ${random.int(1, 4)}\n` : '',
    random.chance(0.3) ? `    labels: {team: ${random.pick(['shop', '""', 'till'])}, group: g${i}}\n` : '',
    random.chance(0.3) ? `    interval: ${random.pick(INTERVALS)}\n` : '',
  ].join('');
  const rules = Array.from({ length: random.int(1, 4) }, (_, j) =>
    random.chance(0.4) ? recording(random, i, j) : alerting(random, j),
  );
  return `  - name: g${i}\n${extras}    rules:\n${rules.join('')}`;
}

function recording(random: Random, i: number, j: number): string {
  const labels = random.chance(0.4) ? `, labels: {${random.pick(['x: y', 'job: ""', 'job: other', 'team: own'])}}` : '';
  return `      - {record: 'r${i}:${j}', expr: ${quoted(expression(random))}${labels}}\n`;
}

function alerting(random: Random, j: number): string {
  const parts = [
    `alert: A${random.int(0, 2)}`,
    `expr: ${quoted(random.chance(0.3) ? expression(random) : `${random.pick(METRICS)} ${random.pick(['==', '>', '<=', '!='])} ${random.int(0, 6)}`)}`,
    random.chance(0.6) ? `for: ${random.pick(['0s', '30s', '1m', '2m', '5m'])}` : '',
    random.chance(0.3) ? `keep_firing_for: ${random.pick(['30s', '2m', '5m'])}` : '',
    random.chance(0.5) ? `labels: {severity: page, n: '${j}', where: '{{ $labels.job | toUpper }}'}` : '',
    random.chance(0.5) ? `annotations: {text: '${random.pick(TEMPLATES)}'}` : '',
  ];
  return `      - {${parts.filter((part) => part !== '').join(', ')}}\n`;
}

const TEMPLATES = [
  '{{ $value }} of {{ $labels.instance }}',
  '{{ $value | humanize }} {{ $externalLabels.cluster }} {{ $externalURL }}',
  '{{ range query "sum by (job) (up)" | sortByLabel "job" }}{{ .Value }},{{ end }}',
  '{{ with printf "sum(%s)" "up" | query }}{{ . | first | value | humanizePercentage }}{{ end }}',
  '{{ if gt $value 3.0 }}high{{ else }}low{{ end }} {{ $value | printf "%.3f" }}',
  '{{ . }}',
];

function expression(random: Random): string {
  const metric = random.pick(METRICS);
  return random.pick([
    metric,
    `sum by (job) (${metric})`,
    `rate(${metric}[5m])`,
    `count_over_time(${metric}[3m])`,
    `${metric} offset 1m`,
    `max_over_time(sum(${metric})[4m:])`,
    `absent(${metric})`,
    `histogram_quantile(0.9, ${metric})`,
    `histogram_count(${metric})`,
    `${metric} and on(job) up`,
    'ALERTS',
    'ALERTS_FOR_STATE',
    'r0:0',
    'count({__name__=~"r.*"})',
    'time()',
    `timestamp(${metric})`,
    `vector(${random.int(0, 9)}) / 3`,
    `quantile(0.3, ${metric})`,
    `${metric} * on(job, instance) group_left() up`,
    '1 / 0',
  ]);
}

function randomTest(random: Random, groups: number): string {
  const order = random.chance(0.5) ? `group_eval_order: [${random.pick(['g1, g0', 'g0', 'g2', 'g0, g1, g2'])}]\n` : '';
  return `rule_files: [rules.yml]\nevaluation_interval: ${random.pick(INTERVALS)}\n${groups > 1 ? 'group_eval_order: [g0, g1, g2]\n' : order}tests:\n${Array.from({ length: random.int(1, 2) }, () => testGroup(random)).join('')}`;
}

function testGroup(random: Random): string {
  const start = random.pick(['', '', '1700000000', '2026-11-21T10:00:00Z', '-600']);
  const series = new Set(
    Array.from({ length: random.int(1, 5) }, () => `${random.pick(METRICS)}{job="${random.pick(['a', 'b'])}"${random.pick(['', ', instance="1"', ', instance="2"'])}}`),
  ); // prettier-ignore
  return [
    `  - interval: ${random.pick(INTERVALS)}\n`,
    start === '' ? '' : `    start_timestamp: ${start}\n`,
    random.chance(0.3) ? '    external_labels: {cluster: c1}\n    external_url: http://host/path\n' : '',
    '    input_series:\n',
    ...[...series].map((one) => `      - {series: ${quoted(one)}, values: ${quoted(values(random))}}\n`),
    '    alert_rule_test:\n',
    ...random.some(TIMES, 0.6).map((at) => `      - {eval_time: ${at}, alertname: A${random.int(0, 2)}, exp_alerts: [{exp_labels: {no: such}}]}\n`),
    '      - {eval_time: 1m, alertname: A0, exp_alerts: [{exp_labels: {no: such}}]}\n',
    '    promql_expr_test:\n',
    ...random.some(TIMES, 0.9).map((at) => `      - {eval_time: ${at}, expr: ${quoted(expression(random))}, exp_samples: [{labels: no_such, value: 1}]}\n`),
  ].join(''); // prettier-ignore
}

function values(random: Random): string {
  if (random.chance(0.25)) {
    const histogram = `{{schema:${random.int(-1, 2)} sum:${random.int(0, 9)} count:${random.int(1, 9)} buckets:[${random.int(0, 3)} ${random.int(0, 3)}]}}`;
    // Alone: of floats, stale marks and histograms that it takes in at once, Prometheus' store loses some.
    return `${random.some(['_', '_x3'], 0.3).join(' ')} ${histogram}${random.pick(['', 'x5', `+${histogram.replace(/schema:-?\d/, 'schema:2')}x4`])} ${random.some(['_x2', histogram], 0.4).join(' ')}`;
  }
  return Array.from({ length: random.int(1, 6) }, () =>
    random.pick([
      String(random.int(0, 6)),
      `${random.int(0, 3)}+${random.int(1, 3)}x${random.int(1, 9)}`,
      `${random.int(5, 9)}-1x${random.int(1, 5)}`,
      `${random.int(0, 6)}x${random.int(1, 9)}`,
      '_',
      `_x${random.int(1, 4)}`,
      'stale',
      random.pick(['NaN', 'Inf', '-Inf', '1e3', '0.1', '-0', '.5']),
    ]),
  ).join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
