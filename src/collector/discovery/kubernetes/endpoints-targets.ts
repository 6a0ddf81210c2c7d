import type { TargetGroup, TargetLabels } from '../kind.ts';
import { EndpointPods } from './endpoint-pods.ts';
import { PREFIX, hostPort, objectLabels, type MutableLabels } from './labels.ts';
import {
  type Lookup,
  attachedNamespaceLabels,
  attachedNodeLabels,
  findPod,
  findService,
  serviceLabels,
} from './lookup.ts';
import type { EndpointAddress, EndpointPort, Endpoints } from './objects.ts';

/** A target for each address and port of a service's endpoints, and for the other ports of the pods behind them. */
export function endpointsGroup(lookup: Lookup, source: string, { metadata, subsets = [] }: Endpoints): TargetGroup {
  const { namespace, name } = metadata;
  const service = findService(lookup, namespace, name);
  const pods = new EndpointPods(lookup);
  const targets: TargetLabels[] = [];
  for (const { ports = [], addresses = [], notReadyAddresses = [] } of subsets)
    for (const port of ports) {
      for (const address of addresses) targets.push(targetOf(lookup, pods, address, port, true));
      for (const address of notReadyAddresses) targets.push(targetOf(lookup, pods, address, port, false));
    }
  return {
    source,
    targets: [...targets, ...pods.otherPorts()],
    labels: {
      [`${PREFIX}namespace`]: namespace ?? '',
      ...(service && serviceLabels(service)),
      ...objectLabels('endpoints', metadata),
      ...attachedNamespaceLabels(lookup, namespace),
    },
  };
}

function targetOf(
  lookup: Lookup,
  pods: EndpointPods,
  { ip, hostname, nodeName, targetRef }: EndpointAddress,
  { name = '', port, protocol = '' }: EndpointPort,
  isReady: boolean,
): MutableLabels {
  const pod = targetRef?.kind === 'Pod' ? findPod(lookup, targetRef.namespace, targetRef.name) : undefined;
  const node = nodeName ?? (targetRef?.kind === 'Node' ? targetRef.name : undefined);
  return {
    __address__: hostPort(ip, port),
    [`${PREFIX}endpoint_port_name`]: name,
    [`${PREFIX}endpoint_port_protocol`]: protocol,
    [`${PREFIX}endpoint_ready`]: String(isReady),
    [`${PREFIX}endpoint_address_target_kind`]: targetRef?.kind ?? '',
    [`${PREFIX}endpoint_address_target_name`]: targetRef?.name ?? '',
    [`${PREFIX}endpoint_node_name`]: nodeName ?? '',
    [`${PREFIX}endpoint_hostname`]: hostname ?? '',
    ...attachedNodeLabels(lookup, node),
    ...(pod && pods.labelsOf(pod, port, () => protocol)),
  };
}
