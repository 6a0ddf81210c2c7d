import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type KubeAccess, connectKubernetes, directAccess, kubeconfigAccess } from '../../src/kubernetes/index.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { registry } from '../../src/lib/metrics.ts';
import type { KubeObject, ObjectWatch, ResourceKind } from '../../src/model/kubernetes.ts';
import { KUBE_API_PROGRAMS, type KubeApi, startKubeApi } from '../servers/kube-api.ts';
import { describeWith } from '../servers/process.ts';

const CONFIG_MAPS: ResourceKind = { group: '', version: 'v1', plural: 'configmaps', namespaced: true };
const PODS: ResourceKind = { group: '', version: 'v1', plural: 'pods', namespaced: true };
const WIDGETS: ResourceKind = { group: 'test.example', version: 'v1', plural: 'widgets', namespaced: true };
const EVENTUALLY = { timeout: 90_000, interval: 50 };
/** Short, so that a test sees many watches, and the silence of a hanging proxy. */
const FAST = { retryMin: 20, retryMax: 500, watchSeconds: 2, silence: 4000 };

/** What a handler knows, checked for order: nothing is removed that is not there. */
class Known {
  readonly versions = new Map<string, string>();
  readonly faults: string[] = [];
  replaced = 0;

  replace(objects: readonly KubeObject[]): void {
    this.replaced++;
    this.versions.clear();
    for (const object of objects) this.upsert(object);
  }

  upsert({ metadata }: KubeObject): void {
    this.versions.set(metadata.name, metadata.resourceVersion ?? '');
  }

  remove({ metadata }: KubeObject): void {
    if (!this.versions.delete(metadata.name)) this.faults.push(`${metadata.name} removed, and not there`);
  }

