import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadRules } from '../src/alerting/rules/load.ts';
import { testRules } from '../src/alerting/test-rules/run.ts';
import { parse } from '../src/promql/index.ts';

const ROOT = join(import.meta.dirname, '..');
const parseOptions = { parseExpr: parse, interval: 60_000 };
const { files, groups, complaints } = await loadRules(['rules/**/*.yaml', 'demo/*.yaml'], ROOT, parseOptions);
const alerts = groups.flatMap(({ rules }) => rules.flatMap((rule) => (rule.kind === 'alerting' ? [rule.alert] : [])));

describe('the rules we bring', () => {
  test('can all be read', () => {
    expect(complaints).toEqual([]);
    expect(files.length).toBeGreaterThan(2);
  });

  test.each(files.filter((file) => file.includes('/rules/')))(
    '%s has tests beside it, which pass and reach every rule',
    async (file) => {
      const [report] = await testRules([file.replace(/\.yaml$/, '.test.yaml')]);
      expect(report.error).toBeUndefined();
      expect(report.cases.flatMap(({ failures }) => failures)).toEqual([]);
      expect(report.coverage.filter(({ covered }) => !covered)).toEqual([]);
    },
  );

  test('every alert has a playbook and every playbook an alert', () => {
    const playbooks = readdirSync(join(ROOT, 'playbooks')).map((name) => name.replace(/\.md$/, ''));
    expect([...new Set(alerts)].sort()).toEqual(playbooks.sort());
  });
});

interface Panel {
  readonly id?: number;
  readonly title?: string;
  readonly datasource?: { readonly uid?: string };
  readonly fieldConfig?: { readonly defaults?: { readonly unit?: string } };
  readonly targets?: readonly { readonly expr?: string }[];
  readonly panels?: readonly Panel[];
}

describe('the dashboards we bring', () => {
  const folder = join(ROOT, 'dashboards', 'grafana');
  const names = existsSync(folder) ? readdirSync(folder) : [];

  test.each(names)('%s: panels have a source, a unit and expressions that parse; ids are unique', (name) => {
    const { uid, panels } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { uid: string; panels: Panel[] };
    const all = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
    const drawn = all.filter(({ targets }) => targets !== undefined && targets.length > 0);
    expect(uid).toMatch(/^crowsnest-/);
    expect(drawn.length).toBeGreaterThan(3);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const panel of drawn) {
      expect(panel.datasource?.uid, panel.title).toBe('${datasource}');
      expect(panel.fieldConfig?.defaults?.unit, panel.title).toBeTruthy();
      for (const { expr = '' } of panel.targets ?? [])
        parse(expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', 'a'));
    }
  });
});
