import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from '../../../promql/index.ts';
import { parseAnyRules } from '../../rules/any-rules.ts';
import { failed, testRules } from '../../test-rules/run.ts';
import { renderReport } from '../../test-rules/report.ts';
import { withFolder } from '../../testing.ts';

const FILE = (extra = '') => `
version: prometheus/v1
service: shop
labels: {owner: maya}
${extra}
slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(requests_total{code=~"5.."}[{{.window}}]))
        total_query: sum(rate(requests_total[{{.window}}]))
    alerting:
      name: ShopErrors
      page_alert: {labels: {severity: page}}
      ticket_alert: {labels: {severity: ticket}}
`;

const SHORT = `windows:
  period: 1h
  interval: 5s
  page: [{short: 15s, long: 1m, factor: 14.4}, {short: 30s, long: 3m, factor: 6}]
  ticket: [{short: 1m, long: 10m, factor: 3}, {short: 3m, long: 30m, factor: 1}]`;

function groupsOf(text: string) {
  return parseAnyRules(text, 'slo.yaml', { parseExpr: parse, interval: 60_000 });
}

describe('an objective in Sloth’s file', () => {
  test('is read in every document, and of each the faults', () => {
    const second = FILE().replace('service: shop', 'service: cart');
    expect(groupsOf(`${FILE()}---${second}`).map(({ name }) => name)).toHaveLength(6);
    expect(() => groupsOf(`${FILE()}---${FILE()}`)).toThrow('is in the file already');
    expect(() => groupsOf(`${FILE()}---${second.replace('objective: 99.9', 'objective: 0')}`)).toThrow(
      'slos[0].objective',
    );
  });

  test('gives the series and alerts that Sloth gives, each a valid expression', () => {
    const groups = groupsOf(FILE());
    expect(groups.map((group) => group.name)).toEqual([
      'sloth-slo-sli-recordings-shop-availability',
      'sloth-slo-meta-recordings-shop-availability',
      'sloth-slo-alerts-shop-availability',
    ]);
    const rules = groups.flatMap((group) => group.rules);
    for (const rule of rules) expect(() => parse(rule.expr)).not.toThrow();
    expect(rules.map((rule) => (rule.kind === 'recording' ? rule.record : rule.alert))).toEqual([
      ...['5m', '30m', '1h', '2h', '6h', '1d', '3d', '30d'].map((window) => `slo:sli_error:ratio_rate${window}`),
      'slo:objective:ratio',
      'slo:error_budget:ratio',
      'slo:time_period:days',
      'slo:current_burn_rate:ratio',
      'slo:period_burn_rate:ratio',
      'slo:period_error_budget_remaining:ratio',
      'sloth_slo_info',
      'ShopErrors',
      'ShopErrors',
    ]);
    expect(rules[0].labels).toEqual({
      owner: 'maya',
      sloth_id: 'shop-availability',
      sloth_service: 'shop',
      sloth_slo: 'availability',
      sloth_window: '5m',
    });
    expect(rules.at(-2)?.expr).toContain('> (14.4 * 0.0009999999999999432)) without (sloth_window)');
  });

  test('fires within two minutes where its windows are short', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'slo.yaml'), FILE(SHORT));
      await writeFile(join(folder, 'test.yaml'), `
rule_files: [slo.yaml]
evaluation_interval: 5s
tests:
  - interval: 5s
    input_series:
      - {series: 'requests_total{code="200"}', values: '0+50x60'}
      - {series: 'requests_total{code="500"}', values: '0x12 0+5x60'}
    alert_rule_test:
      - {eval_time: 55s, alertname: ShopErrors, exp_alerts: []}
      - eval_time: 90s
        alertname: ShopErrors
        exp_alerts:
          - exp_labels: {owner: maya, severity: page, sloth_id: shop-availability, sloth_service: shop, sloth_slo: availability, sloth_severity: page}
            exp_annotations: {title: (page) shop availability SLO error budget burn rate is too fast., summary: shop availability SLO error budget burn rate is over expected.}
          - exp_labels: {owner: maya, severity: ticket, sloth_id: shop-availability, sloth_service: shop, sloth_slo: availability, sloth_severity: ticket}
            exp_annotations: {title: (ticket) shop availability SLO error budget burn rate is too fast., summary: shop availability SLO error budget burn rate is over expected.}
`); // prettier-ignore
      const reports = await testRules([join(folder, 'test.yaml')]);
      expect(renderReport(reports)).toContain('SUCCESS');
      expect(failed(reports)).toBe(false);
    }));

  test.each([
    [
      'a query without a window',
      FILE().replaceAll('[{{.window}}]', '[5m]'),
      'slos[0].sli.events.error_query: expected {{.window}} in the query',
    ],
    [
      'a query that is none',
      FILE().replace('sum(rate', 'sum(('),
      'slo.yaml:11:22  slos[0].sli.events.error_query: could not parse expression',
    ],
    [
      'an objective over 100',
      FILE().replace('99.9', '101'),
      'slos[0].objective: expected a percentage up to 100, not 101',
    ],
    ['an unknown key', FILE('servise: x'), 'servise: unknown key; did you mean "service"?'],
    [
      'no name for its alerts',
      FILE().replace('name: ShopErrors', 'labels: {}'),
      'slos[0].alerting: expected a name for the alerts',
    ],
  ])('with %s is refused with its place', (_what, text, words) => {
    expect(() => groupsOf(text)).toThrow(words);
  });
});
