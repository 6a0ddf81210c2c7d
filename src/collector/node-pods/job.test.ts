import { expect, test } from 'vitest';
import { podGroup } from '../discovery/kubernetes/pod-targets.ts';
import { Relabeler } from '../../relabel/relabel.ts';
import { TargetSet } from '../target-set.ts';
import { resolveTarget } from '../targets.ts';
import { podsSchema } from './config.ts';
import { podsJob } from './job.ts';

const job = podsJob(podsSchema.parse({}));
const attached = { node: false, namespace: false, deployment: false, job: false, cronjob: false };

/** URLs of the targets that a pod becomes, each once. */
async function urlsOf(
  annotations: object,
  { ip = '10.1.0.1', phase = 'Running', ...spec }: Record<string, unknown> = {},
) {
  const pod = {
    metadata: {
      name: 'shop-1',
      namespace: 'd',
      uid: 'u',
      labels: { 'app.kubernetes.io/name': 'shop', secret: 'no' },
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([name, value]) => [`prometheus.io/${name}`, String(value)]),
      ),
    },
    spec: {
      nodeName: 'n1',
      containers: [
        { name: 'web', ports: [{ containerPort: 8080 }, { containerPort: 9000 }] },
        { name: 'side', ports: [{ containerPort: 7000 }] },
      ],
      ...spec,
    },
    status: { podIP: String(ip), phase: String(phase) },
  };
  const relabel = new Relabeler(job.relabel_configs, false);
  const set = new TargetSet((found) => resolveTarget(job, relabel, found, { interval: 15_000, timeout: 10_000 }));
  const { added } = await set.apply(new Map([['pod', podGroup({ find: () => undefined, attached }, 'pod', pod)]]));
  for (const { labels } of added)
    expect(Object.fromEntries(labels.entries())).toMatchObject({
      job: 'kubernetes-pods',
      namespace: 'd',
      pod: 'shop-1',
      node: 'n1',
      app_kubernetes_io_name: 'shop',
    });
  expect(added.filter(({ labels }) => labels.has('secret'))).toEqual([]);
  return added.map(({ url }) => url).sort();
}

const init = {
  initContainers: [{ name: 'init', ports: [{ containerPort: 1 }] }],
  containers: [{ name: 'a', ports: [{ containerPort: 2 }] }],
};

test.each([
  [{}, {}, []],
  [{ scrape: false }, {}, []],
  [
    { scrape: true },
    {},
    ['http://10.1.0.1:7000/metrics', 'http://10.1.0.1:8080/metrics', 'http://10.1.0.1:9000/metrics'],
  ],
  [{ scrape: true, port: 9100 }, {}, ['http://10.1.0.1:9100/metrics']],
  [{ scrape: true, port: 9100 }, { containers: [{ name: 'no-ports' }] }, ['http://10.1.0.1:9100/metrics']],
  [{ scrape: true, port: 9100 }, { ip: 'fd00::1' }, ['http://[fd00::1]:9100/metrics']],
  [{ scrape: true, port: 9100, scheme: 'https', path: '/a/b' }, {}, ['https://10.1.0.1:9100/a/b']],
  [{ scrape: true, port: 9100, param_module: 'x y' }, {}, ['http://10.1.0.1:9100/metrics?module=x+y']],
  [{ scrape: true }, init, ['http://10.1.0.1:2/metrics']],
  [{ scrape: true, port: 9100 }, { phase: 'Succeeded' }, []],
  [{ scrape: true, port: 9100 }, { phase: 'Failed' }, []],
  [{ scrape: true, port: 9100 }, { phase: 'Pending' }, []],
  [{ scrape: true, port: 9100 }, { ip: '' }, []],
  // Nonsense is left out: what the pod declares counts then.
  [{ scrape: true, port: 'abc' }, init, ['http://10.1.0.1:2/metrics']],
  [{ scrape: true, scheme: 'ftp', port: 9100 }, {}, ['http://10.1.0.1:9100/metrics']],
])('annotations %j of a pod %j make the targets %j', async (annotations, pod, urls) => {
  expect(await urlsOf(annotations, pod)).toEqual(urls);
});
