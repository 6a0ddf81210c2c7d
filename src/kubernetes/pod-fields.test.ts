import { expect, test } from 'vitest';
import { isSamePod, podFields } from './pod-fields.ts';
import { projectNodePod } from './pod-projection.ts';

const wanted = { labels: ['app', 'app.kubernetes.io/name', 'not-there'], annotations: ['team'] };
const owner = (kind: string, name: string) => [{ apiVersion: 'v1', kind, name, uid: 'o', controller: true }];

function pod(metadata: object = {}) {
  return projectNodePod({
    metadata: {
      name: 'p',
      namespace: 'd',
      uid: 'u',
      labels: { app: 'shop', 'app.kubernetes.io/name': 'shop', unasked: 'x' },
      annotations: { team: 'blue', other: 'x', 'kubectl.kubernetes.io/last-applied-configuration': 'hunter2' },
      ...metadata,
    },
    spec: {
      nodeName: 'n1',
      containers: [{ name: 'web', image: 'shop:1', env: [{ name: 'PASSWORD', value: 'hunter2' }] }],
      initContainers: [{ name: 'init', image: 'init:1' }],
    },
    status: {
      podIP: '10.1.0.1',
      containerStatuses: [
        {
          name: 'web',
          containerID: 'containerd://now',
          restartCount: 3,
          lastState: { terminated: { containerID: 'containerd://before', message: 'hunter2' } },
        },
      ],
    },
  });
}

test('records carry container, node, address and the labels and annotations that are wanted', () => {
  expect(podFields(pod(), { container: 'web', restart: 3 }, wanted)).toEqual({
    'kubernetes.node.name': 'n1',
    'kubernetes.pod.ip': '10.1.0.1',
    'container.image.name': 'shop:1',
    'container.id': 'now',
    'container.runtime': 'containerd',
    'kubernetes.labels.app': 'shop',
    'kubernetes.labels.app_kubernetes_io/name': 'shop',
    'kubernetes.annotations.team': 'blue',
  });
  expect(JSON.stringify(pod())).not.toContain('hunter2');
});

test.each([
  [{ container: 'web', restart: 3 }, 'now'],
  [{ container: 'web' }, 'now'],
  [{ container: 'web', restart: 2 }, 'before'],
  [{ container: 'web', restart: 1 }, undefined],
  [{ container: 'web', restart: 4 }, undefined],
  [{ container: 'init', restart: 0 }, undefined],
])('the log of %j is that of the container %s', (container, id) => {
  expect(podFields(pod(), container, wanted)['container.id']).toBe(id);
});

test.each([
  [
    { labels: { 'pod-template-hash': '5d8f' }, ownerReferences: owner('ReplicaSet', 'shop-5d8f') },
    { 'kubernetes.replicaset.name': 'shop-5d8f', 'kubernetes.deployment.name': 'shop' },
  ],
  [{ ownerReferences: owner('ReplicaSet', 'bare-rs') }, { 'kubernetes.replicaset.name': 'bare-rs' }],
  [{ ownerReferences: owner('StatefulSet', 'db') }, { 'kubernetes.statefulset.name': 'db' }],
  [
    { ownerReferences: owner('Job', 'nightly-29374920') },
    { 'kubernetes.job.name': 'nightly-29374920', 'kubernetes.cronjob.name': 'nightly' },
  ],
  [{ ownerReferences: owner('Job', 'once-1') }, { 'kubernetes.job.name': 'once-1' }],
  [{ ownerReferences: [{ ...owner('Job', 'x')[0], controller: false }] }, {}],
])('the owner of a pod with %j is told as %j', (metadata, fields) => {
  const found = Object.entries(podFields(pod(metadata), { container: 'web' }, wanted));
  const owners = found.filter(([name]) => /(set|job|deployment)\.name$/.test(name));
  expect(Object.fromEntries(owners)).toEqual(fields);
});

test('a pod is the same by its uid, and a static one by the hash in the path of its logs', () => {
  expect(isSamePod(pod(), 'u')).toBe(true);
  expect(isSamePod(pod(), undefined)).toBe(true);
  expect(isSamePod(pod(), 'of an earlier pod of that name')).toBe(false);
  expect(isSamePod(pod({ annotations: { 'kubernetes.io/config.hash': 'h' } }), 'h')).toBe(true);
});
