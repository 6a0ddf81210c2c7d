import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { kubernetesConnector } from '../../src/app/kubernetes.ts';
import { type Collector, createCollector } from '../../src/collector/index.ts';
import { collectSchema } from '../../src/collector/config.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { KUBE_API_PROGRAMS, type KubeApi, startKubeApi } from '../servers/kube-api.ts';
import { type RunningServer, describeWith } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { create, everything, inNamespace, pod, send } from './objects.ts';

/** What a job found: the meta labels and address of each target, as text. */
type Found = Readonly<Record<string, readonly string[]>>;

const EVENTUALLY = { timeout: 90_000, interval: 500 };
const ALL = { node: true, namespace: true, deployment: true, job: true, cronjob: true };

/** Every target differs from every other, as all of its labels stay. */
const RELABEL = [{ action: 'labelmap', regex: '__meta_(.+)' }];

function jobs(kubeconfig: string, direct: object) {
  const roles = ['node', 'service', 'pod', 'endpoints', 'endpointslice', 'ingress'];
  const job = (name: string, sd: object) => ({
    job_name: name,
    // The first scrape comes at some time of the first hour.
    scrape_interval: '1h',
    kubernetes_sd_configs: [sd],
    relabel_configs: RELABEL,
  });
  return [
    ...roles.map((role) => job(role, { role, kubeconfig_file: kubeconfig })),
    ...roles.map((role) => job(`${role} with all`, { role, kubeconfig_file: kubeconfig, attach_metadata: ALL })),
    job('by token', { role: 'pod', ...direct }),
    job('in one namespace', { role: 'pod', ...direct, namespaces: { names: ['other'] } }),
    job('in two namespaces', { role: 'service', ...direct, namespaces: { names: ['other', 'shop'] } }),
    job('of one node', { role: 'pod', ...direct, selectors: [{ role: 'pod', field: 'spec.nodeName=n2' }] }),
    job('on nodes of a label', {
      role: 'pod',
      ...direct,
      attach_metadata: { node: true },
      selectors: [{ role: 'node', label: 'zone in (n1, n3)' }],
    }),
    job('endpoints of some pods', { role: 'endpoints', ...direct, selectors: [{ role: 'pod', label: 'app!=shop' }] }),
  ];
}

describeWith([...KUBE_API_PROGRAMS, 'prometheus'], 'kubernetes_sd_configs, beside Prometheus', () => {
  let api: KubeApi;
  let prometheus: RunningServer;
  let collector: Collector;

  beforeAll(async () => {
    api = await startKubeApi();
    for (const manifest of everything()) await create(api, manifest);
    const direct = { api_server: api.url, bearer_token: 'admin-token', tls_config: { ca_file: api.caFile } };
    const configured = jobs(api.kubeconfig, direct);
    prometheus = await startPrometheus({ config: JSON.stringify({ scrape_configs: configured }) });
    const logger = createLogger({ quiet: true });
    collector = createCollector({
      config: collectSchema.parse({
        scrape_configs: configured,
        node: { enabled: false },
        self: { enabled: false },
      }),
      identity: {},
      hostname: 'test',
      write: () => Promise.resolve({ accepted: 0, refused: {} }),
      connectKubernetes: kubernetesConnector(logger),
      logger,
    });
    await collector.start();
  }, 240_000);
  afterAll(async () => {
    await collector?.stop();
    await prometheus?.stop();
    await api?.stop();
  });

  async function expected(): Promise<Found> {
    const answer = await fetch(`${prometheus.url}/api/v1/targets`);
    const { data } = (await answer.json()) as {
      data: { activeTargets: { scrapePool: string; discoveredLabels: Record<string, string> }[] };
    };
    return byJob(data.activeTargets.map(({ scrapePool, discoveredLabels }) => [scrapePool, discoveredLabels]));
  }

  const remove = (name: string) => send(api, 'DELETE', `${inNamespace('shop', 'pods')}/${name}?gracePeriodSeconds=0`);

  const found = (): Found =>
    byJob(
      collector
        .targets()
        .map(({ scrapePool, discoveredLabels }) => [scrapePool, Object.fromEntries(discoveredLabels.entries())]),
    );

  /** Waits until both found the same, with all of `there` in it and none of `gone`. */
  const same = ({ there = [], gone = [] }: { there?: readonly string[]; gone?: readonly string[] }) =>
    vi.waitFor(async () => {
      const theirs = await expected();
      const text = JSON.stringify(theirs);
      expect(there.filter((part) => !text.includes(part))).toEqual([]);
      expect(gone.filter((part) => text.includes(part))).toEqual([]);
      expect(found()).toEqual(theirs);
    }, EVENTUALLY);

  test('finds the same targets with the same labels, for every role', async () => {
    await vi.waitFor(async () => {
      const theirs = await expected();
      expect(Object.keys(theirs)).toHaveLength(jobs('', {}).length);
      expect(found()).toEqual(theirs);
    }, EVENTUALLY);
    expect(Object.values(found()).flat().length).toBeGreaterThan(100);
  });

  test('follows objects that come, change and go as Prometheus does', async () => {
    for (let i = 0; i < 30; i++) await create(api, pod(`churn-${i}`, `10.2.0.${i}`));
    await same({ there: ['10.2.0.0:', '10.2.0.29:'] });
    for (let i = 0; i < 30; i += 3) await remove(`churn-${i}`);
    await send(api, 'PATCH', '/api/v1/nodes/n1', { metadata: { labels: { zone: 'moved' } } });
    await send(api, 'PATCH', '/api/v1/namespaces/shop', { metadata: { annotations: { team: 'blue' } } });
    await send(api, 'PATCH', `${inNamespace('shop', 'services')}/web`, { metadata: { labels: { colour: 'green' } } });
    await send(api, 'DELETE', `${inNamespace('shop', 'ingresses', 'networking.k8s.io')}/shop`);
    await send(api, 'DELETE', '/api/v1/nodes/n3');
    await same({ there: ['10.2.0.1:', 'moved', 'blue', 'green'], gone: ['10.2.0.0:', 'exact.example', 'n3.example'] });
  });

  test('stays the same over a restart of the API server with changes in between', async () => {
    await api.kill();
    await api.start();
    await create(api, pod('late', '10.3.0.1'));
    await remove('churn-1');
    await same({ there: ['10.3.0.1:'], gone: ['10.2.0.1:'] });
  });

  test('the kubeconfig in use holds a token, and no target shows it', () => {
    expect(readFileSync(api.kubeconfig, 'utf8')).toContain('admin-token');
    expect(JSON.stringify([...collector.targets(), ...collector.droppedTargets()])).not.toContain('admin-token');
  });
});

function byJob(targets: readonly (readonly [string, Readonly<Record<string, string>>])[]): Found {
  const jobsFound: Record<string, string[]> = {};
  for (const [job, labels] of targets) {
    const kept = Object.entries(labels).filter(([name]) => /^__meta_|^__address__$|^instance$/.test(name));
    kept.sort(([a], [b]) => (a < b ? -1 : 1));
    (jobsFound[job] ??= []).push(JSON.stringify(kept));
  }
  for (const list of Object.values(jobsFound)) list.sort();
  return jobsFound;
}
