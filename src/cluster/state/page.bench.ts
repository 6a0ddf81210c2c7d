/**
 * The page of 10,000 pods: CPU time of a first rendering, of one change and of a scrape, and the memory of the process.
 *
 *     npx tsx src/cluster/state/page.bench.ts [pods]
 */
import type { KubeObject } from '../../model/kubernetes.ts';
import { stateSchema } from './config.ts';
import { ObjectState } from './object-state.ts';

const PODS = Number(process.argv[2] ?? 10_000);
const TIME = '2026-03-01T10:00:00Z';

function pod(index: number): KubeObject {
  const containers = ['app', 'proxy'].map((name) => ({
    name,
    image: `registry.example.org/shop/${name}:1.27`,
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
  }));
  return {
    metadata: {
      name: `shop-${index % 97}-7bc8b7685d-${index}`,
      namespace: `team-${index % 40}`,
      uid: `7b4541a5-f81c-4aa8-845f-${String(index).padStart(12, '0')}`,
      resourceVersion: '1',
      creationTimestamp: TIME,
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `shop-${index % 97}-7bc8b7685d`,
          uid: 'r',
          controller: true,
        },
      ],
    },
    spec: {
      nodeName: `node-${index % 100}`,
      containers,
      restartPolicy: 'Always',
      serviceAccountName: 'default',
      schedulerName: 'default-scheduler',
      tolerations: ['not-ready', 'unreachable'].map((key) => ({ key, operator: 'Exists', tolerationSeconds: 300 })),
    },
    status: {
      phase: 'Running',
      qosClass: 'Burstable',
      hostIP: '10.0.0.1',
      podIP: '10.1.0.1',
      podIPs: [{ ip: '10.1.0.1' }],
      startTime: TIME,
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: TIME,
      })),
      containerStatuses: containers.map(({ name, image }) => ({
        name,
        image,
        imageID: `sha256:${'a'.repeat(64)}`,
        containerID: `containerd://${'b'.repeat(64)}`,
        ready: true,
        restartCount: 1,
        state: { running: { startedAt: TIME } },
      })),
    },
  };
}

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function scrape(state: ObjectState): { bytes: number; lines: number } {
  let bytes = 0;
  let lines = 0;
  for (const piece of state.page()) {
    bytes += piece.length;
    lines++;
  }
  return { bytes, lines };
}

const state = new ObjectState(stateSchema.parse({ resources: ['pods'] }));
const handler = state.resources[0].handler();
const first = cpuSeconds(() => {
  for (let index = 0; index < PODS; index++) handler.upsert(pod(index));
});
const changed = cpuSeconds(() => {
  for (let index = 0; index < 1000; index++) {
    const object = pod(index);
    handler.upsert({ ...object, metadata: { ...object.metadata, resourceVersion: '2' } });
  }
});
scrape(state);
const times = Array.from({ length: 5 }, () => cpuSeconds(() => scrape(state))).sort((a, b) => a - b);
const { bytes } = scrape(state);
console.log(`${PODS} pods, a page of ${(bytes / 1e6).toFixed(1)} MB`);
console.log(`first rendering ${first.toFixed(2)} CPU-s · a change ${changed.toFixed(3)} CPU-ms`);
console.log(`a scrape ${times[2].toFixed(3)} CPU-s (of ${times.map((time) => time.toFixed(3)).join(', ')})`);
console.log(`resident ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`);
