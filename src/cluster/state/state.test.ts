import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../model/kubernetes.ts';
import { type StateConfig, stateSchema } from './config.ts';
import { nextRun } from './cron.ts';
import { ObjectState } from './object-state.ts';
import { preciseValue, wholeValue } from './quantity.ts';

type Given = Partial<StateConfig>;

function object(
  fields: Readonly<Record<string, unknown>>,
  metadata: Readonly<Record<string, unknown>> = {},
): KubeObject {
  return { ...fields, metadata: { name: 'x', namespace: 'n', uid: 'u', ...metadata } };
}

function stateOf(config: Given = {}): ObjectState {
  return new ObjectState(stateSchema.parse(config));
}

function handlerOf(state: ObjectState, plural: string) {
  const found = state.resources.find(({ table }) => table.resource.plural === plural);
  if (found === undefined) throw new Error(`no ${plural}`);
  return found.handler();
}

/** The lines of a metric, by what stands behind the labels that all of them share. */
function linesOf(plural: string, name: string, objects: readonly KubeObject[], config: Given = {}): string[] {
  const state = stateOf(config);
  handlerOf(state, plural).replace(objects);
  return pageOf(state).filter((line) => line.startsWith(`${name}{`));
}

function pageOf(state: ObjectState): string[] {
  return Buffer.concat([...state.page()])
    .toString()
    .split('\n');
}

describe('odd objects', () => {
  test.each(['status', 'spec'])('an object whose %s is absent or null has the series of zero values', (field) => {
    for (const state of [stateOf()])
      for (const resource of state.resources) {
        const handler = resource.handler();
        handler.upsert(object({ [field]: null }));
        handler.upsert(object({}, { uid: 'v' }));
        expect(resource.size).toBe(2);
      }
  });

  test('a pod without status has no phase, no conditions and an empty owner', () => {
    const state = stateOf();
    handlerOf(state, 'pods').upsert(object({}));
    const page = pageOf(state);
    expect(page.filter((line) => line.startsWith('kube_pod_status_phase{'))).toEqual([]);
    expect(page).toContain(
      'kube_pod_owner{namespace="n",pod="x",uid="u",owner_kind="",owner_name="",owner_is_controller=""} 1',
    );
  });

  test('a condition whose time is null has that of a zero time in Go', () => {
    const pod = object({
      status: { conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: null }] },
    });
    expect(linesOf('pods', 'kube_pod_status_scheduled_time', [pod])[0]).toMatch(/ -6.21355968e\+10$/);
  });

  test.each([
    [{ reason: 'Evicted' }, ['Evicted']],
    [{ reason: 'OutOfcpu' }, ['Other']],
    [{ conditions: [{ type: 'PodScheduled', reason: 'Unschedulable' }] }, []],
    [{ conditions: [{ type: 'PodScheduled', reason: 'SchedulingGated' }] }, ['SchedulingGated']],
  ])('reasons of the status %j are %j', (status, reasons) => {
    const lines = linesOf('pods', 'kube_pod_status_reason', [object({ status })]);
    expect(lines.map((line) => /reason="(\w+)"/.exec(line)?.[1])).toEqual(reasons);
  });

  test('a sidecar is an init container that says how it restarts', () => {
    const pod = object({
      spec: { initContainers: [{ name: 'proxy', image: 'p:1', restartPolicy: 'Always' }] },
      status: { initContainerStatuses: [{ name: 'proxy', image: 'p:1', imageID: 'i', containerID: 'c' }] },
    });
    expect(linesOf('pods', 'kube_pod_init_container_info', [pod])).toEqual([
      'kube_pod_init_container_info{namespace="n",pod="x",uid="u",container="proxy",image_spec="p:1",image="p:1",image_id="i",container_id="c",restart_policy="Always"} 1',
    ]);
  });

  test('a device and a huge page of a node have units, and a resource of no domain has no series', () => {
    const node = object({ status: { capacity: { 'nvidia.com/gpu': '2', 'hugepages-2Mi': '4Mi', foo: '1', pods: 5 } } });
    expect(
      linesOf('nodes', 'kube_node_status_capacity', [node]).map((line) => line.slice(line.indexOf('resource'))),
    ).toEqual([
      'resource="nvidia_com_gpu",unit="integer"} 2',
      'resource="hugepages_2Mi",unit="byte"} 4.194304e+06',
      'resource="pods",unit="integer"} 5',
    ]);
  });

  test('a certificate is as long as its bytes, and conditions are counted', () => {
    const request = object({
      spec: { signerName: 's' },
      status: { certificate: Buffer.from('hello').toString('base64'), conditions: [{ type: 'Approved' }] },
    });
    const state = stateOf();
    handlerOf(state, 'certificatesigningrequests').upsert(request);
    expect(pageOf(state).filter((line) => /_(?:condition|cert_length)\{/.test(line))).toEqual([
      'kube_certificatesigningrequest_condition{certificatesigningrequest="x",signer_name="s",condition="approved"} 1',
      'kube_certificatesigningrequest_condition{certificatesigningrequest="x",signer_name="s",condition="denied"} 0',
      'kube_certificatesigningrequest_cert_length{certificatesigningrequest="x",signer_name="s"} 5',
    ]);
  });

  test('each kind of HPA metric has its values', () => {
    const scaler = object({
      spec: {
        metrics: [
          { type: 'Object', object: { metric: { name: 'hits' }, target: { value: '10' } } },
          { type: 'Pods', pods: { metric: { name: 'queue' }, target: { averageValue: '1500m' } } },
          { type: 'External', external: { metric: { name: 'lag' }, target: { value: '2k', averageValue: '1' } } },
        ],
      },
    });
    expect(
      linesOf('horizontalpodautoscalers', 'kube_horizontalpodautoscaler_spec_target_metric', [scaler]).map((line) =>
        line.slice(line.indexOf('metric_name')),
      ),
    ).toEqual([
      'metric_name="hits",metric_target_type="value",container=""} 10',
      'metric_name="queue",metric_target_type="average",container=""} 1.5',
      'metric_name="lag",metric_target_type="value",container=""} 2000',
      'metric_name="lag",metric_target_type="average",container=""} 1',
    ]);
  });
});

