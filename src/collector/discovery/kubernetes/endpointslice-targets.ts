import type { TargetGroup } from '../kind.ts';
import { EndpointPods } from './endpoint-pods.ts';
import { PREFIX, hostPort, objectLabels, sanitize, type MutableLabels } from './labels.ts';
import {
  type Lookup,
  attachedNamespaceLabels,
  attachedNodeLabels,
  findPod,
  findService,
  serviceLabels,
} from './lookup.ts';
import type { EndpointSlice, Service, SliceEndpoint, SlicePort } from './objects.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';

/** A target for each address and port of a slice, and for the other ports of the pods behind them. */
export function endpointSliceGroup(lookup: Lookup, source: string, slice: EndpointSlice): TargetGroup {
  const { metadata, addressType = '' } = slice;
  const { namespace, labels } = metadata;
  const serviceName = labels?.[SERVICE_NAME];
  const service = serviceName === undefined ? undefined : findService(lookup, namespace, serviceName);
  const groupLabels = {
    [`${PREFIX}namespace`]: namespace ?? '',
    [`${PREFIX}endpointslice_address_type`]: addressType,
    ...objectLabels('endpointslice', metadata),
    ...(service && serviceLabels(service)),
    ...attachedNamespaceLabels(lookup, namespace),
  };
  if (service !== undefined && isSecondFamily(service, addressType))
    return { source, targets: [], labels: groupLabels };

  const pods = new EndpointPods(lookup);
  const targets = (slice.endpoints ?? []).flatMap((endpoint) =>
    (slice.ports ?? []).flatMap((port) =>
      (endpoint.addresses ?? []).map((address) => targetOf(lookup, pods, address, endpoint, port)),
    ),
  );
  return { source, targets: [...targets, ...pods.otherPorts()], labels: groupLabels };
}

/** Whether a slice holds the second addresses of a service with two families: the same endpoints again. */
function isSecondFamily({ spec }: Service, addressType: string): boolean {
  const { ipFamilyPolicy = '', ipFamilies = [] } = spec ?? {};
  const hasTwo = ipFamilyPolicy === 'PreferDualStack' || ipFamilyPolicy === 'RequireDualStack';
  return hasTwo && ipFamilies.length > 0 && addressType !== ipFamilies[0];
}

function targetOf(
  lookup: Lookup,
  pods: EndpointPods,
  address: string,
  endpoint: SliceEndpoint,
  { name = '', port, protocol = '', appProtocol = '' }: SlicePort,
): MutableLabels {
  const { conditions = {}, hostname = '', nodeName, zone = '', targetRef } = endpoint;
  const pod = targetRef?.kind === 'Pod' ? findPod(lookup, targetRef.namespace, targetRef.name) : undefined;
  return {
    __address__: port === undefined ? address : hostPort(address, port),
    [`${PREFIX}endpointslice_port_name`]: name,
    [`${PREFIX}endpointslice_port_protocol`]: protocol,
    [`${PREFIX}endpointslice_port`]: port === undefined ? '' : String(port),
    [`${PREFIX}endpointslice_port_app_protocol`]: appProtocol,
    [`${PREFIX}endpointslice_endpoint_conditions_ready`]: textOf(conditions.ready),
    [`${PREFIX}endpointslice_endpoint_conditions_serving`]: textOf(conditions.serving),
    [`${PREFIX}endpointslice_endpoint_conditions_terminating`]: textOf(conditions.terminating),
    [`${PREFIX}endpointslice_endpoint_hostname`]: hostname,
    [`${PREFIX}endpointslice_address_target_kind`]: targetRef?.kind ?? '',
    [`${PREFIX}endpointslice_address_target_name`]: targetRef?.name ?? '',
    [`${PREFIX}endpointslice_endpoint_node_name`]: nodeName ?? '',
    [`${PREFIX}endpointslice_endpoint_zone`]: zone,
    ...topologyLabels(endpoint),
    ...attachedNodeLabels(lookup, targetRef?.kind === 'Node' ? targetRef.name : nodeName),
    ...(pod && pods.labelsOf(pod, port, (containerProtocol = '') => containerProtocol)),
  };
}

function topologyLabels({ deprecatedTopology = {} }: SliceEndpoint): MutableLabels {
  const labels: MutableLabels = {};
  for (const [key, value] of Object.entries(deprecatedTopology)) {
    labels[`${PREFIX}endpointslice_endpoint_topology_${sanitize(key)}`] = value;
    labels[`${PREFIX}endpointslice_endpoint_topology_present_${sanitize(key)}`] = 'true';
  }
  return labels;
}

function textOf(condition: boolean | undefined): string {
  return condition === undefined ? '' : String(condition);
}
