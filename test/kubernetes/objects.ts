import type { KubeApi } from '../servers/kube-api.ts';

/** An object to be made, and the status that it is given afterwards. */
interface Manifest {
  readonly path: string;
  readonly body: {
    readonly metadata: { readonly name: string; readonly [key: string]: unknown };
    readonly [key: string]: unknown;
  };
  readonly status?: object;
}

export async function create(api: KubeApi, { path, body, status }: Manifest): Promise<void> {
  await send(api, 'POST', path, body);
  if (status === undefined) return;
  await send(api, 'PATCH', `${path}/${body.metadata.name}/status`, { status });
}

export async function send(
  api: KubeApi,
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
): Promise<void> {
  const contentType = method === 'PATCH' ? 'application/merge-patch+json' : undefined;
  const answer = await api.admin.request(path, { method, body, contentType });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
}

export const inNamespace = (namespace: string, plural: string, group = '') =>
  group === '' ? `/api/v1/namespaces/${namespace}/${plural}` : `/apis/${group}/v1/namespaces/${namespace}/${plural}`;

/** Names with characters that no label name of Prometheus has. */
const ODD = {
  labels: { 'app.kubernetes.io/name': 'shop', 'a-b': 'c', tier: '' },
  annotations: { 'prometheus.io/scrape': 'true', 'note.example/with.dots-and_x': 'a "b"\nc', empty: '' },
};

const owner = (kind: string, name: string, controller = true) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: `uid-${name}`, controller }],
});

const image = 'localhost/app:1';

export function pod(name: string, ip: string, more: object = {}, spec: object = {}, namespace = 'shop'): Manifest {
  return {
    path: inNamespace(namespace, 'pods'),
    body: {
      metadata: { name, labels: { app: 'shop' }, ...more },
      spec: {
        nodeName: 'n1',
        containers: [{ name: 'app', image, ports: [{ containerPort: 8080, name: 'web' }] }],
        ...spec,
      },
    },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      hostIP: '10.0.0.1',
      hostIPs: [{ ip: '10.0.0.1' }],
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        { name: 'app', image, imageID: '', ready: true, restartCount: 0, containerID: `containerd://${name}` },
      ],
    },
  };
}

/** Something of every kind that a role looks at, and its corner cases. */
export function everything(): Manifest[] {
  return [
    ...['shop', 'other'].map((name) => ({ path: '/api/v1/namespaces', body: { metadata: { name, ...ODD } } })),
    ...nodes(),
    ...owners(),
    ...pods(),
    ...services(),
    ...endpoints(),
    ...slices(),
    ...ingresses(),
  ];
}

function nodes(): Manifest[] {
  const conditions = [
    { type: 'Ready', status: 'True', reason: 'r', message: 'm' },
    { type: 'example.com/Odd-Condition', status: 'Unknown', reason: 'r', message: 'm' },
  ];
  const node = (name: string, addresses: object[], status: object = {}): Manifest => ({
    path: '/api/v1/nodes',
    body: { metadata: { name, ...ODD, labels: { ...ODD.labels, zone: name } }, spec: { providerID: `p://${name}` } },
    status: { addresses, conditions, ...status },
  });
  const kubelet = { daemonEndpoints: { kubeletEndpoint: { Port: 10250 } } };
  return [
    node(
      'n1',
      [
        { type: 'Hostname', address: 'n1' },
        { type: 'ExternalIP', address: '192.0.2.1' },
        { type: 'InternalIP', address: '10.0.0.1' },
        { type: 'InternalIP', address: 'fd00::1' },
      ],
      kubelet,
    ),
    node('n2', [{ type: 'InternalIP', address: 'fd00::2' }], kubelet),
    node('n3', [{ type: 'Hostname', address: 'n3.example' }]),
    node('without-address', []),
  ];
}

function owners(): Manifest[] {
  const selector = { matchLabels: { app: 'shop' } };
  const template = {
    metadata: { labels: { app: 'shop' } },
    spec: { containers: [{ name: 'a', image }], restartPolicy: 'Never' },
  };
  return [
    {
      path: inNamespace('shop', 'replicasets', 'apps'),
      body: {
        metadata: { name: 'shop-5d', ...owner('Deployment', 'shop') },
        spec: { selector, template: { ...template, spec: { containers: [{ name: 'a', image }] } } },
      },
    },
    {
      path: inNamespace('shop', 'jobs', 'batch'),
      body: { metadata: { name: 'nightly-1', ...owner('CronJob', 'nightly') }, spec: { template } },
    },
  ];
}

function pods(): Manifest[] {
  const ports = [
    { containerPort: 8080, name: 'web' },
    { containerPort: 8080, name: 'web-udp', protocol: 'UDP' },
    { containerPort: 9100 },
  ];
  const many = {
    containers: [
      { name: 'app', image, ports },
      { name: 'same-port', image: 'other', ports: [{ containerPort: 8080 }] },
      { name: 'no-port', image },
    ],
    initContainers: [{ name: 'init', image, ports: [{ containerPort: 7000, name: 'init' }] }],
  };
  const unknown = pod('no-status', '', {});
  return [
    pod('a', '10.1.0.1', { ...ODD, ...owner('ReplicaSet', 'shop-5d') }, many),
    pod('b', 'fd00:1::b', owner('Job', 'nightly-1'), { nodeName: 'n2' }),
    pod('c', '10.1.0.3', owner('DaemonSet', 'd', false), { nodeName: 'not-known' }),
    { path: unknown.path, body: unknown.body },
    pod('d', '10.1.0.4', {}, {}, 'other'),
  ];
}