describe('labels of objects', () => {
  const labels = { 'app.kubernetes.io/name': 'a', app_kubernetes_io_name: 'b', camelCase: 'c', team: 'q"\n\\' };

  test('names are written as label names, and those that become the same are numbered', () => {
    const lines = linesOf('pods', 'kube_pod_labels', [object({}, { labels })], {
      metric_labels_allowlist: { pods: ['*'] },
    });
    expect(lines).toEqual([
      String.raw`kube_pod_labels{namespace="n",pod="x",uid="u",label_app_kubernetes_io_name_conflict1="a",label_app_kubernetes_io_name_conflict2="b",label_camel_case="c",label_team="q\"\n\\"} 1`,
    ]);
  });

  test('only those of the list are there, asterisks stand for any text', () => {
    const lines = linesOf('pods', 'kube_pod_labels', [object({}, { labels })], {
      metric_labels_allowlist: { '*': ['app.*/name'] },
    });
    expect(lines).toEqual(['kube_pod_labels{namespace="n",pod="x",uid="u",label_app_kubernetes_io_name="a"} 1']);
  });
});

describe('the flags', () => {
  test('metrics are chosen by name or by regex of the whole name', () => {
    const state = stateOf({ metric_allowlist: ['kube_pod_info', 'kube_pod_.*_time'], resources: ['pods'] });
    expect(state.resources[0].families.map(({ name }) => name)).toContain('kube_pod_start_time');
    expect(state.resources[0].families.map(({ name }) => name)).not.toContain('kube_pod_owner');
  });

  test('an opt-in metric is on the page where it is asked for', () => {
    const names = (config: Given) =>
      stateOf(config).resources.flatMap(({ families }) => families.map(({ name }) => name));
    expect(names({})).not.toContain('kube_pod_nodeselectors');
    expect(names({ metric_opt_in_list: ['kube_pod_nodeselectors'] })).toContain('kube_pod_nodeselectors');
  });

  test('shards share all objects out, each to one', () => {
    const objects = Array.from({ length: 300 }, (_, index) => object({}, { uid: `uid-${index}` }));
    const sizes = [0, 1, 2].map((shard) => {
      const state = stateOf({ shard, total_shards: 3 });
      handlerOf(state, 'pods').replace(objects);
      return state.objects;
    });
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(300);
    for (const size of sizes) expect(size).toBeGreaterThan(50);
  });

  test('a namespace of the denylist has no series', () => {
    const lines = linesOf('pods', 'kube_pod_info', [object({})], { namespaces_denylist: ['n'] });
    expect(lines).toEqual([]);
  });
});

