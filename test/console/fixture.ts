import { type GivenFunctions, testApi } from '../../src/api/testing.ts';
import type { QueryResult } from '../../src/api/types.ts';
import type { Alert } from '../../src/model/alert.ts';
import { Labels } from '../../src/model/labels.ts';
import type { LogRecord } from '../../src/model/log.ts';
import type { PipelineHealth } from '../../src/model/status.ts';
import type { RuleGroupStatus } from '../../src/model/rule.ts';

const MINUTE = 60_000;

/** A small shop with one fault in it, as functions that the API serves; `lines` grows for live tails. */
function shop(now: number) {
  const lines: LogRecord[] = Array.from({ length: 120 }, (_, i) => line(now - i * 9000, i)).reverse();
  const options: GivenFunctions = {
    engine: { histogramJson: () => ({}), instant: async () => curves(now, now, 1000), range: async (expr, start, end, step) => answer(expr, start, end, step) },
    language: {
      parseSelector: (text) => [{ name: '__name__', op: '=', value: text }],
      format: (expr) => expr,
      print: (expr) => expr,
      tree: (expr) => ({ type: 'vectorSelector', name: expr }),
      explain: (expr) => ({ expression: expr, steps: [{ number: 1, words: `the newest sample of each series of ${expr}`, expression: expr }], hints: [] }),
      selectors: () => [],
      restrict: (expr) => expr,
    },
    labelNames: async () => ['__name__', 'code', 'instance', 'job', 'pod'],
    labelValues: async (name) => (name === '__name__' ? METRICS.map(({ metric }) => metric) : ['200', '500']),
    metadata: async () => METRICS.map(({ metric, ...entry }) => ({ metric: metric.replace(/_bucket$/, ''), ...entry })),
    ruleGroups: () => groups(now),
    alerts: () => [alert(now)],
    notifications: async () => [
      {
        id: 'n1', receiver: 'team-shop', groupKey: '{}', groupLabels: Labels.of({ alertname: 'CheckoutLatencyBudgetBurn' }),
        status: 'firing', reason: 'first notification', alerts: [alert(now)], createdAt: now - 11 * MINUTE,
      },
      {
        id: 'n0', receiver: 'team-shop', groupKey: '{}', groupLabels: Labels.of({ alertname: 'NodeFilesystemAlmostFull' }),
        status: 'resolved', reason: 'all resolved', alerts: [{ ...alert(now), annotations: { summary: 'Root filesystem of node-3 was filling up' } }], createdAt: now - 26 * 60 * MINUTE,
      },
    ],
    deliveries: async () => [
      {
        notification: 'n1', receiver: 'team-shop', integration: 'email', state: 'sent', attempts: 1, lastError: '',
        createdAt: now - 11 * MINUTE, sentAt: now - 11 * MINUTE, receipt: '250 2.0.0 Ok: queued as 4XyZ',
      },
      {
        notification: 'n1', receiver: 'team-shop', integration: 'webhook', state: 'failed', attempts: 6,
        lastError: 'http://pager.example.org/hook: 503 Service Unavailable, gave up after 6 tries',
        createdAt: now - 11 * MINUTE, sentAt: 0, receipt: '',
      },
      {
        notification: 'n0', receiver: 'team-shop', integration: 'email', state: 'sent', attempts: 1, lastError: '',
        createdAt: now - 26 * 60 * MINUTE, sentAt: now - 26 * 60 * MINUTE, receipt: '250 2.0.0 Ok: queued as 4XyA',
      },
    ],
    alertEvents: async () =>
      ([
        ['sent', 11, 'team-shop by email'],
        ['routed', 11, 'team-shop ← alertmanager.yml:14'],
        ['firing', 12, 'held for 2 min'],
        ['pending', 14, 'value 14.9 > 14.4'],
      ] as const).map(([kind, minutes, detail]) => ({
        at: now - minutes * MINUTE, fingerprint: 'a1b2c3d4e5f60718', alertname: 'CheckoutLatencyBudgetBurn', labels: alert(now).labels, kind, value: 14.9, detail,
      })),
    playbook: async (name) =>
      name === 'CheckoutLatencyBudgetBurn' ? { name, html: PLAYBOOK } : undefined,
    searchLogs: async ({ query, start, end, limit, order, after }) => {
      const from = after === undefined ? 0 : Number(after);
      const found = lines
        .slice(from)
        .filter(({ timestamp, message, level }) =>
          timestamp >= start && timestamp <= end && (query === '' || query.includes(`log.level: ${level}`) || (level !== '' && query.includes(`"${level}"`)) || message.includes(query)),
        );
      const sorted = order === 'newest' ? found.toReversed() : found;
      return { records: sorted.slice(0, limit), cursor: String(lines.length), more: sorted.length > limit };
    },
    logFiles: () => [
      { path: '/var/log/pods/shop_checkout-7d9f/app/0.log', state: 'following', reason: '', size: 18_400_000, position: 18_399_200, lastRead: now - 400, lines: 88_210 },
      { path: '/var/log/syslog', state: 'following', reason: '', size: 912_000, position: 912_000, lastRead: now - 8000, lines: 10_233 },
      { path: '/var/log/auth.log', state: 'skipped', reason: 'no permission to read it: add the user to the group adm', size: 0, position: 0, lastRead: 0, lines: 0 },
    ],
    targets: () =>
      (['up', 'up', 'down'] as const).map((health, i) => ({
        scrapePool: i === 0 ? 'node' : 'shop', scrapeUrl: `http://10.0.0.${i + 4}:9100/metrics`,
        discoveredLabels: Labels.of({ __address__: `10.0.0.${i + 4}:9100` }), labels: Labels.of({ instance: `10.0.0.${i + 4}:9100`, job: i === 0 ? 'node' : 'shop' }),
        health, lastError: health === 'up' ? '' : 'connect ECONNREFUSED 10.0.0.6:9100', lastScrape: now - 4200, lastScrapeDuration: 0.021 * (i + 1), scrapeInterval: 15_000, scrapeTimeout: 10_000,
      })),
    droppedTargets: () => [{ scrapePool: 'shop', discoveredLabels: Labels.of({ __address__: '10.0.0.9:80' }), reason: 'relabel step 2 drops: __address__ matches .*:80' }],
    storeStat: async () => ({
      series: 13_204, samples: 41_200_310, logRecords: 1_204_553, bytes: 98_304_000, labelPairs: 2210, chunks: 0, minTime: now - 3 * 86_400_000, maxTime: now, retention: '15d or 5GB',
      seriesByMetric: [{ name: 'apiserver_request_duration_seconds_bucket', value: 4100 }, { name: 'node_cpu_seconds_total', value: 320 }, { name: 'http_requests_total', value: 96 }],
      valuesByLabel: [{ name: '__name__', value: 612 }, { name: 'le', value: 44 }], bytesByLabel: [],
      damaged: [], seriesByLabelPair: [{ name: 'job=apiserver', value: 9100 }],
    }),
    status: () => ({
      version: '0.1.0', startedAt: now - 3 * 3_600_000, identity: { cluster: 'prod-eu-1' },
      pipelines: PIPELINES,
    }),
  }; // prettier-ignore
  return { options, lines, addLine: (message: string) => lines.push({ ...line(Date.now(), lines.length), message }) };
}

