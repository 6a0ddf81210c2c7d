import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWithShared } from '../../lib/testing/shared.ts';
import { withFolder } from '../testing.ts';
import { renderGithub, renderJunit } from '../report.ts';
import { annotationsOf, renderReport, suitesOf } from './report.ts';
import { failed, testRules } from './run.ts';
import type { FileReport } from './types.ts';

describeWithShared('conformance/promtool', "Prometheus' own files end as promtool ends them", (folder) => {
  test.each([
    ['unittest.yml', undefined],
    ['at-modifier-test.yml', undefined],
    ['bad-input-series.yml', 'parse error'],
    [
      'bad-promql.yml',
      'expr: "join_1 + on(a) join_2", time: 0s, err: found duplicate series for the match group {a="1"}',
    ],
    ['bad-rules-error-test.yml', 'rule: joined, time: 0s, err: found duplicate series for the match group {a="1"}'],
  ])('%s', async (file, words) => {
    const reports = await testRules([join(folder, file)]);
    expect(failed(reports)).toBe(words !== undefined);
    expect(renderReport(reports)).toContain(words ?? 'SUCCESS');
  });
});

const RULES = `
groups:
  - name: second
    rules:
      - record: twice
        expr: once * 2
  - name: first
    labels: {team: shop}
    rules:
      - record: once
        expr: sum(input)
      - alert: High
        expr: input > 3
        for: 2m
        labels: {severity: page}
        annotations: {summary: '{{ $labels.job }} at {{ $value }} in {{ $externalLabels.cluster }} {{ externalURL }}'}
      - alert: Never
        expr: input > 1000
`;

async function run(folder: string, content: string, options = {}): Promise<FileReport[]> {
  await writeFile(join(folder, 'rules.yml'), RULES);
  await writeFile(join(folder, 'test.yml'), content);
  return testRules([join(folder, 'test.yml')], options);
}

const TEST = (body: string) =>
  `rule_files: [r*.yml]\nevaluation_interval: 1m\ngroup_eval_order: [first, second]\ntests:\n${body}`;

describe('a test file', () => {
  test('sees alerts with their templates, recordings in the order of the groups, and coverage', () =>
    withFolder(async (folder) => {
      const reports = await run(folder, TEST(`
  - name: all
    external_labels: {cluster: c1}
    external_url: http://prom
    input_series: [{series: 'input{job="a"}', values: '0+2x10'}]
    alert_rule_test:
      - {eval_time: 3m, alertname: High, exp_alerts: []}
      - eval_time: 4m
        alertname: High
        exp_alerts:
          - exp_labels: {job: a, severity: page, team: shop}
            exp_annotations: {summary: a at 8 in c1 http://prom}
    promql_expr_test:
      - {expr: twice, eval_time: 2m, exp_samples: [{labels: 'twice', value: 8}]}
`)); // prettier-ignore
      expect(renderReport(reports, { coverage: true })).toBe(
        `${join(folder, 'test.yml')}\n  FAILED:\n    expr: "twice", time: 2m,\n        exp: {__name__="twice"} 8E+00\n        got: {__name__="twice", team="shop"} 8E+00\n\n  rules covered: 3 of 4\n    never fired: Never (rules.yml:17)\n\n`,
      );
    }));

  test('names what was expected and what came, with --diff line by line, as JUnit and for GitHub', () =>
    withFolder(async (folder) => {
      const reports = await run(folder, TEST(`
  - name: one
    input_series: [{series: 'input{job="a"}', values: '9x10'}]
    alert_rule_test:
      - {eval_time: 5m, alertname: High, exp_alerts: [{exp_labels: {job: b}}]}
`)); // prettier-ignore
      const text = renderReport(reports);
      expect(text).toContain(
        '    name: one,\n    alertname: High, time: 5m, \n        exp:[\n            0:\n              Labels:{alertname="High", job="b"}',
      );
      expect(text).toContain('Labels:{alertname="High", job="a", severity="page", team="shop"}');
      expect(renderReport(reports, { diff: true })).toContain('-             "job": "b"');
      expect(renderJunit(suitesOf(reports))).toMatch(
        /<testsuite name=".*test\.yml" tests="1" failures="1" errors="0" skipped="0">\n {4}<testcase classname=".*test\.yml" name="one"><failure message="name: one,">/,
      );
      expect(renderGithub(annotationsOf(reports))).toMatch(/^::error file=.*test\.yml,line=6::name: one,%0A/);
    }));

  test.each([
    ['an unknown key', 'tests: [{nam: x}]', 'tests[0].nam: unknown key; did you mean "name"?'],
    [
      'an alert without a name',
      'tests: [{name: g, alert_rule_test: [{eval_time: 1m}]}]',
      'misses required attribute alertname at eval_time 1m (in TestGroup g)',
    ],
    ['a repeated group', 'group_eval_order: [a, a]\ntests: []', 'group name repeated in evaluation order: a'],
    [
      'a sample that is none',
      "tests: [{promql_expr_test: [{expr: '1', exp_samples: [{labels: '{', value: 1}]}]}]",
      'labels "{"',
    ],
    [
      'a rule file that is not there',
      'rule_files: [nothing.yml]\ntests: []',
      'WARNING: no file match pattern nothing.yml',
    ],
  ])('with %s is refused or warned of', (_what, content, words) =>
    withFolder(async (folder) => {
      expect(renderReport(await run(folder, content))).toContain(words);
    }),
  );

  test('runs only the groups that --run names', () =>
    withFolder(async (folder) => {
      const failing = (name: string) => `  - {name: ${name}, promql_expr_test: [{expr: vector(1), exp_samples: []}]}\n`;
      const reports = await run(folder, TEST(failing('apple') + failing('pear')), { run: ['pea'] });
      expect(reports[0].cases.map(({ name }) => name)).toEqual(['pear']);
    }));

  test('takes a start, and floats that differ in the last bit where it says so', () =>
    withFolder(async (folder) => {
      const body =
        '  - {start_timestamp: 2026-11-21T00:00:00Z, promql_expr_test: [{expr: time(), eval_time: 1m, exp_samples: [{value: 1795219260}]}, {expr: 0.1+0.2, exp_samples: [{value: 0.3}]}]}\n';
      expect(renderReport(await run(folder, TEST(body)))).toContain(
        'exp: {} 3E-01\n        got: {} 3.0000000000000004E-01',
      );
      expect(failed(await run(folder, `fuzzy_compare: true\n${TEST(body)}`))).toBe(false);
    }));
});
