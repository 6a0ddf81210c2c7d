import { Ticker } from '../../../lib/time/ticker.ts';
import { TimeSlice } from '../../../lib/time/time-slice.ts';
import type { ObjectWatch } from '../../../model/kubernetes.ts';
import type { Discoverer, DiscoveryContext, TargetGroup } from '../kind.ts';
import type { KubernetesSdConfig } from './config.ts';
import type { ConnectKubernetes, KubernetesConnection } from './connect.ts';
import type { FindObject } from './lookup.ts';
import { Dependencies, ObjectStore } from './related-objects.ts';
import { KINDS, ROLE_KINDS, type ObjectKind, kindsOf } from './roles.ts';

/** How long a start waits for the first lists, milliseconds. */
const FIRST_LISTS_MS = 10_000;
/** Changes are gathered this long, milliseconds: a rollout changes a pod and its endpoints many times a second. */
const GATHER_MS = 1000;
/** How often the state of the watches is looked at, and credentials that were not there are tried again, milliseconds. */
const CHECK_MS = 5000;

/**
 * Targets from the objects of a Kubernetes API server, a group for each object of the role. As in Prometheus, the first ones
 * come when all kinds of objects that their labels need have been listed.
 *
 *     watches ─▶ objects ─▶ those of the role that changed, or use one that did ─▶ groups
 */
export function discoverKubernetes(
  config: KubernetesSdConfig,
  context: DiscoveryContext,
  connect: ConnectKubernetes | undefined,
): Discoverer {
  const { clock, emit, fault } = context;
  const { role, attach_metadata: attached } = config;
  const { prefix, group } = ROLE_KINDS[role];
  const dependencies = new Dependencies();
  const store = new ObjectStore(changed);
  const find: FindObject = (kind, key) => store.get(kind, key);
  let connection: KubernetesConnection | undefined;
  let watches: ObjectWatch[] = [];
  let dirty = new Set<string>();
  let cancelFlush: (() => void) | undefined;
  let flushing: Promise<void> | undefined;
  let isStopped = false;

  function changed(kind: ObjectKind, key: string): void {
    if (kind === role) dirty.add(key);
    for (const user of dependencies.usersOf(kind, key)) dirty.add(user);
    cancelFlush ??= clock.after(GATHER_MS, flushSoon);
  }

  function flushSoon(): void {
    cancelFlush = undefined;
    flushing = (flushing ?? Promise.resolve()).then(flush);
  }

  async function flush(): Promise<void> {
    if (isStopped || dirty.size === 0 || !watches.every((watch) => watch.status().synced)) return;
    const keys = dirty;
    dirty = new Set();
    const groups: TargetGroup[] = [];
    const slice = new TimeSlice();
    for (const key of keys) {
      groups.push(groupOf(key));
      if (slice.due) await slice.pause();
    }
    if (!isStopped) emit(groups);
  }

  function groupOf(key: string): TargetGroup {
    const source = `${prefix}/${key}`;
    const object = store.get(role, key);
    if (object !== undefined) return group({ find: dependencies.record(key, find), attached }, source, object);
    dependencies.forget(key);
    return { source, targets: [], labels: {} };
  }

  function open(): void {
    if (connect === undefined) throw new Error('this process has no access to Kubernetes');
    const { api_server: url, kubeconfig_file: kubeconfig } = config;
    connection = connect({ url, kubeconfig, http: config });
    watches = watchesOf(config, connection, store);
  }

  async function check(): Promise<void> {
    if (watches.length === 0) {
      try {
        open();
      } catch (error) {
        return fault([(error as Error).message]);
      }
      await started();
    }
    fault(watches.flatMap((watch) => faultOf(watch)));
    if (dirty.size > 0 && cancelFlush === undefined) flushSoon();
  }

  /** Resolves when all objects were listed once, or could not be, within a bound. */
  async function started(): Promise<void> {
    const all = Promise.all(watches.map((watch) => watch.start()));
    let cancel = () => {};
    const late = new Promise<void>((resolve) => (cancel = clock.after(FIRST_LISTS_MS, resolve)));
    await Promise.race([all, late]);
    cancel();
    cancelFlush?.();
    flushSoon();
    await flushing;
  }

  const ticker = new Ticker({ interval: CHECK_MS, clock }, check);
  return {
    async start() {
      await check();
      if (!isStopped) ticker.start();
    },
    async stop() {
      isStopped = true;
      cancelFlush?.();
      await Promise.all(watches.map((watch) => watch.stop()));
      await ticker.stop();
      connection?.close();
    },
  };
}

function watchesOf(config: KubernetesSdConfig, connection: KubernetesConnection, store: ObjectStore): ObjectWatch[] {
  const namespaces = namespacesOf(config, connection.namespace);
  return kindsOf(config).flatMap((kind) => {
    const { resource, project } = KINDS[kind];
    const selector = config.selectors.find(({ role }) => role === kind);
    const options = { project, labelSelector: selector?.label, fieldSelector: selector?.field };
    return (resource.namespaced ? namespaces : [undefined]).map((namespace) =>
      connection.watch(resource, store.handler(kind), { ...options, namespace }),
    );
  });
}

/** Undefined is all of them. */
function namespacesOf({ namespaces }: KubernetesSdConfig, own: string | undefined): (string | undefined)[] {
  const names = new Set(namespaces.names);
  if (namespaces.own_namespace) {
    if (own === undefined || own === '') throw new Error('own_namespace: the namespace of this pod is not known');
    names.add(own);
  }
  return names.size === 0 ? [undefined] : [...names];
}

function faultOf(watch: ObjectWatch): string[] {
  const { state, resource, error } = watch.status();
  if (state === 'watching' || (state === 'starting' && error === undefined)) return [];
  return [`${resource}: ${error ?? state}`];
}
