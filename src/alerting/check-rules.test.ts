import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWithShared } from '../lib/testing/shared.ts';
import { type CheckOptions, checkRules, exitCodeOf, renderChecked } from './check-rules.ts';
import { withFolder } from './testing.ts';

describeWithShared(
  'conformance/promtool',
  "Prometheus' own rule files are judged as promtool judges them",
  (folder) => {
    const rows: [file: string, options: CheckOptions, exit: number, words: string][] = [
      ['rules.yml', {}, 0, '  SUCCESS: 5 rules found'],
      ['at-modifier.yml', {}, 0, '  SUCCESS: 1 rules found'],
      ['rules-bad.yml', {}, 1, 'annotation "summary": template: __alert_InstanceDown:1: undefined variable "$label"'],
      ['rules_extrafields.yml', {}, 1, 'groups[0].namespace: unknown key'],
      ['rules_extrafields.yml', { ignoreUnknownFields: true }, 0, '  SUCCESS: 5 rules found'],
      [
        'rules_duplicates.yml',
        {},
        3,
        'lint error 1 duplicate rule(s) found.\nMetric: job:test:count_over_time1m\nLabel(s):\nMight cause inconsistency while recording expressions',
      ],
      ['prometheus-rules.lint.yml', {}, 3, 'Metric: HighRequestLatency\nLabel(s):\n\tseverity: page\n'],
      ['prometheus-rules.lint.yml', { lint: ['none'] }, 0, '  SUCCESS: 2 rules found'],
    ];
    test.each(rows)('%s with %j', async (file, options, exit, words) => {
      const checked = await checkRules([join(folder, file)], options);
      expect(renderChecked(checked)).toContain(words);
      expect(exitCodeOf(checked, true)).toBe(exit);
    });
  },
);

describe('a rule file is refused, place named, for', () => {
  const rule = (body: string) => `groups:\n  - name: g\n    rules:\n      - {${body}}\n`;
  test.each([
    [
      'both kinds at once',
      rule('record: a, alert: b, expr: up'),
      "rules.yml:4:9  groups[0].rules[0]: only one of 'record' and 'alert' must be set",
    ],
    ['neither kind', rule('expr: up'), "one of 'record' or 'alert' must be set"],
    ['no expression', rule('alert: a'), "field 'expr' must be set in rule"],
    [
      'an expression that is none',
      rule('alert: a, expr: "sum(up"'),
      'rules.yml:4:26  groups[0].rules[0].expr: could not parse expression: 1:7: parse error: unclosed left parenthesis',
    ],
    [
      'annotations on a recording',
      rule('record: a, expr: up, annotations: {x: y}'),
      "invalid field 'annotations' in recording rule",
    ],
    ['for on a recording', rule('record: a, expr: up, for: 1m'), "invalid field 'for' in recording rule"],
    [
      'keep_firing_for on a recording',
      rule('record: a, expr: up, keep_firing_for: 1m'),
      "invalid field 'keep_firing_for' in recording rule",
    ],
    [
      'braces in a name',
      rule('record: "a{}", expr: up'),
      'braces present in the recording rule name; should it be in expr?: a{}',
    ],
    ['a name that is no label', rule('alert: a, expr: up, labels: {__name__: x}'), 'invalid label name: __name__'],
    [
      'a duration that is none',
      rule('alert: a, expr: up, for: soon'),
      'rules.yml:4:35  groups[0].rules[0].for: expected a duration such as 30s or 1h30m, not "soon"',
    ],
    ['a group without a name', 'groups: [{rules: []}]', 'Groupname must not be empty'],
    ['a group twice', 'groups: [{name: g}, {name: g}]', 'groupname: "g" is repeated in the same file'],
    [
      'a misspelt key',
      'groups: [{name: g, intervall: 1m}]',
      'rules.yml:1:20  groups[0].intervall: unknown key; did you mean "interval"?',
    ],
    ['YAML that is none', 'groups: [', 'rules.yml:1:10'],
    ['a key twice', 'groups: []\ngroups: []', 'rules.yml:2:1'],
  ])('%s', (_what, text, words) =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'rules.yml'), text);
      const checked = await checkRules([join(folder, 'rules.yml')]);
      expect(renderChecked(checked)).toContain(words);
      expect(exitCodeOf(checked, false)).toBe(1);
    }),
  );
});