  sorted(): [string, string][] {
    return [...this.versions].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

describeWith(KUBE_API_PROGRAMS, 'a watch on a real API server', () => {
  let api: KubeApi;
  const watches: ObjectWatch[] = [];
  const logged: string[] = [];

  // Without a watch cache, a compaction of etcd is enough for a version to be too old.
  beforeAll(async () => {
    api = await startKubeApi({ flags: { 'watch-cache': false } });
  }, 180_000);
  afterAll(async () => {
    await Promise.all(watches.map((watch) => watch.stop()));
    await api?.stop();
  });

  function follow(access: KubeAccess, resource = CONFIG_MAPS, timing: object = FAST) {
    const known = new Known();
    const logger = createLogger({ to: [{ write: (line) => void logged.push(line) }] });
    const watch = connectKubernetes({ access, logger, timing }).watch(resource, known);
    watches.push(watch);
    void watch.start();
    return { known, watch };
  }

  const admin = () => kubeconfigAccess(api.kubeconfig);
  const maps = '/api/v1/namespaces/default/configmaps';

  async function send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<KubeObject> {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : undefined;
    const answer = await api.admin.request(path, { method, body, contentType });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as KubeObject;
  }

  const create = (name: string) => send('POST', maps, { metadata: { name }, data: { a: 'b' } });

  async function listed(path: string): Promise<[string, string][]> {
    const { body } = await api.admin.request(path);
    const { items } = body as { items: KubeObject[] };
    return items
      .map(({ metadata }): [string, string] => [metadata.name, metadata.resourceVersion ?? ''])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  const sameAsList = (known: Known, path = '/api/v1/configmaps') =>
    vi.waitFor(async () => expect(known.sorted()).toEqual(await listed(path)), EVENTUALLY);

  test('follows objects over the death of the API server and a compaction of etcd in the middle', async () => {
    const { known, watch } = follow(admin());
    await create('first');
    await sameAsList(known);
    await api.kill();
    await vi.waitFor(() => expect(watch.status().state).toBe('failing'), EVENTUALLY);
    expect(known.versions.has('first')).toBe(true);
    await api.start();
    await create('second');
    await send('DELETE', `${maps}/first`);
    await sameAsList(known);

    const before = known.replaced;
    await api.kill();
    await vi.waitFor(() => expect(watch.status().state).toBe('failing'), EVENTUALLY);
    await api.start();
    await create('third');
    await send('DELETE', `${maps}/second`);
    await api.compact();
    await sameAsList(known);
    // Where only other objects change, the version of this watch grows old; its next connection meets a 410.
    let others = 0;
    await vi.waitFor(
      async () => {
        await send('POST', '/api/v1/namespaces', { metadata: { name: `other-${others++}` } });
        await api.compact();
        expect(known.replaced).toBeGreaterThan(before);
      },
      { timeout: 90_000, interval: 500 },
    );
    await create('fourth');
    await sameAsList(known);
    expect(known.faults).toEqual([]);
  });

  test('a role that is taken away and given back, and a token that is renewed, harm that resource only', async () => {
    const token = join(api.folder, 'token');
    writeFileSync(token, 'reader-token');
    const access: KubeAccess = {
      ...directAccess(api.url, {
        bearer_token_file: token,
        tls_config: { ca_file: api.caFile, insecure_skip_verify: false },
      }),
    };
    const roles = '/apis/rbac.authorization.k8s.io/v1';
    const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['list', 'watch'] });
    const bind = (resource: string) =>
      send('POST', `${roles}/clusterrolebindings`, {
        metadata: { name: resource },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: resource },
        subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'readers' }],
      });
    for (const resource of ['configmaps', 'pods']) {
      await send('POST', `${roles}/clusterroles`, { metadata: { name: resource }, rules: [rule(resource)] });
      await bind(resource);
    }
    const one = follow(access);
    const other = follow(access, PODS);
    const isWatching = (watch: ObjectWatch) =>
      vi.waitFor(() => expect(watch.status().state).toBe('watching'), EVENTUALLY);
    await isWatching(one.watch);
    await isWatching(other.watch);

    await send('DELETE', `${roles}/clusterrolebindings/configmaps`);
    await vi.waitFor(() => expect(one.watch.status().state).toBe('denied'), EVENTUALLY);
    await create('unseen');
    await isWatching(other.watch);
    await bind('configmaps');
    await sameAsList(one.known);

    writeFileSync(token, 'expired');
    await vi.waitFor(() => expect(one.watch.status().error).toContain('401'), EVENTUALLY);
    await create('later');
    writeFileSync(token, 'reader-token');
    await sameAsList(one.known);
    await isWatching(one.watch);
    expect(logged.filter((line) => line.includes('reader-token') || line.includes('expired'))).toEqual([]);
  });

  test('a resource whose definition comes, goes and comes again', async () => {
    const { known, watch } = follow(admin(), WIDGETS);
    await vi.waitFor(() => expect(watch.status().state).toBe('absent'), EVENTUALLY);
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const widgets = '/apis/test.example/v1/namespaces/default/widgets';
    const schema = { openAPIV3Schema: { type: 'object' } };
    const define = () =>
      send('POST', definitions, {
        metadata: { name: 'widgets.test.example' },
        spec: {
          group: 'test.example',
          scope: 'Namespaced',
          names: { plural: 'widgets', kind: 'Widget' },
          versions: [{ name: 'v1', served: true, storage: true, schema }],
        },
      });
    for (const name of ['w1', 'w2']) {
      // A definition of the same name may still be on its way out.
      await vi.waitFor(() => define(), EVENTUALLY);
      const widget = { apiVersion: 'test.example/v1', kind: 'Widget', metadata: { name } };
      await vi.waitFor(() => send('POST', widgets, widget), EVENTUALLY);
      await vi.waitFor(() => expect([...known.versions.keys()]).toEqual([name]), EVENTUALLY);
      await send('DELETE', `${definitions}/widgets.test.example`);
      await vi.waitFor(() => expect(watch.status().state).toBe('absent'), EVENTUALLY);
      expect(known.versions.size).toBe(0);
    }
  });

  test('a proxy in between that hangs is noticed, and how long nothing came is shown', async () => {
    const proxy = await startHangingProxy(new URL(api.url).port);
    const { known, watch } = follow({ ...admin(), url: `https://127.0.0.1:${proxy.port}` });
    await vi.waitFor(() => expect(watch.status().state).toBe('watching'), EVENTUALLY);
    proxy.hang();
    await create('behind');
    await vi.waitFor(async () => {
      const quiet = await registry.getSingleMetric('crowsnest_kubernetes_watch_last_event_seconds')?.get();
      const ages = quiet?.values.filter(({ labels }) => labels.resource === 'configmaps').map(({ value }) => value);
      expect(Math.max(...(ages ?? []))).toBeGreaterThan(5);
    }, EVENTUALLY);
    // New connections go through again; those that hang do so for ever.
    proxy.go();
    await sameAsList(known);
    expect(known.faults).toEqual([]);
    await watch.stop();
    proxy.close();
  });

  test('what a kubeconfig names is said where it is wrong, without the secrets in it', () => {
    const broken = join(api.folder, 'broken.kubeconfig');
    writeFileSync(broken, readFileSync(api.kubeconfig, 'utf8').replace('"user":"u"', '"user":"other"'));
    expect(() => kubeconfigAccess(broken)).toThrow(/users.*"other"/);
    expect(() => kubeconfigAccess(join(api.folder, 'none'))).toThrow(/no such file/);
  });
});

async function startHangingProxy(target: string) {
  let isHanging = false;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(target), '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      sockets.add(from);
      let isStuck = false;
      from.on('data', (chunk) => {
        isStuck ||= isHanging;
        if (!isStuck) to.write(chunk);
      });
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    hang: () => void (isHanging = true),
    go: () => void (isHanging = false),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
