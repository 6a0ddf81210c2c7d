import type { Clock } from '../lib/time/clock.ts';
import { type Logger, LogOnce } from '../lib/logger.ts';
import type { Service } from '../lib/lifecycle/run-group.ts';
import { Ticker } from '../lib/time/ticker.ts';
import type { KubeObject, ObjectWatch, ResourceKind, WatchObjects, WatchStatus } from '../model/kubernetes.ts';
import type { KubernetesConfig } from './config.ts';
import type { KubeConnection } from './connect.ts';
import type { KubeletPods } from './kubelet-pods.ts';
import { ObjectHub } from './object-hub.ts';
import { projectNodePod } from './pod-projection.ts';

/** How often it is looked whether the other source is needed, milliseconds. */
const CHECK_MS = 5000;
/** How often the kubelet is asked, milliseconds. */
const POLL_MS = 10_000;
/** How long the API server may be away before the kubelet is asked, milliseconds: as long as it takes to start again. */
const PATIENCE_MS = 20_000;
/** How long a start waits for the first pods, milliseconds. */
const FIRST_PODS_MS = 5000;

export const PODS: ResourceKind = { group: '', version: 'v1', plural: 'pods', namespaced: true };

export interface NodePodsOptions {
  readonly node: string;
  readonly from: KubernetesConfig['pods_from'];
  /** @throws where there are no credentials for the API server. */
  readonly connect: () => KubeConnection;
  readonly kubelet: KubeletPods;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The pods of one node, for all parts of a process that ask about them. */
export interface NodePods extends Service {
  /** Watches these pods; the resource and the options are of no account. */
  readonly watch: WatchObjects;
  /** A pod that is there, or was there within the last ten minutes. */
  find(namespace: string, name: string): KubeObject | undefined;
  /** Called where `find` knew nothing and something was expected: looks again soon, where looking is how pods are found. */
  refresh(): void;
}

/**
 * Two sources, one of them in use at a time:
 *
 *     API server  watch on spec.nodeName ─┐
 *                                         ├─▶ hub ─▶ discovery of annotated pods, fields of log records
 *     kubelet     /pods every 10 s ───────┘   (while the API server may not be read or does not answer)
 */
export function createNodePods({ node, from, connect, kubelet, clock, logger }: NodePodsOptions): NodePods {
  const hub = new ObjectHub(clock);
  const once = new LogOnce();
  let connection: KubeConnection | undefined;
  let api: ObjectWatch | undefined;
  let isPolling = false;
  let polledAt = -Infinity;
  /** When the watch was last seen open. */
  let wellAt = -Infinity;

  async function openApi(): Promise<void> {
    if (from === 'kubelet' || api !== undefined) return;
    try {
      connection = connect();
      const options = { fieldSelector: `spec.nodeName=${node}`, project: projectNodePod };
      api = connection.watch(PODS, hub.source('api'), options);
      hub.use('api');
      return api.start();
    } catch (error) {
      if (once.fresh('api', (error as Error).message))
        logger.warn({ error: (error as Error).message }, 'no API server');
    }
  }

  async function check(): Promise<void> {
    await openApi();
    const { state, error } = api?.status() ?? NO_API;
    if (state === 'watching') wellAt = clock.now();
    if (from === 'api' || state === 'watching') return useApi();
    const isPassing = state !== 'denied' && clock.now() - wellAt < PATIENCE_MS;
    if (isPassing && !isPolling) return;
    useKubelet(error);
    if (clock.now() - polledAt >= POLL_MS) await poll();
  }

  function useApi(): void {
    if (isPolling) logger.info('pods of this node are known from the API server again');
    isPolling = false;
    hub.use('api');
  }

  function useKubelet(error: string | undefined): void {
    if (isPolling) return;
    isPolling = true;
    hub.use('kubelet');
    if (from === 'auto')
      logger.warn({ error }, 'pods of this node are known from the kubelet, as the API server does not tell');
  }

  async function poll(): Promise<void> {
    polledAt = clock.now();
    try {
      const pods = await kubelet.list();
      if (!isPolling) return;
      hub.source('kubelet').replace(pods);
      if (once.clear('kubelet')) logger.info('the kubelet tells its pods again');
    } catch (error) {
      const { message } = error as Error;
      if (once.fresh('kubelet', message)) logger.warn({ error: message }, 'the kubelet does not tell its pods');
    }
  }

  const checks = new Ticker({ interval: CHECK_MS, clock }, check);
  return {
    name: 'pods of the node',
    watch: (_resource, handler): ObjectWatch => {
      let leave = () => {};
      return {
        name: 'pods of the node',
        start: () => {
          leave = hub.add(handler);
          return Promise.resolve();
        },
        stop: () => Promise.resolve(leave()),
        status: (): WatchStatus => ({
          resource: 'pods',
          state: hub.synced ? 'watching' : 'starting',
          synced: hub.synced,
          lastEventAt: hub.changedAt,
        }),
      };
    },
    find: (namespace, name) => hub.find(namespace, name),
    refresh() {
      if (isPolling) kubelet.soon(() => void poll());
    },
    async start() {
      await check();
      await hub.firstObjects(FIRST_PODS_MS);
      checks.start();
    },
    async stop() {
      await checks.stop();
      kubelet.close();
      await api?.stop();
      connection?.close();
    },
  };
}

const NO_API: Pick<WatchStatus, 'state' | 'synced' | 'error'> = { state: 'failing', synced: false };
