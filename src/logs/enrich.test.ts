import { expect, test } from 'vitest';
import { enrich } from './enrich.ts';

const surroundings = { hostname: 'node-1', identity: { 'orchestrator.cluster.name': 'prod' } };
const common = { 'host.name': 'node-1', 'orchestrator.cluster.name': 'prod' };
const id = 'c72799d732007ea31fa92e4c429648e417e6979cfea6c577d40e8f7a2fe0359c';

test.each([
  [
    '/var/log/pods/shop_cart-7d9f_960485a8-d83a-4fab-852a-c2ea065aa64c/main/3.log',
    {
      'kubernetes.namespace': 'shop',
      'kubernetes.pod.name': 'cart-7d9f',
      'kubernetes.pod.uid': '960485a8-d83a-4fab-852a-c2ea065aa64c',
      'kubernetes.container.name': 'main',
    },
  ],
  [
    '/var/log/pods/shop_cart-7d9f_960485a8-d83a-4fab-852a-c2ea065aa64c/main/3.log.20261121-121437',
    { 'kubernetes.container.name': 'main' },
  ],
  [
    '/var/log/pods/real_static-real-node_823d96847783224d20753c657dea21cb/s/0.log',
    { 'kubernetes.pod.name': 'static-real-node', 'kubernetes.pod.uid': '823d96847783224d20753c657dea21cb' },
  ],
  [
    `/var/log/containers/sick-1_real_side-car-${id}.log`,
    {
      'kubernetes.namespace': 'real',
      'kubernetes.pod.name': 'sick-1',
      'kubernetes.container.name': 'side-car',
      'container.id': id,
    },
  ],
  ['/var/log/syslog', {}],
])('%s', (path, expected) => {
  expect(enrich(path, surroundings, {})).toMatchObject({ 'log.file.path': path, ...common, ...expected });
});

test('fields that the user gives win', () => {
  expect(enrich('/a.log', surroundings, { 'host.name': 'other', 'service.name': 'x' })).toEqual({
    'log.file.path': '/a.log',
    ...common,
    'host.name': 'other',
    'service.name': 'x',
  });
});