describe('changes', () => {
  test('an object that changes, goes or is missing from a new list has the lines of its last state', () => {
    const state = stateOf();
    const handler = handlerOf(state, 'configmaps');
    const infos = () => pageOf(state).filter((line) => line.startsWith('kube_configmap_metadata_resource_version{'));
    handler.replace([
      object({}, { uid: 'a', name: 'a', resourceVersion: '1' }),
      object({}, { uid: 'b', name: 'b', resourceVersion: '2' }),
    ]);
    handler.upsert(object({}, { uid: 'a', name: 'a', resourceVersion: '3' }));
    expect(infos().map((line) => line.split(' ')[1])).toEqual(['3', '2']);
    handler.remove(object({}, { uid: 'a' }));
    expect(infos().map((line) => line.split(' ')[1])).toEqual(['2']);
    handler.replace([]);
    expect(infos()).toEqual([]);
  });

  test('a new list of one namespace leaves the objects of another', () => {
    const state = stateOf();
    const pods = state.resources.find(({ table }) => table.resource.plural === 'pods');
    pods?.handler('a').replace([object({}, { uid: '1', namespace: 'a' })]);
    pods?.handler('b').replace([object({}, { uid: '2', namespace: 'b' })]);
    pods?.handler('a').replace([]);
    expect(pods?.size).toBe(1);
  });

  test('a page that is under way shows the objects of its beginning', () => {
    const state = stateOf({ resources: ['pods'] });
    const handler = handlerOf(state, 'pods');
    handler.replace(Array.from({ length: 500 }, (_, index) => object({}, { uid: `${index}` })));
    const page = state.page();
    const first = page.next().value as Buffer;
    handler.replace([]);
    const text = Buffer.concat([first, ...page]).toString();
    expect(text.split('\n').filter((line) => line.startsWith('kube_pod_scheduler{'))).toHaveLength(500);
  });
});

test.each([
  ['100m', 1, 0.1],
  ['1.5Gi', 1_610_612_736, 1_610_612_736],
  ['1e3', 1000, 1000],
  ['1E', 1e18, 1e18],
  ['0.5', 1, 0.5],
  ['-1500m', -2, -1.5],
  ['1n', 1, 0.001],
  ['.5Ki', 512, 512],
  ['9Ei', 2 ** 63, 2 ** 63],
  ['x', 0, 0],
])('the quantity %s is %d as a whole and %d in thousandths', (quantity, whole, precise) => {
  expect(wholeValue(quantity)).toBe(whole);
  expect(preciseValue(quantity)).toBe(precise);
});

test.each([
  ['*/15 * * * *', '', '2026-03-01T10:07:00Z', '2026-03-01T10:15:00Z'],
  ['0 4 * * 1-5', 'Europe/Berlin', '2026-03-27T10:00:00Z', '2026-03-30T02:00:00Z'],
  ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-30T00:30:00Z'],
  ['0 0 13 * fri', '', '2026-03-01T00:00:00Z', '2026-03-06T00:00:00Z'],
  ['@hourly', '', '2026-12-31T23:30:00Z', '2027-01-01T00:00:00Z'],
  ['@every 1h30m', '', '2026-03-01T00:00:00Z', '2026-03-01T01:30:00Z'],
  ['0 0 29 2 *', '', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['TZ=Asia/Tokyo 0 9 * * *', '', '2026-03-01T01:00:00Z', '2026-03-02T00:00:00Z'],
])('%s in %s runs after %s at %s', (schedule, zone, after, expected) => {
  expect(nextRun(schedule, zone, Date.parse(after) / 1000)).toBe(Date.parse(expected) / 1000);
});

test.each(['', '* * * *', '60 * * * *', '*/120 4-22 * * *', 'a * * * *', '5-1 * * * *'])(
  'the schedule %j is invalid',
  (schedule) => {
    expect(nextRun(schedule, '', 0)).toBe('invalid');
  },
);

test('an unknown time zone makes a schedule invalid, and a day that never comes has no next run', () => {
  expect(nextRun('* * * * *', 'Mars/Olympus', 0)).toBe('invalid');
  expect(nextRun('0 0 30 2 *', '', 0)).toBeUndefined();
});
