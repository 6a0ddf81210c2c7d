import { expect, test } from 'vitest';
import { parse } from '../../promql/index.ts';
import { parseAnyRules } from './any-rules.ts';

const OBJECT = (name: string, expr = 'up == 0') => `
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: ${name}, labels: {release: k}}
spec:
  groups:
    - name: ${name}
      rules:
        - alert: Down
          expr: ${expr}
`;

function groupsOf(text: string): string[] {
  return parseAnyRules(text, 'rules.yaml', { parseExpr: parse, interval: 60_000 }).map(({ name }) => name);
}

test('PrometheusRule objects are read where they lie: one, several documents, a list', () => {
  expect(groupsOf(OBJECT('a'))).toEqual(['a']);
  expect(groupsOf(`${OBJECT('a')}---${OBJECT('b')}`)).toEqual(['a', 'b']);
  const items = ['a', 'b'].map((name) => `  -${OBJECT(name).replaceAll('\n', '\n    ')}`).join('\n');
  expect(groupsOf(`apiVersion: v1\nkind: List\nitems:\n${items}`)).toEqual(['a', 'b']);
});

test('a fault in an object is told with its whole path, and those of the other documents with it', () => {
  const text = `${OBJECT('a', 'up ==')}---${OBJECT('b', 'sum(')}`;
  expect(() => groupsOf(text)).toThrow(/rules.yaml:10:17 {2}spec.groups\[0\].rules\[0\].expr[\s\S]*rules.yaml:20:17/);
});

test('of a plain rule file the first document counts, as in Prometheus', () => {
  expect(groupsOf('groups: [{name: a, rules: []}]\n---\ngroups: [{name: b, rules: []}]')).toEqual(['a']);
});
