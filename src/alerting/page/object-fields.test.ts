import { describe, expect, test } from 'vitest';
import type { Alert, PageFields } from '../../model/alert.ts';
import { Labels } from '../../model/labels.ts';
import type { Query } from '../../model/query.ts';
import { asVectorAnswer, createEngine } from '../../promql/index.ts';
import { SeriesStore } from '../test-rules/series-store.ts';
import { START } from '../testing.ts';
import { createObjectFields } from './object-fields.ts';

/** A pod of a Deployment on a node, as kube-state-metrics shows them. */
const SHOP: readonly Record<string, string>[] = [
  { __name__: 'kube_pod_info', namespace: 'shop', pod: 'checkout-7f-x', node: 'n1', created_by_kind: 'ReplicaSet', created_by_name: 'checkout-7f' },
  { __name__: 'kube_replicaset_owner', namespace: 'shop', replicaset: 'checkout-7f', owner_kind: 'Deployment', owner_name: 'checkout' },
  { __name__: 'kube_node_labels', node: 'n1', label_topology_kubernetes_io_region: 'eu-west-1', label_topology_kubernetes_io_zone: 'eu-west-1b' },
]; // prettier-ignore
const DEPLOYMENT = { namespace: 'shop', deployment: 'checkout' };

function askedOf(...series: readonly Record<string, string>[]) {
  const store = new SeriesStore();
  for (const labels of series) store.append(Labels.of(labels), START - 600_000, 1);
  const engine = createEngine({ select: store.select });
  const asked: string[] = [];
  const query: Query = async (expr, at, signal) => {
    asked.push(expr);
    return asVectorAnswer(await engine.instant(expr, at, { signal }));
  };
  return { asked, fields: createObjectFields(query) };
}

const NONE: PageFields = { playbook: '', owner: '', region: '', datacenter: '', affected: '' };

function alertOf(labels: Record<string, string>, more: Partial<Alert> = {}): Alert {
  const all = Labels.of({ alertname: 'PodCrashLooping', ...labels });
  return {
    labels: all, ruleLabels: all, annotations: {}, startsAt: START, endsAt: START, generatorURL: '', fingerprint: 'f', value: 1,
    fields: { ...NONE, affected: labels.pod ?? '' }, provenance: { affected: 'label pod of the target' }, ...more,
  }; // prettier-ignore
}

const POD = { namespace: 'shop', pod: 'checkout-7f-x' };

describe('the fields of a page about a pod', () => {
  test('come from what people deployed and from its node, each with its place', async () => {
    const { fields } = askedOf(...SHOP, {
      __name__: 'kube_deployment_annotations',
      ...DEPLOYMENT,
      annotation_example_com_owner: 'maya',
    });
    const [alert] = await fields.complete([alertOf(POD)], START);
    expect(alert.fields).toEqual({
      playbook: '',
      owner: 'maya',
      region: 'eu-west-1',
      datacenter: 'eu-west-1b',
      affected: 'checkout',
    });
    expect(alert.provenance).toEqual({
      affected: 'Deployment shop/checkout, owner of Pod shop/checkout-7f-x',
      owner: 'annotation_example_com_owner of Deployment shop/checkout',
      region: 'label_topology_kubernetes_io_region of Node n1',
      datacenter: 'label_topology_kubernetes_io_zone of Node n1',
    });
  });

  test.each([
    ['the workload before the pod and the namespace', [
      { __name__: 'kube_namespace_annotations', namespace: 'shop', annotation_owner: 'noor' },
      { __name__: 'kube_pod_labels', ...POD, label_team: 'pod team' },
      { __name__: 'kube_deployment_labels', ...DEPLOYMENT, label_team: 'shop team' },
    ], 'shop team'],
    ['the pod before the namespace', [
      { __name__: 'kube_namespace_annotations', namespace: 'shop', annotation_owner: 'noor' },
      { __name__: 'kube_pod_labels', ...POD, label_team: 'pod team' },
    ], 'pod team'],
    ['the namespace where nothing else speaks', [{ __name__: 'kube_namespace_labels', namespace: 'shop', label_team: 'noor' }], 'noor'],
    ['an annotation before a label, an owner before a team', [
      { __name__: 'kube_deployment_labels', ...DEPLOYMENT, label_owner: 'by label' },
      { __name__: 'kube_deployment_annotations', ...DEPLOYMENT, annotation_team: 'by team', annotation_owner: 'by owner' },
    ], 'by owner'],
    ['not that of another namespace', [{ __name__: 'kube_deployment_labels', namespace: 'other', deployment: 'checkout', label_owner: 'x' }], ''],
  ] as readonly [string, readonly Record<string, string>[], string][])("owner: %s", async (_what, series, owner) => {
    const { fields } = askedOf(...SHOP, ...series);
    expect((await fields.complete([alertOf(POD)], START))[0].fields.owner).toBe(owner);
  }); // prettier-ignore

  test('leave alone what the rule says, and replace what only configuration says', async () => {
    const { fields } = askedOf(...SHOP, {
      __name__: 'kube_deployment_annotations',
      ...DEPLOYMENT,
      annotation_owner: 'maya',
    });
    const said = { ...NONE, owner: 'rule', region: 'default', affected: 'checkout page' };
    const provenance = {
      owner: 'annotation owner of the rule',
      region: 'configuration',
      affected: 'annotation affected of the rule',
    };
    const [alert] = await fields.complete([alertOf(POD, { fields: said, provenance })], START);
    expect(alert.fields).toMatchObject({ owner: 'rule', region: 'eu-west-1', affected: 'checkout page' });
    expect(alert.provenance).toMatchObject({
      owner: 'annotation owner of the rule',
      region: 'label_topology_kubernetes_io_region of Node n1',
    });
  });

  test('a playbook is taken only where it can be opened', async () => {
    const url = 'https://wiki.example.org/checkout';
    const { fields } = askedOf(...SHOP,
      { __name__: 'kube_deployment_annotations', ...DEPLOYMENT, annotation_runbook_url: 'javascript:alert(1)' },
      { __name__: 'kube_namespace_annotations', namespace: 'shop', annotation_runbook_url: url }); // prettier-ignore
    expect((await fields.complete([alertOf(POD)], START))[0].fields.playbook).toBe(url);
  });

  test('of two clusters, the one that the series name', async () => {
    const twice = ['eu', 'us'].flatMap((cluster) => [
      ...SHOP.map((labels) => ({ ...labels, cluster })),
      { __name__: 'kube_deployment_annotations', ...DEPLOYMENT, cluster, annotation_owner: `${cluster} team` },
    ]);
    const { fields } = askedOf(...twice);
    expect((await fields.complete([alertOf({ ...POD, cluster: 'us' })], START))[0].fields.owner).toBe('us team');
  });
});

