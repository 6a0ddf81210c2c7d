import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { generateRules } from '../../src/alerting/slo/generate.ts';
import { findProgram } from '../servers/cache.ts';
import { describeWith, temporaryFolder } from '../servers/process.ts';

const run = promisify(execFile);

const EVENTS = `
      events:
        error_query: |
          sum(rate(requests_total{code=~"5.."}[{{.window}}]))
        total_query: sum(rate(requests_total[{{ .window }}]))`;

const FILES: Readonly<Record<string, string>> = {
  'its own file: two alerts, labels on every level, annotations with templates': `
version: prometheus/v1
service: shop
labels: {owner: maya, tier: "2"}
slos:
  - name: availability
    objective: 99.9
    description: "most requests: \\"work\\""
    labels: {category: avail}
    sli: ${EVENTS}
    alerting:
      name: ShopErrors
      labels: {team: a}
      annotations: {runbook: "http://runbooks/{{$labels.sloth_id}}"}
      page_alert: {labels: {severity: page, team: b}, annotations: {x: a page}}
      ticket_alert: {labels: {severity: ticket}}
`,
  'its own file: a raw ratio of several lines, one alert, none': `
version: prometheus/v1
service: my.shop-2
slos:
  - name: raw
    objective: 99.9999
    sli:
      raw:
        error_ratio_query: |
          1 - (
            sum(rate(good[{{.window}}]))
            /
            sum(rate(total[{{- .window -}}]))
          )
    alerting: {name: Raw, ticket_alert: {disable: true}}
  - name: silent_1
    objective: 33.3
    labels: {owner: ben}
    sli: {raw: {error_ratio_query: 'ratio{window="{{.window}}"}'}}
    alerting: {page_alert: {disable: true}, ticket_alert: {disable: true}}
  - name: all
    objective: 100
    sli: {raw: {error_ratio_query: 'ratio{window="{{.window}}"}'}}
    alerting: {name: All}
`,
  'its Kubernetes object': `
apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata:
  name: home
  namespace: monitoring
  labels: {prometheus: k8s}
  annotations: {a: b}
spec:
  service: home
  labels: {owner: me}
  slos:
    - name: requests-availability
      objective: 99.95
      labels: {category: c}
      sli:
        events:
          errorQuery: sum(rate(http_total{code=~"(5..|429)"}[{{.window}}]))
          totalQuery: sum(rate(http_total[{{.window}}]))
      alerting:
        name: HomeErrors
        labels: {category: availability}
        annotations: {summary: too many}
        pageAlert: {labels: {severity: p}}
        ticketAlert: {disable: true}
`,
  'OpenSLO v1alpha with two objectives': `
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: sli1, displayName: Integration}
spec:
  service: my-service
  description: d
  budgetingMethod: Occurrences
  objectives:
    - ratioMetrics:
        good: {source: prometheus, queryType: promql, query: 'sum(rate(good[{{.window}}]))'}
        total: {source: prometheus, queryType: promql, query: 'sum(rate(total[{{.window}}]))'}
      target: 0.98
    - ratioMetrics:
        incremental: true
        good: {source: prometheus, queryType: promql, query: 'sum(rate(good2[{{.window}}]))'}
        total: {source: prometheus, queryType: promql, query: 'sum(rate(total2[{{.window}}]))'}
      target: 0.999
  timeWindows: [{count: 30, unit: Day}]
`,
};

/** Who made the rules is said in these. */
const MAKER = new Set(['sloth_version', 'app.kubernetes.io/managed-by']);

describeWith(['sloth'], 'objectives and sloth generate', () => {
  const folder = temporaryFolder();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(Object.entries(FILES))('%s: the same groups, rules, labels and annotations', async (_what, text) => {
    const file = join(folder, 'slo.yaml');
    writeFileSync(file, text);
    const { stdout } = await run(findProgram('sloth') ?? 'sloth', ['--no-log', 'generate', '-i', file]);
    expect(documentsOf(generateRules(text, file))).toEqual(documentsOf(stdout));
  });
});

function documentsOf(text: string): unknown[] {
  return parseAllDocuments(text)
    .map(
      (document) =>
        document.toJS({ reviver: (key: unknown, value: unknown) => (MAKER.has(String(key)) ? '' : value) }) as unknown,
    )
    .filter((document) => document !== null);
}
