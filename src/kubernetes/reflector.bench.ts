/**
 * What a watched pod costs in memory, and what reading a list of them costs in time. Pods are like those of a Deployment with two
 * containers, as an API server sends them: 7 kB of JSON each.
 *
 *     node --expose-gc --import tsx src/kubernetes/reflector.bench.ts raw|kept|node [pods]
 *
 * - raw:   the objects as they come
 * - kept:  without managedFields, as a watch keeps them by itself
 * - node:  what scraping and logs keep (`projectNodePod`)
 */
import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createLogger } from '../lib/logger.ts';
import type { KubeObject, WatchOptions } from '../model/kubernetes.ts';
import { directAccess } from './access.ts';
import { connectKubernetes } from './connect.ts';
import { projectNodePod } from './pod-projection.ts';

const [, , variant = 'kept', pods = '10000'] = process.argv;
const PODS = Number(pods);
const PAGE = 500;

function podOf(i: number): object {
  const owners = Object.fromEntries(Array.from({ length: 60 }, (_, k) => [`f:field-${k}`, { '.': {}, 'f:name': {} }]));
  const container = (name: string) => ({
    name,
    image: `registry.example.com/team/${name}:1.${i % 9}.0`,
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: Array.from({ length: 10 }, (_, k) => ({ name: `VARIABLE_${k}`, value: `value ${k} of ${i}` })),
    resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m', memory: '256Mi' } },
    volumeMounts: [{ name: 'token', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
    terminationMessagePath: '/dev/termination-log',
    imagePullPolicy: 'IfNotPresent',
  });
  const statusOf = (name: string) => ({
    name,
    image: `registry.example.com/team/${name}:1.${i % 9}.0`,
    imageID: `registry.example.com/team/${name}@sha256:${String(i).padStart(64, '0')}`,
    containerID: `containerd://${String(i).padStart(64, '1')}`,
    ready: true,
    restartCount: i % 3,
    state: { running: { startedAt: '2026-12-01T00:00:00Z' } },
  });
  return {
    metadata: {
      name: `shop-${i % 200}-5d8f7c9b6d-${i}`,
      namespace: `team-${i % 50}`,
      uid: `c72799d7-0000-0000-0000-${String(i).padStart(12, '0')}`,
      resourceVersion: String(1_000_000 + i),
      creationTimestamp: '2026-12-01T00:00:00Z',
      labels: { app: `shop-${i % 200}`, 'pod-template-hash': '5d8f7c9b6d', 'app.kubernetes.io/name': 'shop' },
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `shop-${i % 200}-5d8f7c9b6d`, uid: 'u', controller: true },
      ],
      managedFields: ['controller', 'kubelet'].map((manager) => ({ manager, operation: 'Update', fieldsV1: owners })),
    },
    spec: { nodeName: `node-${i % 100}`, containers: [container('web'), container('side')], restartPolicy: 'Always' },
    status: {
      phase: 'Running',
      podIP: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
      hostIP: '10.0.0.1',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: '2026-12-01T00:00:00Z',
      })),
      containerStatuses: [statusOf('web'), statusOf('side')],
    },
  };
}

const server = http.createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
  if (pathname === '/version') return void response.end('{"major":"1","minor":"30"}');
  if (searchParams.has('watch')) return response.writeHead(200).flushHeaders();
  const from = Number(searchParams.get('continue') ?? 0);
  const to = Math.min(from + PAGE, PODS);
  const items = Array.from({ length: to - from }, (_, i) => podOf(from + i));
  const metadata = { resourceVersion: '1', ...(to < PODS && { continue: String(to) }) };
  response.end(JSON.stringify({ metadata, items }));
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function heap(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

async function measure(name: string, options: WatchOptions): Promise<void> {
  let kept: readonly KubeObject[] = [];
  const handler = { replace: (objects: readonly KubeObject[]) => void (kept = objects), upsert() {}, remove() {} };
  const connection = connectKubernetes({ access: directAccess(url, {}), logger: createLogger({ quiet: true }) });
  const watch = connection.watch({ group: '', version: 'v1', plural: 'pods', namespaced: true }, handler, options);
  const before = heap();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const since = performance.now();
  await watch.start();
  const ms = performance.now() - since;
  delay.disable();
  const each = (heap() - before) / kept.length;
  console.log(
    `${name.padEnd(6)} ${kept.length} pods: ${each.toFixed(0)} bytes each, list in ${ms.toFixed(0)} ms, longest hold ${(delay.max / 1e6).toFixed(0)} ms (this process serves it too)`,
  );
  await watch.stop();
}

/** Hides managedFields from the watch, so that they stay. */
const raw = ({ metadata, ...rest }: KubeObject): KubeObject => ({
  ...rest,
  metadata: { ...metadata, managedFields: undefined, was: metadata.managedFields },
});

const variants: Readonly<Record<string, WatchOptions>> = {
  raw: { project: raw },
  kept: {},
  node: { project: projectNodePod },
};
console.log(`${(JSON.stringify(podOf(1)).length / 1000).toFixed(1)} kB of JSON a pod`);
await measure(variant, variants[variant]);
server.closeAllConnections();
server.close();
