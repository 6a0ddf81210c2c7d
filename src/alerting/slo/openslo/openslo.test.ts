import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from '../../../promql/index.ts';
import { parseAnyRules } from '../../rules/any-rules.ts';
import { renderReport } from '../../test-rules/report.ts';
import { testRules } from '../../test-rules/run.ts';
import { withFolder } from '../../testing.ts';

const INDICATOR = `
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: 'sum(requests_total{code="200"})'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'sum(requests_total)'}}}`;

const SLO = `
apiVersion: openslo/v1
kind: SLO
metadata: {name: availability, displayName: Orders are taken, labels: {owner: maya}, annotations: {playbook: shop}}
spec:
  service: shop
  indicator: ${INDICATOR}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
`;

function rulesOf(text: string) {
  return parseAnyRules(text, 'slo.yaml', { parseExpr: parse, interval: 60_000 }).flatMap(({ rules }) => rules);
}

function ratioOf(text: string): string | undefined {
  return rulesOf(text).find((rule) => rule.kind === 'recording' && rule.record === 'slo:sli_error:ratio_rate5m')?.expr;
}

describe('an OpenSLO file', () => {
  test('gives Sloth’s series, and a page and a ticket where it names no policies', () => {
    const rules = rulesOf(SLO);
    expect(rules[0].labels).toEqual({
      owner: 'maya',
      sloth_id: 'shop-availability',
      sloth_service: 'shop',
      sloth_slo: 'availability',
      sloth_window: '5m',
    });
    const alerts = rules.filter((rule) => rule.kind === 'alerting');
    expect(alerts.map(({ alert, labels }) => [alert, labels.severity])).toEqual([
      ['ErrorBudgetBurn', 'page'],
      ['ErrorBudgetBurn', 'ticket'],
    ]);
    expect(alerts[0].annotations.playbook).toBe('shop');
    expect(alerts[0].expr).toContain('> (14.4 * 0.01))');
  });

  test('pages when the budget burns', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'slo.yaml'), SLO);
      await writeFile(join(folder, 'test.yaml'), `
rule_files: [slo.yaml]
tests:
  - interval: 1m
    input_series:
      - {series: 'requests_total{code="200"}', values: '0+80x400'}
      - {series: 'requests_total{code="500"}', values: '0+20x400'}
    promql_expr_test:
      - {expr: 'round(slo:sli_error:ratio_rate1h * 100)', eval_time: 2h, exp_samples: [{labels: '{owner="maya", sloth_id="shop-availability", sloth_service="shop", sloth_slo="availability", sloth_window="1h"}', value: 20}]}
      - {expr: 'count(ALERTS{alertname="ErrorBudgetBurn", severity="page", alertstate="firing"})', eval_time: 2h, exp_samples: [{value: 1}]}
`); // prettier-ignore
      expect(renderReport(await testRules([join(folder, 'test.yaml')]))).toContain('SUCCESS');
    }));

  test.each([
    ['a rate of each counter where the query names no window', '', '1 - (\n(sum(rate(requests_total{code="200"}[5m])))\n/\n(sum(rate(requests_total[5m])))\n)'],
    ['the query as it is where it names one', "sum(increase(requests_total[{{.window}}])) or vector(0)", '(sum(increase(requests_total[5m])) or vector(0))'],
    ['the window in place of a range of its own', 'sum(rate(requests_total[1m]))', '(sum(rate(requests_total[5m])))'],
  ])('takes %s', (_what, total, expected) => {
    const text = total === '' ? SLO : SLO.replace("'sum(requests_total)'", JSON.stringify(total));
    expect(ratioOf(text)).toContain(expected);
  }); // prettier-ignore

  test.each([
    ['bad events', SLO.replace('good:', 'bad:'), '(sum(rate(requests_total{code="200"}[5m])))\n/\n(sum(rate(requests_total[5m])))'],
    ['gauges', SLO.replace('counter: true', 'counter: false'), 'sum_over_time((sum(requests_total))[5m:1m])'],
    [
      'time slices',
      SLO.replace('Occurrences', 'Timeslices').replace('target: 0.99', 'target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 1m'),
      '<= bool 0.09999999999999998)[5m:1m])',
    ],
    [
      'a threshold',
      SLO.replace(/ratioMetric:[\s\S]*timeWindow/, "thresholdMetric: {metricSource: {spec: {query: 'latency_seconds'}}}\n  timeWindow").replace('target: 0.99', 'target: 0.99, op: lte, value: 0.2'),
      '1 - avg_over_time(((latency_seconds) <= bool 0.2)[5m:1m])',
    ],
  ])('judges by %s', (_what, text, expected) => {
    expect(ratioOf(text)).toContain(expected);
    for (const rule of rulesOf(text)) expect(() => parse(rule.expr)).not.toThrow();
  }); // prettier-ignore

  test('takes indicators, policies and conditions by reference, and the severity of the condition', () => {
    const text = `${SLO.replace(`indicator: ${INDICATOR}`, 'indicatorRef: orders')}
  alertPolicies: [fast]
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: orders}
spec: ${INDICATOR.replace('\n    spec:', '')}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: fast}
spec: {alertWhenNoData: true, alertWhenBreaching: true, conditions: [{conditionRef: burns}], notificationTargets: [{targetRef: pager}]}
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: burns}
spec: {severity: page, condition: {kind: burnrate, op: gte, threshold: 2, lookbackWindow: 10m, alertAfter: 5m}}
---
{apiVersion: openslo/v1, kind: AlertNotificationTarget, metadata: {name: pager}, spec: {target: pagerduty}}
`;
    const alerts = rulesOf(text).filter((rule) => rule.kind === 'alerting');
    expect(alerts.map(({ alert, expr, for: after, labels }) => ({ alert, expr, after, labels }))).toEqual([
      {
        alert: 'fast',
        expr: 'max(slo:sli_error:ratio_rate10m{sloth_id="shop-availability", sloth_service="shop", sloth_slo="availability"} >= (2 * 0.01)) without (sloth_window)',
        after: 300_000,
        labels: { severity: 'page', notification_target: 'pager' },
      },
      expect.objectContaining({ alert: 'fastNoData', expr: expect.stringContaining('absent(slo:sli_error:ratio_rate5m') as string }),
    ]); // prettier-ignore
    expect(() => rulesOf(text.replace('name: burns', 'name: other'))).toThrow(
      'spec.alertPolicies[0]: no AlertCondition named "burns" in this file',
    );
  });

  test('of Sloth with a version that is not read is refused for the version', () => {
    const text = 'version: prometheus/v2\nservice: shop\nslos: []\n';
    expect(() => rulesOf(text)).toThrow('version: expected one of "prometheus/v1", not "prometheus/v2"');
  });

  test.each([
    ['months', SLO.replace('30d', '1M'), 'spec.timeWindow[0].duration: months, quarters and years differ in length'],
    ['no target', SLO.replace('target: 0.99', 'displayName: x'), 'spec.objectives[0]: expected one of target and targetPercent'],
    ['another source', SLO.replace('type: Prometheus', 'type: Datadog'), 'only Prometheus can be queried, not "Datadog"'],
    ['an expression that is none', SLO.replace('sum(requests_total)', 'sum('), 'unclosed left parenthesis'],
    ['an offset without a window', SLO.replace('sum(requests_total)', 'sum(requests_total offset 5m)'), 'must say {{.window}} itself'],
    ['an unknown kind', SLO.replace('kind: SLO', 'kind: SLOO'), 'kind: expected one of SLO, SLI, AlertPolicy, AlertCondition, Service, DataSource, AlertNotificationTarget, not "SLOO"'],
    ['a reference to nothing', SLO.replace(`indicator: ${INDICATOR}`, 'indicatorRef: none'), 'spec.indicatorRef: no SLI named "none" in this file'],
  ])('with %s is refused with its place', (_what, text, words) => {
    expect(() => rulesOf(text)).toThrow(words);
  }); // prettier-ignore
});
