import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { startCluster } from '../../src/app/cluster.ts';
import { loadConfig } from '../../src/app/config.ts';
import { TABLES } from '../../src/cluster/state/tables.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { findProgram } from '../servers/cache.ts';
import { KUBE_API_PROGRAMS, type KubeApi, startKubeApi } from '../servers/kube-api.ts';
import { describeWith } from '../servers/process.ts';

const CHART = join(import.meta.dirname, '..', '..', 'deploy', 'chart');
const EVENTUALLY = { timeout: 90_000, interval: 200 };
const run = promisify(execFile);

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

/** What helm makes of the chart, with values as they would stand in a file. */
async function render(helm: string, values: object = {}): Promise<Manifest[]> {
  const file = join(mkdtempSync(join(tmpdir(), 'values-')), 'values.json');
  writeFileSync(file, JSON.stringify(values));
  const { stdout } = await run(findProgram(helm) ?? helm, ['template', 'nest', CHART, '-n', 'mon', '-f', file]);
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

const VALUES = {
  cluster: { shards: 2, tokenSecret: 'scraper' },
  config: { identity: { cluster: 'east' }, ship: { metrics: [{ url: 'http://mimir/api/v1/push' }] } },
};

describeWith(['helm3', 'helm4'], 'the chart', () => {
  test.each(['helm3', 'helm4'])('%s takes it, and refuses a value that it does not know', async (helm) => {
    await run(findProgram(helm) ?? helm, ['lint', '--strict', CHART]);
    await expect(render(helm, { cluster: { shard: 2 } })).rejects.toThrow(/shard/);
  });

  test('both helms make the same of it', async () => {
    expect(await render('helm3', VALUES)).toEqual(await render('helm4', VALUES));
  });

  test('its configuration is one that the program takes, one a shard', async () => {
    const maps = (await render('helm4', VALUES)).filter(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('nest-cluster-'),
    );
    const loaded = maps.map((map) => {
      const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'crowsnest.yaml');
      writeFileSync(file, (map.data as Record<string, string>)['crowsnest.yaml']);
      return loadConfig(file).config;
    });
    expect(
      loaded.map(({ cluster }) => [cluster.state.shard, cluster.state.total_shards, cluster.events.enabled]),
    ).toEqual([
      [0, 2, true],
      [1, 2, false],
    ]);
    expect(loaded[0].identity.cluster).toBe('east');
    // The series that a page reads owner and zone from are on by default.
    expect(loaded[0].cluster.state.metric_annotations_allowlist.deployments).toContain('owner');
    expect(loaded[0].cluster.state.metric_labels_allowlist.nodes).toContain('topology.kubernetes.io/zone');
    expect(loaded[0].server).toMatchObject({ insecure: false, auth: { tokens: [{ access: ['read'] }] } });
  });

  test('its role may list and watch what the program watches, and nothing else', async () => {
    const role = (await render('helm4')).find(({ kind }) => kind === 'ClusterRole');
    const rules = role?.rules as { apiGroups: string[]; resources: string[]; verbs: string[] }[];
    const watched = TABLES.filter(({ isDefault }) => isDefault).map(({ resource }) => resource);
    const expected = [...watched.map(({ group, plural }) => `${group}/${plural}`), '/events'];
    const granted = rules.flatMap(({ apiGroups, resources }) => resources.map((plural) => `${apiGroups[0]}/${plural}`));
    expect(granted.sort()).toEqual(expected.sort());
    for (const { verbs } of rules) expect(verbs).toEqual(['list', 'watch']);
  });

  test('its pods run as no root, on a read-only root, without capabilities', async () => {
    const deployment = (await render('helm4')).find(({ kind }) => kind === 'Deployment') as Manifest;
    const { spec } = (deployment.spec as { template: { spec: Record<string, unknown> } }).template;
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    const [container] = spec.containers as Record<string, unknown>[];
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });
});