function services(): Manifest[] {
  const service = (name: string, spec: object, status?: object, more: object = {}): Manifest => ({
    path: inNamespace('shop', 'services'),
    body: { metadata: { name, ...more }, spec },
    status,
  });
  const ports = [
    { name: 'web', port: 80, targetPort: 8080 },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ];
  return [
    service('web', { ports }, undefined, ODD),
    service('headless', { clusterIP: 'None', ports: [{ port: 80 }] }),
    service('outside', { type: 'ExternalName', externalName: 'db.example.com', ports: [{ port: 5432 }] }),
    service('no-ports', { type: 'ExternalName', externalName: 'x.example.com' }),
    service(
      'balanced',
      { type: 'LoadBalancer', ports },
      { loadBalancer: { ingress: [{ ip: '192.0.2.7' }, { ip: '192.0.2.8' }] } },
    ),
    service('waiting', { type: 'LoadBalancer', ports, loadBalancerIP: '192.0.2.9' }),
  ];
}

const ref = (kind: string, name: string) => ({ targetRef: { kind, name, namespace: 'shop' } });

function endpoints(): Manifest[] {
  const path = inNamespace('shop', 'endpoints');
  return [
    {
      path,
      body: {
        metadata: { name: 'web', ...ODD },
        subsets: [
          {
            addresses: [
              { ip: '10.1.0.1', nodeName: 'n1', ...ref('Pod', 'a') },
              { ip: '10.1.0.9', hostname: 'h', ...ref('Node', 'n2') },
              { ip: '10.1.0.8' },
              { ip: '10.1.0.7', nodeName: 'n2', ...ref('Pod', 'not-there') },
            ],
            notReadyAddresses: [{ ip: 'fd00:1::b', nodeName: 'n2', ...ref('Pod', 'b') }],
            ports: [
              { name: 'web', port: 8080 },
              { name: 'dns', port: 53, protocol: 'UDP' },
            ],
          },
          { addresses: [{ ip: '10.1.0.3' }], ports: [{ port: 1 }] },
        ],
      },
    },
    {
      path,
      body: {
        metadata: { name: 'without-service' },
        subsets: [{ addresses: [{ ip: '10.9.9.9' }], ports: [{ port: 9 }] }],
      },
    },
    { path, body: { metadata: { name: 'empty' } } },
  ];
}

function slices(): Manifest[] {
  const path = inNamespace('shop', 'endpointslices', 'discovery.k8s.io');
  const labels = { 'kubernetes.io/service-name': 'web', ...ODD.labels };
  return [
    {
      path,
      body: {
        metadata: { name: 'web-1', ...ODD, labels },
        addressType: 'IPv4',
        endpoints: [
          {
            addresses: ['10.1.0.1'],
            conditions: { ready: true, serving: true, terminating: false },
            nodeName: 'n1',
            zone: 'z1',
            hostname: 'h',
            ...ref('Pod', 'a'),
          },
          { addresses: ['10.1.0.9'], ...ref('Node', 'n2') },
          { addresses: ['10.1.0.8'], conditions: { ready: false } },
          { addresses: ['10.1.0.7'], nodeName: 'n2', ...ref('Pod', 'not-there') },
        ],
        ports: [
          { name: 'web', port: 8080, appProtocol: 'http' },
          { name: '', port: 53, protocol: 'UDP' },
        ],
      },
    },
    {
      path,
      body: {
        metadata: { name: 'web-6', labels: { 'kubernetes.io/service-name': 'not-there' } },
        addressType: 'IPv6',
        endpoints: [{ addresses: ['fd00:1::b'], ...ref('Pod', 'b') }],
        ports: [{ port: 9999 }],
      },
    },
    {
      path,
      body: {
        metadata: { name: 'all-ports' },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.1.0.20'] }],
        ports: [{ name: 'any' }],
      },
    },
  ];
}

function ingresses(): Manifest[] {
  const path = inNamespace('shop', 'ingresses', 'networking.k8s.io');
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const paths = [
    { path: '/a', pathType: 'Prefix', backend },
    { path: '/', pathType: 'Prefix', backend },
  ];
  return [
    {
      path,
      body: {
        metadata: { name: 'shop', ...ODD },
        spec: {
          ingressClassName: 'nginx',
          tls: [{ hosts: ['*.shop.example', 'exact.example'] }],
          rules: [
            { host: 'www.shop.example', http: { paths } },
            { host: 'a.b.shop.example', http: { paths } },
            { host: 'exact.example' },
            { http: { paths } },
          ],
        },
      },
    },
    { path, body: { metadata: { name: 'only-default' }, spec: { defaultBackend: backend } } },
  ];
}