const PIPELINES: readonly PipelineHealth[] = [
        { name: 'metrics', state: 'ok', summary: '13 204 series from 3 targets, 880 samples/s', detail: '', lag: 0.2, lost: {} },
        { name: 'logs', state: 'degraded', summary: '2 files, 34 lines/s', detail: '1 file skipped: no permission to read /var/log/auth.log', lag: 0.4, lost: { truncated: 3 } },
        { name: 'rules', state: 'ok', summary: '38 alerts, 61 recordings, a round takes 41 ms', detail: '', lag: 4, lost: {} },
        { name: 'notifications', state: 'failed', summary: '2 receivers, 3 messages today', detail: 'webhook http://pager.example.org/hook refuses since 11 min: 503 Service Unavailable', lost: { gave_up: 1 } },
        { name: 'store', state: 'ok', summary: '94 MB, keeps 15 days or 5 GB', detail: '', lost: {} },
]; // prettier-ignore

const METRICS = [
  { metric: 'http_requests_total', type: 'counter', unit: '', help: 'Requests served, by code' },
  { metric: 'http_request_duration_seconds_bucket', type: 'histogram', unit: 'seconds', help: 'Time from request to answer' },
  { metric: 'node_load1', type: 'gauge', unit: '', help: '1m load average.' },
  { metric: 'process_resident_memory_bytes', type: 'gauge', unit: 'bytes', help: 'Resident memory size in bytes.' },
  { metric: 'up', type: 'gauge', unit: '', help: '' },
] as const; // prettier-ignore