describeWith(['helm4'], 'the agents of the chart', () => {
  const all = async (kind: string, values: object) =>
    (await render('helm4', values)).filter((one) => one.kind === kind && one.metadata.name.startsWith('nest-agent'));
  const named = async (kind: string, values: object = VALUES): Promise<Manifest> => (await all(kind, values))[0];

  test('run where there is a place to ship to and they are enabled, and nowhere else', async () => {
    expect(await all('DaemonSet', {})).toEqual([]);
    expect(await all('DaemonSet', { ...VALUES, agent: { enabled: false } })).toEqual([]);
    expect(await all('DaemonSet', VALUES)).toHaveLength(1);
  });

  test('have a configuration that `agent` takes: the node below /host, closed beyond loopback', async () => {
    const map = await named('ConfigMap', { ...VALUES, agent: { config: { collect: { node: { enabled: true } } } } });
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'crowsnest.yaml');
    writeFileSync(file, (map.data as Record<string, string>)['crowsnest.yaml']);
    const { config } = loadConfig(file);
    expect(config.collect.node).toMatchObject({ procfs: '/host/proc', sysfs: '/host/sys', rootfs: '/host/root' });
    expect(config.server.listen).toBe('127.0.0.1:9780');
    expect(config.ship.metrics[0].url).toBe('http://mimir/api/v1/push');
  });

  test('may read and do nothing else: one capability, every folder of the node read-only but their own', async () => {
    const { spec } = ((await named('DaemonSet')).spec as { template: { spec: Record<string, unknown> } }).template;
    const [container] = spec.containers as { securityContext: object; volumeMounts: Record<string, unknown>[] }[];
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH'] },
    });
    const written = container.volumeMounts.filter(({ readOnly }) => readOnly !== true).map(({ name }) => name);
    expect(written).toEqual(['data']);
    const role = await named('ClusterRole');
    expect(role.rules).toEqual([
      { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['nodes/pods'], verbs: ['get'] },
    ]);
  });

  test('are not taken for the pods of the cluster process by its Service', async () => {
    const labels = ((await named('DaemonSet')).spec as { template: { metadata: { labels: object } } }).template.metadata
      .labels;
    const [service] = (await render('helm4', VALUES)).filter(({ kind }) => kind === 'Service');
    expect(labels).not.toMatchObject((service.spec as { selector: object }).selector);
  });
});

describeWith(['helm4', ...KUBE_API_PROGRAMS], 'the chart on a real API server', () => {
  let api: KubeApi;
  beforeAll(async () => {
    api = await startKubeApi();
    await api.admin.request('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: 'mon' } } });
  }, 240_000);
  afterAll(async () => await api?.stop());

  const PLURALS: Readonly<Record<string, string>> = { NetworkPolicy: 'networkpolicies' };
  const pathOf = ({ apiVersion, kind, metadata: { namespace } }: Manifest) => {
    const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
    const plural = PLURALS[kind] ?? `${kind.toLowerCase()}s`;
    return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`;
  };

  test('the server takes every manifest as it is, unknown fields refused', async () => {
    for (const manifest of await render('helm4', VALUES)) {
      const path = `${pathOf(manifest)}?dryRun=All&fieldValidation=Strict`;
      const { status, body } = await api.admin.request(path, { method: 'POST', body: manifest });
      expect(status, `${manifest.kind}: ${JSON.stringify(body)}`).toBe(201);
    }
  });

  test('with the role of the chart the program reads all that it watches', async () => {
    const manifests = await render('helm4');
    const role = manifests.find(({ kind }) => kind === 'ClusterRole') as Manifest;
    const binding = manifests.find(({ kind }) => kind === 'ClusterRoleBinding') as Manifest;
    const readers = [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'readers' }];
    for (const body of [role, { ...binding, subjects: readers }])
      expect((await api.admin.request(pathOf(body), { method: 'POST', body })).status).toBe(201);

    const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
    const file = join(folder, 'crowsnest.yaml');
    writeFileSync(file, JSON.stringify({ data_dir: join(folder, 'data') }));
    const loaded = loadConfig(file, { kubeconfig: api.kubeconfigOf('reader'), listen: '127.0.0.1:0' });
    const cluster = await startCluster(loaded, createLogger({ quiet: true }));
    try {
      const all = /^\d+ objects · (\d+) of \1 watches open$/;
      await vi.waitFor(() => expect(cluster.status()).toMatch(all), EVENTUALLY);
    } finally {
      await cluster.stop();
    }
  });
});
