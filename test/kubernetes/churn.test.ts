import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connectorOf, createPodsOfNode } from '../../src/app/kubernetes.ts';
import { kubernetesSchema } from '../../src/kubernetes/config.ts';
import { type Collector, createCollector } from '../../src/collector/index.ts';
import { collectSchema } from '../../src/collector/config.ts';
import {
  type KubernetesNode,
  type NodePods,
  connectKubernetes,
  kubeconfigAccess,
  kubernetesNode,
} from '../../src/kubernetes/index.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { KubeObject, ObjectWatch } from '../../src/model/kubernetes.ts';
import { KUBE_API_PROGRAMS, type KubeApi, startKubeApi } from '../servers/kube-api.ts';
import { describeWith } from '../servers/process.ts';
import { inNamespace, send } from './objects.ts';

const EVENTUALLY = { timeout: 110_000, interval: 500 };
const PODS = inNamespace('default', 'pods');
/** Requests under way at once. */
const AT_ONCE = 20;
const NODES = 10;
const logger = createLogger({ quiet: true });

describeWith([...KUBE_API_PROGRAMS, 'kwok'], 'thousands of pods that come and go', () => {
  let api: KubeApi;
  let watch: ObjectWatch;
  let nodePods: NodePods;
  let collector: Collector;
  /** Versions by name, as the watch tells. */
  const known = new Map<string, string>();

  beforeAll(async () => {
    api = await startKubeApi();
    for (let i = 0; i < NODES; i++) await send(api, 'POST', '/api/v1/nodes', nodeOf(i));
    await api.startKwok();
    const put = ({ metadata }: KubeObject) => void known.set(metadata.name, metadata.resourceVersion ?? '');
    const connection = connectKubernetes({ access: kubeconfigAccess(api.kubeconfig), logger });
    watch = connection.watch(
      { group: '', version: 'v1', plural: 'pods', namespaced: true },
      {
        replace(objects) {
          known.clear();
          objects.forEach(put);
        },
        upsert: put,
        remove: ({ metadata }) => void known.delete(metadata.name),
      },
    );
    await watch.start();

    const settings = kubernetesSchema.parse({ node: 'kwok-0', kubeconfig_file: api.kubeconfig, pods_from: 'api' });
    const node = kubernetesNode(settings) as KubernetesNode;
    nodePods = createPodsOfNode(node, settings, logger);
    await nodePods.start();
    collector = createCollector({
      config: collectSchema.parse({
        node: { enabled: false },
        self: { enabled: false },
        kubelet: { enabled: false },
        pods: { scrape_interval: '1h' },
      }),
      identity: {},
      hostname: 'test',
      write: () => Promise.resolve({ accepted: 0, refused: {} }),
      kubernetesNode: { ...node, connectPods: connectorOf(nodePods) },
      logger,
    });
    await collector.start();
  }, 240_000);
  afterAll(async () => {
    await collector?.stop();
    await nodePods?.stop();
    await watch?.stop();
    await api?.stop();
  });

  /** Every tenth pod is on the first node. */
  const create = (from: number, to: number) => each(from, to, (i) => send(api, 'POST', PODS, podOf(i)));
  const remove = (from: number, to: number) =>
    each(from, to, (i) => send(api, 'DELETE', `${PODS}/pod-${i}?gracePeriodSeconds=0`));

  async function listed(): Promise<KubeObject[]> {
    const { body } = await api.admin.request('/api/v1/pods', { timeout: 60_000 });
    return (body as { items: KubeObject[] }).items;
  }

  /** The watch knows what a fresh list has, and the node's agent scrapes its running pods, each once. */
  async function settled(count: number): Promise<void> {
    await vi.waitFor(async () => {
      const pods = await listed();
      expect(pods).toHaveLength(count);
      const versions = pods.map(({ metadata }): [string, string] => [metadata.name, metadata.resourceVersion ?? '']);
      expect(Object.fromEntries(known)).toEqual(Object.fromEntries(versions));
      const here = pods.filter(({ spec }) => (spec as { nodeName?: string }).nodeName === 'kwok-0');
      const addresses = here.map(({ status }) => (status as { podIP?: string }).podIP);
      expect(addresses).toHaveLength(count / NODES);
      expect(addresses.filter((ip) => ip === undefined)).toEqual([]);
      const urls = collector.targets().map(({ scrapeUrl }) => scrapeUrl);
      expect(urls.sort()).toEqual(addresses.map((ip) => `http://${ip}:9100/metrics`).sort());
    }, EVENTUALLY);
  }

  test(
    'the cache equals a fresh list in the end, and each pod of the node is a target once',
    { timeout: 400_000 },
    async () => {
      await create(0, 1000);
      await settled(1000);
      await Promise.all([remove(0, 500), create(1000, 2000)]);
      await api.kill();
      await api.start();
      await Promise.all([remove(500, 1000), create(2000, 2500)]);
      await settled(1500);
      expect(collector.targets()).toHaveLength(150);
      await remove(1000, 2500);
      await settled(0);
      expect(collector.targets()).toEqual([]);
    },
  );
});

async function each(from: number, to: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = from;
  const worker = async () => {
    while (next < to) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function nodeOf(i: number): object {
  const resources = { cpu: '64', memory: '256Gi', pods: '1000' };
  return {
    metadata: { name: `kwok-${i}`, annotations: { 'kwok.x-k8s.io/node': 'fake' } },
    status: { allocatable: resources, capacity: resources },
  };
}

function podOf(i: number): object {
  return {
    metadata: {
      name: `pod-${i}`,
      labels: { app: `app-${i % 7}` },
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9100' },
    },
    spec: {
      nodeName: `kwok-${i % NODES}`,
      containers: [
        { name: 'a', image: 'a', ports: [{ containerPort: 80 }] },
        { name: 'b', image: 'b' },
      ],
    },
  };
}