const PLAYBOOK = `<h1>CheckoutLatencyBudgetBurn</h1>
<p><strong>Meaning.</strong> Checkout answers slower than its objective allows, so fast that the budget of 30 days is gone in hours.</p>
<h2>Look</h2>
<ol><li>Is it one pod or all? <code>sum by (pod) (rate(http_requests_total{job="checkout"}[5m]))</code></li>
<li>Do the logs name a dependency? <code>log.level: error and kubernetes.namespace: "shop"</code></li></ol>
<h2>Act</h2>
<ul><li>Roll back what changed in the last hour:</li></ul>
<pre><code>kubectl -n shop rollout undo deployment/checkout
</code></pre>`;

const MESSAGES = [
  ['info', 'GET /cart 200 12ms'],
  ['info', 'POST /checkout 200 48ms user=4411'],
  ['warn', 'redis-0:6379 slow answer 812ms, retry 1'],
  ['error', 'upstream timeout redis-0:6379 after 2000ms; order 88213 not placed, customer sees 504'],
  ['debug', 'cache hit ratio 0.94'],
] as const;

function line(timestamp: number, i: number): LogRecord {
  const [level, message] = MESSAGES[i % MESSAGES.length];
  return {
    timestamp,
    nanos: 0,
    message: `${message} trace=${(i * 7919).toString(16)}`,
    stream: 'stdout',
    level,
    source: '2049:81',
    offset: i * 80,
    fields: {
      'kubernetes.namespace': 'shop',
      'kubernetes.pod.name': 'checkout-7d9f',
      'log.file.path': '/var/log/pods/shop_checkout-7d9f/app/0.log',
      'host.name': 'node-3',
    },
  };
}

function answer(expr: string, start: number, end: number, step: number): QueryResult {
  if (expr.endsWith('{')) throw Object.assign(new Error(`1:${expr.length + 1}: parse error: unexpected end of input inside braces`), { kind: 'bad_data' });
  if (expr.includes('nosuch')) return { type: 'matrix', series: [], warnings: [], infos: [] };
  return curves(start, end, step, expr.includes('burn') ? 1 : 5);
} // prettier-ignore

function curves(start: number, end: number, step: number, count = 5): QueryResult {
  const timestamps = Float64Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, i) => start + i * step);
  const series = Array.from({ length: count }, (_, k) => ({
    labels: count === 1 ? Labels.EMPTY : Labels.of({ job: 'checkout', instance: `10.0.0.${k + 4}:8080`, code: k === 4 ? '500' : '200' }),
    timestamps,
    values: timestamps.map((t) => 20 + 8 * k + 5 * Math.sin(t / 600_000 + k) + 2 * Math.sin(t / 47_000 + 3 * k)),
  })); // prettier-ignore
  return { type: 'matrix', series, warnings: [], infos: [] };
}

