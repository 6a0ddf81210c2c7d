import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CLI } from '../e2e/crowsnest.ts';
import { type RealNode, describeWithRealNode, startRealNode } from '../servers/kubernetes.ts';

const EVENTUALLY = { timeout: 90_000, interval: 500 };
const PORT = 9477;

interface Target {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly health: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Line {
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Two pods that ask to be scraped, and one that lives for a second. */
const WORKLOADS = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata:
      labels: {app: shop, unasked: 'yes'}
      annotations: {prometheus.io/scrape: 'true', prometheus.io/port: '8080', prometheus.io/path: /m, team: blue}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: localhost/busybox:1
          imagePullPolicy: Never
          command: [sh, -c, 'mkdir /www; echo shop_up 1 > /www/m; echo hello from $HOSTNAME; httpd -f -p 8080 -h /www']
          ports: [{containerPort: 8080}, {containerPort: 9000}]
        - {name: side, image: 'localhost/busybox:1', imagePullPolicy: Never, command: [sleep, '100000']}
---
apiVersion: batch/v1
kind: Job
metadata: {name: short}
spec:
  ttlSecondsAfterFinished: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - {name: main, image: 'localhost/busybox:1', imagePullPolicy: Never, command: [echo, short-lived]}
`;

/** What the agent may do: nothing else is asked for. */
const ROLES = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: agent}
rules:
  - {apiGroups: [''], resources: [nodes/metrics], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: pods-from-api}
rules:
  - {apiGroups: [''], resources: [pods], verbs: [list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: pods-from-kubelet}
rules:
  - {apiGroups: [''], resources: [nodes/pods, nodes/proxy], verbs: [get]}
`;

describeWithRealNode('on a real node', () => {
  let node: RealNode;
  let agent: ChildProcess;
  let output = '';

  beforeAll(async () => {
    node = await startRealNode();
    await node.kubectl(['apply', '-f', '-'], ROLES);
    for (const role of ['agent', 'pods-from-api']) await bind(role);
    await node.kubectl(['apply', '-f', '-'], WORKLOADS);
    const kubeconfig = join(node.folder, 'scraper.kubeconfig');
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: node.url, 'certificate-authority': node.caFile } }],
        users: [{ name: 'u', user: { tokenFile: node.tokenFiles.scraper } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    const config = join(node.folder, 'crowsnest.yaml');
    writeFileSync(
      config,
      JSON.stringify({
        data_dir: join(node.folder, 'data'),
        kubernetes: {
          node: node.name,
          kubeconfig_file: 'scraper.kubeconfig',
          kubelet: {
            address: new URL(node.kubelet).host,
            bearer_token_file: node.tokenFiles.scraper,
            tls_config: { ca_file: node.caFile },
          },
        },
        collect: { scrape_interval: '1s', scrape_timeout: '1s', node: { enabled: false } },
        logs: { files: [], pods: { annotations: ['team'] } },
        server: { listen: `127.0.0.1:${PORT}` },
      }),
    );
    agent = node.spawn(process.execPath, [CLI, 'up', '--config', config]);
    for (const stream of [agent.stdout, agent.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }, 300_000);
  afterAll(async () => {
    if (agent?.exitCode === null) {
      const ended = once(agent, 'exit');
      agent.kill('SIGTERM');
      await ended;
    }
    await node?.stop();
  });

  const bind = (role: string) =>
    node.kubectl(['create', 'clusterrolebinding', role, `--clusterrole=${role}`, '--group=monitoring']);

  async function ask<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
    const query = new URLSearchParams(parameters).toString();
    const answer = await node.exec('curl', ['-sS', `http://127.0.0.1:${PORT}${path}?${query}`]);
    return (JSON.parse(answer) as { data: T }).data;
  }

  async function targets(pool: RegExp): Promise<Target[]> {
    const { activeTargets } = await ask<{ activeTargets: Target[] }>('/api/v1/targets');
    return activeTargets.filter(({ scrapePool }) => pool.test(scrapePool));
  }

  async function value(query: string): Promise<number | undefined> {
    const { result } = await ask<{ result: { value: [number, string] }[] }>('/api/v1/query', { query });
    return result.length === 0 ? undefined : Number(result[0].value[1]);
  }

  const lines = async (query: string): Promise<Line[]> =>
    (await ask<{ records: Line[] }>('/api/crowsnest/v1/logs', { query })).records;

  /** Addresses of the pods that run, as the API server tells. */
  async function runningPods(): Promise<string[]> {
    const selector = ['-l', 'app=shop', '--field-selector', 'status.phase=Running'];
    const ips = await node.kubectl(['get', 'pods', ...selector, '-o', 'jsonpath={.items[*].status.podIP}']);
    return ips.split(' ').filter((ip) => ip !== '');
  }

  /** Each running pod is scraped once, and nothing else is. */
  const eachOnce = (count: number) =>
    vi.waitFor(async () => {
      const ips = await runningPods();
      expect(ips).toHaveLength(count);
      const scraped = await targets(/^kubernetes-pods$/);
      expect(scraped.map(({ scrapeUrl }) => scrapeUrl).sort()).toEqual(ips.map((ip) => `http://${ip}:8080/m`).sort());
      expect(scraped.map(({ health }) => health)).toEqual(ips.map(() => 'up'));
    }, EVENTUALLY);

  test('every page of the kubelet is scraped, with the labels that the mixins select by', async () => {
    await vi.waitFor(async () => {
      const pages = await targets(/^kubelet/);
      expect(Object.fromEntries(pages.map(({ labels, health }) => [labels.metrics_path, health]))).toEqual(
        Object.fromEntries(['', '/cadvisor', '/probes', '/resource', '/slis'].map((page) => [`/metrics${page}`, 'up'])),
      );
      expect(await value('kubelet_running_pods{job="kubelet",metrics_path="/metrics"}')).toBeGreaterThan(0);
      const cpu = `container_cpu_usage_seconds_total{job="kubelet",metrics_path="/metrics/cadvisor",node="${node.name}",namespace="default",container="web",image!=""}`;
      expect(await value(`count(rate(${cpu}[1m]))`)).toBe(2);
    }, EVENTUALLY);
    expect(await value('kubernetes_feature_enabled')).toBeUndefined();
  });

  test('annotated pods are scraped once each, whatever containers and ports they have', async () => {
    await eachOnce(2);
    expect(await value('sum(shop_up{namespace="default",app="shop"})')).toBe(2);
    expect((await targets(/^kubernetes-pods$/))[0].labels).not.toHaveProperty('unasked');
  });

  test('records carry image, node, owner and what labels and annotations are wanted, also of a pod that lived a second', async () => {
    await vi.waitFor(async () => {
      const [hello] = await lines('message: hello');
      expect(hello.fields).toMatchObject({
        'kubernetes.namespace': 'default',
        'kubernetes.container.name': 'web',
        'kubernetes.node.name': node.name,
        'kubernetes.deployment.name': 'shop',
        'kubernetes.labels.app': 'shop',
        'kubernetes.annotations.team': 'blue',
        'container.image.name': 'localhost/busybox:1',
      });
      expect(hello.fields).not.toHaveProperty('kubernetes.labels.unasked');
    }, EVENTUALLY);
    await node.kubectl(['delete', 'job', 'short', '--ignore-not-found']);
    await node.kubectl(['apply', '-f', '-'], WORKLOADS);
    await vi.waitFor(async () => {
      const [line] = await lines('message: short');
      expect(line.fields).toMatchObject({
        'kubernetes.job.name': 'short',
        'container.image.name': 'localhost/busybox:1',
      });
    }, EVENTUALLY);
  });

  test('pods that come and go leave no target behind and none out, over a restart of the API server', async () => {
    await node.kubectl(['scale', 'deployment', 'shop', '--replicas=8']);
    await eachOnce(8);
    await node.kubectl(['scale', 'deployment', 'shop', '--replicas=3']);
    await node.restartApiServer();
    await node.kubectl(['delete', 'pod', '-l', 'app=shop', '--wait=false']);
    await eachOnce(3);
  });

  test('where the API server tells no pods any more, the kubelet does, and that is said', async () => {
    await bind('pods-from-kubelet');
    await node.kubectl(['delete', 'clusterrolebinding', 'pods-from-api']);
    await node.restartApiServer();
    const log = () => node.exec('cat', [join(node.folder, 'data', 'log', 'crowsnest.log')]);
    await vi.waitFor(async () => expect(await log()).toContain('known from the kubelet'), EVENTUALLY);
    await node.kubectl(['scale', 'deployment', 'shop', '--replicas=5']);
    await eachOnce(5);
    expect(await log()).not.toContain(node.tokens.scraper);
    expect(output).not.toContain(node.tokens.scraper);
  });
});
