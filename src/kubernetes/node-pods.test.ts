import { beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../lib/time/clock.ts';
import { createLogger } from '../lib/logger.ts';
import type { KubeObject, ObjectHandler, WatchStatus } from '../model/kubernetes.ts';
import type { KubeConnection } from './connect.ts';
import { type NodePods, createNodePods } from './node-pods.ts';

let clock: ManualClock;
let lines: string[];
let api: { handler: ObjectHandler | undefined; status: Omit<WatchStatus, 'resource'>; selector: string | undefined };
let kubelet: { pods: KubeObject[] | Error; asked: number };
let credentials: boolean;

beforeEach(() => {
  clock = new ManualClock(1_800_000_000_000);
  lines = [];
  api = { handler: undefined, status: { state: 'watching', synced: true, lastEventAt: 1 }, selector: undefined };
  kubelet = { pods: [], asked: 0 };
  credentials = true;
});

const pod = (name: string): KubeObject => ({ metadata: { name, namespace: 'd', uid: `uid-${name}` } });

function connection(): KubeConnection {
  if (!credentials) throw new Error('not in a pod');
  return {
    watch: (_resource, handler, options) => ({
      name: 'watch',
      start: () => {
        api.handler = handler;
        api.selector = options?.fieldSelector;
        return Promise.resolve();
      },
      stop: () => Promise.resolve(),
      status: () => ({ resource: 'pods', ...api.status }),
    }),
    request: () => Promise.reject(new Error('not asked')),
    namespace: undefined,
    close() {},
  };
}

function create(from: 'auto' | 'api' | 'kubelet' = 'auto'): NodePods {
  let later: (() => void) | undefined;
  return createNodePods({
    node: 'n1',
    from,
    connect: connection,
    kubelet: {
      list() {
        kubelet.asked++;
        return kubelet.pods instanceof Error ? Promise.reject(kubelet.pods) : Promise.resolve(kubelet.pods);
      },
      soon: (callback) => void (later ??= clock.after(1000, callback)),
      close() {},
    },
    clock,
    logger: createLogger({ to: [{ write: (line) => void lines.push(line) }] }),
  });
}

async function started(pods: NodePods): Promise<NodePods> {
  const start = pods.start();
  // The wait for the first pods begins when the sources were asked.
  await clock.advance(0);
  await clock.advance(5000);
  await start;
  return pods;
}

/** Follows the pods as discovery does. */
async function follow(pods: NodePods): Promise<Set<string>> {
  const known = new Set<string>();
  const put = ({ metadata }: KubeObject) => void known.add(metadata.name);
  const watch = pods.watch(
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
  return known;
}

describe('the pods of a node', () => {
  test('come from the API server, of this node only, and go to all who follow them', async () => {
    const pods = create();
    const start = pods.start();
    await clock.advance(0);
    expect(api.selector).toBe('spec.nodeName=n1');
    api.handler?.replace([pod('a')]);
    await start;
    const [one, other] = [await follow(pods), await follow(pods)];
    api.handler?.upsert(pod('b'));
    api.handler?.remove(pod('a'));
    expect([...one]).toEqual(['b']);
    expect([...other]).toEqual(['b']);
    expect(kubelet.asked).toBe(0);
    await pods.stop();
  });

  test('are still found ten minutes after their end, and no longer', async () => {
    const pods = await started(create());
    api.handler?.replace([pod('a')]);
    api.handler?.replace([]);
    expect(pods.find('d', 'a')).toBeDefined();
    await clock.advance(11 * 60_000);
    api.handler?.upsert(pod('b'));
    api.handler?.remove(pod('b'));
    expect(pods.find('d', 'a')).toBeUndefined();
    expect(pods.find('d', 'b')).toBeDefined();
    await pods.stop();
  });

  test('come from the kubelet while the API server may not be read, and that is said once', async () => {
    api.status = { state: 'denied', synced: false, lastEventAt: 0, error: 'pods is forbidden' };
    kubelet.pods = [pod('a')];
    const pods = await started(create());
    const known = await follow(pods);
    expect([...known]).toEqual(['a']);
    kubelet.pods = [pod('b')];
    await clock.advance(10_000);
    expect([...known]).toEqual(['b']);
    await clock.advance(60_000);
    expect(lines.filter((line) => line.includes('from the kubelet'))).toHaveLength(1);
    expect(lines.join()).toContain('pods is forbidden');

    // What the API server tells before it is in use again is not lost.
    api.handler?.replace([pod('c'), pod('d')]);
    api.handler?.remove(pod('d'));
    expect([...known]).toEqual(['b']);
    api.status = { state: 'watching', synced: true, lastEventAt: 2 };
    await clock.advance(5000);
    expect([...known]).toEqual(['c']);
    api.handler?.upsert(pod('e'));
    expect([...known]).toEqual(['c', 'e']);
    const { asked } = kubelet;
    await clock.advance(60_000);
    expect(kubelet.asked).toBe(asked);
    expect(lines.filter((line) => line.includes('API server again'))).toHaveLength(1);
    await pods.stop();
  });

  test('stay those of the API server while it starts again', async () => {
    const pods = await started(create());
    api.handler?.replace([pod('a')]);
    const known = await follow(pods);
    await clock.advance(5000);
    api.status = { state: 'failing', synced: true, lastEventAt: 1, error: 'ECONNREFUSED' };
    await clock.advance(15_000);
    expect(kubelet.asked).toBe(0);
    api.handler?.upsert(pod('b'));
    expect([...known]).toEqual(['a', 'b']);
    await clock.advance(15_000);
    expect(kubelet.asked).toBeGreaterThan(0);
    await pods.stop();
  });

  test('come from the kubelet where there are no credentials for the API server', async () => {
    credentials = false;
    kubelet.pods = [pod('a')];
    const pods = await started(create());
    expect([...(await follow(pods))]).toEqual(['a']);
    expect(lines.join()).toContain('not in a pod');
    await pods.stop();
  });

  test('stay known while the kubelet does not answer', async () => {
    kubelet.pods = [pod('a')];
    const pods = await started(create('kubelet'));
    const known = await follow(pods);
    kubelet.pods = new Error('refused');
    await clock.advance(30_000);
    expect([...known]).toEqual(['a']);
    expect(lines.filter((line) => line.includes('does not tell its pods'))).toHaveLength(1);
    await pods.stop();
  });

  test('are asked for again soon where one is missed', async () => {
    const pods = await started(create('kubelet'));
    const { asked } = kubelet;
    kubelet.pods = [pod('new')];
    for (let i = 0; i < 100; i++) pods.refresh();
    await clock.advance(1000);
    expect(kubelet.asked).toBeLessThanOrEqual(asked + 2);
    expect(pods.find('d', 'new')).toBeDefined();
    await pods.stop();
  });
});