function alert(now: number): Alert {
  return {
    labels: Labels.of({ alertname: 'CheckoutLatencyBudgetBurn', severity: 'page', service: 'checkout', namespace: 'shop' }),
    annotations: {
      summary: 'Checkout answers slowly in prod-eu-1: 4.2 % of requests over 20 ms (objective 99.9 %)',
      description: "Checkout's 30-day error budget is gone in 5 h at this pace.",
      runbook_url: 'https://crowsnest.example.org/playbooks/CheckoutLatencyBudgetBurn',
    },
    startsAt: now - 12 * MINUTE,
    endsAt: 0,
    generatorURL: '',
    fingerprint: 'a1b2c3d4e5f60718',
    value: 14.9,
    fields: {
      playbook: 'https://crowsnest.example.org/playbooks/CheckoutLatencyBudgetBurn',
      owner: 'maya (rota shop)',
      region: 'eu-west-1',
      datacenter: 'dub2',
      affected: 'checkout → shop-frontend',
    },
    provenance: { owner: 'annotation on Deployment shop/checkout', region: 'node label', datacenter: 'configuration', affected: 'rule' },
  };
} // prettier-ignore

function groups(now: number): RuleGroupStatus[] {
  const done = { health: 'ok', lastError: '', lastEvaluation: now - 4000, evaluationTime: 0.0021 } as const;
  const page = alert(now);
  const group = (name: string, file: string) => ({ name, file, interval: 15_000, queryOffset: 0, limit: 0, labels: {}, rules: [] });
  return [
    {
      group: group('checkout-slo', 'rules/slo/checkout.yaml'), lastEvaluation: now - 4000, evaluationTime: 0.0061,
      rules: [
        { rule: { kind: 'recording', record: 'slo:burn:rate5m', expr: 'sum(rate(http_request_duration_seconds_count{job="checkout"}[5m])) / 0.001', labels: {}, line: 4 }, ...done, state: 'inactive', alerts: [] },
        {
          rule: {
            kind: 'alerting', alert: 'CheckoutLatencyBudgetBurn', expr: 'slo:burn:rate5m{service="checkout"} > 14.4', for: 120_000, keepFiringFor: 0,
            labels: { severity: 'page' }, annotations: page.annotations, line: 8,
          },
          ...done, state: 'firing',
          alerts: [{ labels: page.labels, annotations: page.annotations, state: 'firing', activeAt: page.startsAt, value: 14.9 }],
        },
      ],
    },
    {
      group: group('node', 'rules/node/filesystem.yaml'), lastEvaluation: now - 9000, evaluationTime: 0.0012,
      rules: [
        {
          rule: { kind: 'alerting', alert: 'NodeFilesystemAlmostFull', expr: 'node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.05', for: 900_000, keepFiringFor: 0, labels: { severity: 'ticket' }, annotations: { summary: 'A filesystem is almost full' }, line: 3 },
          ...done, state: 'pending',
          alerts: [{ labels: Labels.of({ alertname: 'NodeFilesystemAlmostFull', severity: 'ticket', instance: 'node-3', mountpoint: '/' }), annotations: { summary: 'Root filesystem of node-3 has 4.1 % left' }, state: 'pending', activeAt: now - 3 * MINUTE, value: 0.041 }],
        },
        {
          rule: { kind: 'alerting', alert: 'NodeClockSkew', expr: 'abs(node_timex_offset_seconds) > 0.05 and on (instance) up', for: 0, keepFiringFor: 0, labels: { severity: 'ticket' }, annotations: {}, line: 12 },
          health: 'err', lastError: 'found duplicate series for the match group {instance="node-3"} on the right hand-side of the operation', lastEvaluation: now - 9000, evaluationTime: 0.0004, state: 'inactive', alerts: [],
        },
      ],
    },
  ];
} // prettier-ignore

/** The API over the shop, with the built console. */
export function shopApi(consoleFolder: string, overrides: GivenFunctions = {}, now = Date.now()) {
  const { options, addLine } = shop(now);
  const app = testApi({ now: Date.now, ...options, ...overrides, consoleFolder }, { listen: '127.0.0.1:0' });
  return { app, addLine };
}
