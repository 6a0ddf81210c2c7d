import type { KubeObject } from '../../../model/kubernetes.ts';
import { type ResourceTable, type Series, stable } from '../family.ts';
import { items, number, text } from '../fields.ts';
import { annotations, created, info, labels, namespaced } from '../series.ts';

export const endpoints: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'endpoints', namespaced: true },
  isDefault: false,
  identify: namespaced('endpoint'),
  families: [
    stable('kube_endpoint_info', 'Information about endpoint.', () => info({})),
    created('kube_endpoint', true),
    annotations('kube_endpoint'),
    labels('kube_endpoint', true),
    stable('kube_endpoint_address', 'Information about Endpoint available and non available addresses.', (object) =>
      portsOf(object).flatMap(({ subset, port }) => [
        ...addresses(subset, port, 'addresses', 'true'),
        ...addresses(subset, port, 'notReadyAddresses', 'false'),
      ]),
    ),
    stable('kube_endpoint_ports', '(Deprecated since v2.14.0) Information about the Endpoint ports.', (object) =>
      portsOf(object).flatMap(({ port }) =>
        info({
          port_name: text(port, 'name'),
          port_protocol: text(port, 'protocol'),
          port_number: String(number(port, 'port')),
        }),
      ),
    ),
  ],
};

function portsOf(object: KubeObject): readonly { readonly subset: object; readonly port: object }[] {
  return items(object, 'subsets').flatMap((subset) => items(subset, 'ports').map((port) => ({ subset, port })));
}

function addresses(subset: object, port: object, list: string, ready: string): readonly Series[] {
  return items(subset, list).flatMap((address) =>
    info({
      port_protocol: text(port, 'protocol'),
      port_number: String(number(port, 'port')),
      port_name: text(port, 'name'),
      ip: text(address, 'ip'),
      ready,
    }),
  );
}
