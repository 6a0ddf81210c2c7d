import { describe, expect, test } from 'vitest';
import { parse } from '../../../promql/index.ts';
import { parseAnyRules } from '../../rules/any-rules.ts';

const OBJECT = (indicator: string, more = '') => `
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: api-errors
  namespace: shop
  labels: {pyrra.dev/team: blue, prometheus: k8s}
spec:
  target: "99.5"
  window: 4w
  indicator: ${indicator}
${more}
`;

const RATIO = `{ratio: {errors: {metric: 'http_total{code=~"5.."}'}, total: {metric: http_total}, grouping: [route]}}`;

function rulesOf(text: string) {
  return parseAnyRules(text, 'slo.yaml', { parseExpr: parse, interval: 60_000 }).flatMap(({ rules }) => rules);
}

describe('an objective of Pyrra', () => {
  test('gives Sloth’s series with its own labels, its factors, and an alert for absence', () => {
    const rules = rulesOf(OBJECT(RATIO));
    expect(rules[0]).toMatchObject({
      record: 'slo:sli_error:ratio_rate5m',
      expr: 'sum by (route) (rate(http_total{code=~"5.."}[5m]))\n/\nsum by (route) (rate(http_total[5m]))',
      labels: { team: 'blue', sloth_id: 'shop-api-errors', sloth_service: 'shop', sloth_slo: 'api-errors' },
    });
    const alerts = rules.filter((rule) => rule.kind === 'alerting');
    expect(alerts.map(({ alert, labels }) => [alert, labels.severity])).toEqual([
      ['ErrorBudgetBurn', 'critical'],
      ['ErrorBudgetBurn', 'warning'],
      ['SLOMetricAbsent', 'critical'],
    ]);
    expect(alerts[0].expr).toMatch(
      /ratio_rate5m.*> \(14 \*[\s\S]*ratio_rate1h.*> \(14 \*[\s\S]*ratio_rate30m.*> \(7 \*/,
    );
    expect(alerts[2].expr).toBe('absent(http_total) == 1');
  });

  test.each([
    ['latency', `{latency: {success: {metric: 'd_bucket{le="0.02"}'}, total: {metric: d_count}}}`, '1 - (\nsum(rate(d_bucket{le="0.02"}[5m]))\n/\nsum(rate(d_count[5m]))\n)'],
    ['latency by native histograms', '{latencyNative: {latency: 20ms, total: {metric: d}}}', '1 - histogram_fraction(0, 0.02, sum(rate(d[5m])))'],
    ['a gauge of 0 and 1', '{bool_gauge: {metric: up}}', '1 - (\nsum(sum_over_time(up[5m]))\n/\nsum(count_over_time(up[5m]))\n)'],
  ])('is judged by %s', (_what, indicator, expected) => {
    const rules = rulesOf(OBJECT(indicator));
    expect(rules[0].expr).toBe(expected);
    for (const rule of rules) expect(() => parse(rule.expr)).not.toThrow();
  }); // prettier-ignore

  test('has no alerts where it says so', () => {
    const alertsOf = (more: string) => rulesOf(OBJECT(RATIO, more)).filter((rule) => rule.kind === 'alerting');
    expect(alertsOf('  alerting: {disabled: true}')).toEqual([]);
    expect(alertsOf('  alerting: {absent: false, name: Burn}').map(({ alert }) => alert)).toEqual(['Burn', 'Burn']);
  });

  test.each([
    ['two indicators', OBJECT('{ratio: {errors: {metric: a}, total: {metric: b}}, bool_gauge: {metric: up}}'), 'spec.indicator: expected one of ratio'],
    ['a target over 100', OBJECT(RATIO).replace('99.5', '101'), 'spec.target: expected a percentage over 0, up to 100'],
    ['an expression that is none', OBJECT('{bool_gauge: {metric: "up{"}}'), 'spec.indicator: could not parse expression'],
  ])('with %s is refused with its place', (_what, text, words) => {
    expect(() => rulesOf(text)).toThrow(words);
  }); // prettier-ignore
});
