import { readFileSync } from 'node:fs';
import https from 'node:https';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  type ControlPlane,
  type RealNode,
  addFakeNodes,
  describeWithControlPlane,
  describeWithRealNode,
  startControlPlane,
  startRealNode,
} from './kubernetes.ts';

describeWithControlPlane('a control plane', () => {
  let cluster: ControlPlane | undefined;
  beforeAll(async () => {
    cluster = await startControlPlane({ controllers: true, kwok: true });
  });
  afterAll(() => cluster?.stop());

  test('answers the administrator, and refuses a token without a role', async () => {
    expect(await statusOf('/api/v1/nodes', 'admin')).toBe(200);
    expect(await statusOf('/api/v1/nodes', 'scraper')).toBe(403);
  });

  test('has fake nodes that become Ready, and keeps them over a restart', async () => {
    if (cluster === undefined) return;
    await addFakeNodes(cluster, 2);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s']);
    await cluster.restart();
    await vi.waitFor(
      async () => expect(await cluster?.kubectl(['get', 'nodes', '-o', 'name'])).toContain('node/kwok-2'),
      {
        timeout: 60_000,
      },
    );
  });

  function statusOf(path: string, name: 'admin' | 'scraper'): Promise<number | undefined> {
    const { url = '', caFile = '', tokens } = cluster ?? {};
    const options = { ca: readFileSync(caFile), headers: { authorization: `Bearer ${tokens?.[name]}` }, agent: false };
    return new Promise((resolve, reject) => {
      https
        .get(url + path, options, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
        .on('error', reject);
    });
  }
});

describeWithRealNode('a real node', () => {
  let node: RealNode | undefined;
  beforeAll(async () => {
    node = await startRealNode();
  });
  afterAll(() => node?.stop());

  test('runs a pod, and its log is in the folder of the node', async () => {
    if (node === undefined) return;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'hello' },
      spec: {
        restartPolicy: 'Never',
        containers: [
          { name: 'main', image: 'localhost/busybox:1', imagePullPolicy: 'Never', command: ['sh', '-c', 'echo hello'] },
        ],
      },
    };
    await node.kubectl(['apply', '-f', '-'], JSON.stringify(pod));
    await node.kubectl(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/hello', '--timeout=100s']);
    const found = await node.exec('sh', ['-c', 'cat /var/log/pods/default_hello_*/main/0.log']);
    expect(found).toContain('stdout F hello');
  });
});
