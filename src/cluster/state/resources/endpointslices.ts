import { type ResourceTable, experimental } from '../family.ts';
import { at, items, scalar, text, texts } from '../fields.ts';
import { annotations, created, info, labels } from '../series.ts';

export const endpointslices: ResourceTable = {
  resource: { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices', namespaced: true },
  isDefault: true,
  identify: ({ metadata }) => ({ endpointslice: metadata.name, namespace: metadata.namespace ?? '' }),
  families: [
    experimental('kube_endpointslice_info', 'Information about endpointslice.', (slice) =>
      info({ addresstype: text(slice, 'addressType') }),
    ),
    created('kube_endpointslice', false),
    experimental('kube_endpointslice_endpoints_hints', 'Topology routing hints attached to endpoints', (slice) =>
      items(slice, 'endpoints').flatMap((endpoint) =>
        items(endpoint, 'hints.forZones').flatMap((zone) =>
          info({ address: texts(endpoint, 'addresses').at(0) ?? '', for_zone: text(zone, 'name') }),
        ),
      ),
    ),
    experimental('kube_endpointslice_endpoints', 'Endpoints attached to the endpointslice.', (slice) =>
      items(slice, 'endpoints').flatMap((endpoint) =>
        texts(endpoint, 'addresses').flatMap((address) =>
          info({
            ready: tristate(endpoint, 'conditions.ready'),
            serving: tristate(endpoint, 'conditions.serving'),
            hostname: text(endpoint, 'hostname'),
            terminating: tristate(endpoint, 'conditions.terminating'),
            targetref_kind: text(endpoint, 'targetRef.kind'),
            targetref_name: text(endpoint, 'targetRef.name'),
            targetref_namespace: text(endpoint, 'targetRef.namespace'),
            endpoint_nodename: text(endpoint, 'nodeName'),
            endpoint_zone: text(endpoint, 'zone'),
            address,
          }),
        ),
      ),
    ),
    experimental('kube_endpointslice_ports', 'Ports attached to the endpointslice.', (slice) =>
      items(slice, 'ports').flatMap((port) =>
        info({
          port_name: text(port, 'name'),
          port_protocol: text(port, 'protocol'),
          port_number: scalar(port, 'port') ?? '',
        }),
      ),
    ),
    annotations('kube_endpointslice'),
    labels('kube_endpointslice', false),
  ],
};

/** '' where the condition is not known. */
function tristate(endpoint: object, path: string): string {
  const found = at(endpoint, path);
  return typeof found === 'boolean' ? String(found) : '';
}