test('a cron job owns the pods of its jobs; a static pod has its node and no workload', async () => {
  const { fields } = askedOf(
    { __name__: 'kube_pod_info', namespace: 'shop', pod: 'report-1-x', created_by_kind: 'Job', created_by_name: 'report-1' },
    { __name__: 'kube_job_owner', namespace: 'shop', job_name: 'report-1', owner_kind: 'CronJob', owner_name: 'report' },
    { __name__: 'kube_pod_info', namespace: 'kube-system', pod: 'etcd-n1', node: 'n1', created_by_kind: 'Node', created_by_name: 'n1' },
    SHOP[2],
  ); // prettier-ignore
  const alerts = [
    alertOf({ namespace: 'shop', pod: 'report-1-x' }),
    alertOf({ namespace: 'kube-system', pod: 'etcd-n1' }),
  ];
  const [job, etcd] = await fields.complete(alerts, START);
  expect(job.fields.affected).toBe('report');
  expect(etcd.fields).toMatchObject({ affected: 'etcd-n1', datacenter: 'eu-west-1b' });
});

test('an alert about a node or a workload, without a pod', async () => {
  const { fields } = askedOf(SHOP[2], {
    __name__: 'kube_deployment_annotations',
    ...DEPLOYMENT,
    annotation_owner: 'maya',
  });
  const [node, workload] = await fields.complete([alertOf({ node: 'n1' }), alertOf(DEPLOYMENT)], START);
  expect(node.fields.region).toBe('eu-west-1');
  expect(workload.fields.owner).toBe('maya');
});

test('an alert that names no object asks nothing, and stays as it is', async () => {
  const { fields, asked } = askedOf(...SHOP);
  const alert = alertOf({ instance: 'a:1' });
  expect(await fields.complete([alert], START)).toEqual([alert]);
  expect(asked).toEqual([]);
});

test('what was found is kept for the list of alerts, and asked for again after five minutes', async () => {
  const { fields, asked } = askedOf(...SHOP, {
    __name__: 'kube_deployment_annotations',
    ...DEPLOYMENT,
    annotation_owner: 'maya',
  });
  const alert = alertOf(POD);
  expect(fields.known(alert)).toBe(alert);
  await fields.complete([alert], START);
  expect(fields.known(alert).fields.owner).toBe('maya');
  const once = asked.length;
  await fields.complete([alert], START + 299_000);
  expect(asked).toHaveLength(once);
  await fields.complete([alert], START + 300_000);
  expect(asked.length).toBeGreaterThan(once);
});

test.each([
  ['fails', () => Promise.reject(new Error('store is away'))],
  ['has owners in a circle', async () => ({ warnings: [], infos: [], samples: [{ timestamp: START, value: 1,
    labels: Labels.of({ created_by_kind: 'Job', created_by_name: 'a', owner_kind: 'Job', owner_name: 'a' }) }] })],
  ['makes a name of a regular expression', async () => ({ warnings: [], infos: [], samples: [{ timestamp: START, value: 1,
    labels: Labels.of({ created_by_kind: '(a+)+', created_by_name: 'a' }) }] })],
])('a store that %s costs the page nothing but its fields', async (_what, query) => {
  const asked: string[] = [];
  const fields = createObjectFields((expr) => {
    asked.push(expr);
    return query();
  });
  const [alert] = await fields.complete([alertOf(POD)], START);
  expect(alert.fields.owner).toBe('');
  expect(asked.length).toBeLessThan(10);
  expect(asked.join()).not.toContain('(a+)+');
}); // prettier-ignore
