import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type RunningCluster, startCluster } from '../../src/app/cluster.ts';
import { loadConfig } from '../../src/app/config.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { StrictReceiver } from '../../src/remote-write/testing.ts';
import { KUBE_API_PROGRAMS, type KubeApi, startKubeApi } from '../servers/kube-api.ts';
import { describeWith } from '../servers/process.ts';
import { create, everything, inNamespace, pod, send } from './objects.ts';

const EVENTUALLY = { timeout: 90_000, interval: 200 };

describeWith(KUBE_API_PROGRAMS, 'crowsnest cluster on a real API server', () => {
  let api: KubeApi;
  let cluster: RunningCluster;

  beforeAll(async () => {
    api = await startKubeApi();
    for (const manifest of everything()) await create(api, manifest);
    cluster = await startOn(api.kubeconfig);
  }, 240_000);
  afterAll(async () => {
    await cluster?.stop();
    await api?.stop();
  });

  async function get(path: string): Promise<string> {
    const answer = await fetch(`${cluster.url}${path}`);
    return `${answer.status}\n${await answer.text()}`;
  }

  test('is ready when all is listed, and shows the objects', async () => {
    await vi.waitFor(async () => expect(await get('/-/ready')).toMatch(/^200/), EVENTUALLY);
    const page = await get('/metrics/kube-state');
    expect(page).toContain('# HELP kube_pod_info [STABLE] Information about pod.\n# TYPE kube_pod_info gauge\n');
    expect(page).toMatch(/kube_node_info\{node="n1",/);
    expect(page).toMatch(/kube_namespace_status_phase\{namespace="shop",phase="Active"\} 1/);
    expect(await get('/-/healthy')).toMatch(/^200/);
    expect(await get('/metrics')).toContain('crowsnest_cluster_objects{resource="nodes"}');
  });

  test('a pod that comes and goes is on the page and off it', async () => {
    await create(api, pod('visitor', '10.9.0.1'));
    await vi.waitFor(async () => expect(await get('/metrics/kube-state')).toContain('pod="visitor"'), EVENTUALLY);
    await send(api, 'DELETE', `${inNamespace('shop', 'pods')}/visitor?gracePeriodSeconds=0`);
    await vi.waitFor(async () => expect(await get('/metrics/kube-state')).not.toContain('pod="visitor"'), EVENTUALLY);
  });

  test('events are counted, and so are their repeats', async () => {
    const path = inNamespace('shop', 'events');
    const first = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'lookout', namespace: 'shop' },
      involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web' },
      reason: 'LookoutTest',
      type: 'Warning',
      message: 'land in sight',
      count: 1,
    };
    await send(api, 'POST', path, first);
    await send(api, 'PATCH', `${path}/lookout`, { count: 4 });
    await vi.waitFor(
      async () =>
        expect(await get('/metrics')).toContain(
          'crowsnest_kubernetes_events_total{reason="LookoutTest",type="Warning",kind="Pod",namespace="shop"} 4',
        ),
      EVENTUALLY,
    );
  });

  test('series go to a remote-write endpoint, also where the page asks for a token', async () => {
    const receiver = new StrictReceiver();
    await receiver.start();
    const token = join(mkdtempSync(join(tmpdir(), 'token-')), 'token');
    writeFileSync(token, 'of-a-scraper');
    const shipping = await startOn(api.kubeconfig, '127.0.0.1:0', {
      server: { auth: { tokens: [{ file: token, access: ['read'] }] } },
      ship: { metrics: [{ url: receiver.url }] },
      cluster: { scrape_interval: '1s' },
    });
    try {
      expect((await fetch(`${shipping.url}/metrics/kube-state`)).status).toBe(401);
      const headers = { authorization: 'Bearer of-a-scraper' };
      expect((await fetch(`${shipping.url}/metrics/kube-state`, { headers })).status).toBe(200);
      await vi.waitFor(() => {
        const series = [...receiver.series.keys()].filter((labels) => labels.includes('kube_node_info'));
        expect(series.join('\n')).toContain('kube-state-metrics');
      }, EVENTUALLY);
    } finally {
      await shipping.stop();
      await receiver.stop();
    }
  });

  test('objects without credentials are refused where others can reach the page', async () => {
    const open = await startOn(api.kubeconfig, '0.0.0.0:0');
    try {
      const { port } = new URL(open.url);
      expect((await fetch(`http://127.0.0.1:${port}/metrics/kube-state`)).status).toBe(403);
      expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200);
    } finally {
      await open.stop();
    }
  });
});

function startOn(kubeconfig: string, listen = '127.0.0.1:0', config: object = {}): Promise<RunningCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
  const file = join(folder, 'crowsnest.yaml');
  writeFileSync(file, JSON.stringify({ data_dir: join(folder, 'data'), ...config }));
  return startCluster(loadConfig(file, { kubeconfig, listen }), createLogger({ quiet: true }));
}
