import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWithShared } from '../../lib/testing/shared.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { type StateConfig, stateSchema } from './config.ts';
import { ObjectState } from './object-state.ts';
import { TABLES } from './tables.ts';

/** Lists of the API by their path, as `kubectl get --raw` returns them. */
type Lists = Readonly<Record<string, { readonly items: readonly KubeObject[] | null }>>;

const ALL: Partial<StateConfig> = {
  resources: TABLES.map(({ resource }) => resource.plural),
  metric_labels_allowlist: { '*': ['*'] },
  metric_annotations_allowlist: { '*': ['*'] },
};

// Another folder of the same form can be named: objects.json in, the pages of kube-state-metrics out.
describeWithShared(
  process.env.CROWSNEST_KSM_CAPTURE ?? 'captures/kube-state-metrics',
  'the page of kube-state-metrics',
  (folder) => {
    const lists = JSON.parse(readFileSync(join(folder, 'objects.json'), 'utf8')) as Lists;

    test.each([
      ['expected.txt', 'without options', {}],
      ['expected-all.txt', 'with all resources, labels and annotations', ALL],
    ])('%s: the same heads in the same order, and the same series, %s', (file, _, config) => {
      const page = familiesOf(render(lists, config));
      const expected = familiesOf(readFileSync(join(folder, file), 'utf8'));
      expect(page.map(({ head }) => head)).toEqual(expected.map(({ head }) => head));
      for (const [index, family] of page.entries()) expect(family).toEqual(expected[index]);
    });
  },
);

function render(lists: Lists, config: Partial<StateConfig>): string {
  const state = new ObjectState(stateSchema.parse(config));
  for (const { table, handler } of state.resources.map((resource) => ({
    table: resource.table,
    handler: resource.handler(),
  }))) {
    const { group, version, plural } = table.resource;
    const path = group === '' ? `/api/${version}/${plural}` : `/apis/${group}/${version}/${plural}`;
    handler.replace(lists[path]?.items ?? []);
  }
  return Buffer.concat([...state.page()]).toString();
}

/** kube-state-metrics writes objects and maps in no order: the lines of a family are compared as a set. */
function familiesOf(page: string): { head: string; lines: string[] }[] {
  const families: { head: string; lines: string[] }[] = [];
  for (const line of page.split('\n')) {
    if (line.startsWith('# HELP')) families.push({ head: line, lines: [] });
    else if (line.startsWith('# TYPE')) families[families.length - 1].head += `\n${line}`;
    // The API server renewed its own lease between the two readings.
    else if (line !== '' && !line.startsWith('kube_lease_renew_time{lease="apiserver-'))
      families[families.length - 1].lines.push(line);
  }
  for (const { lines } of families) lines.sort();
  return families;
}
