import type { KubeObject } from '../../../model/kubernetes.ts';
import { nodeAmounts } from '../amounts.ts';
import { type ResourceTable, experimental, stable } from '../family.ts';
import { entries, items, text, texts } from '../fields.ts';
import { annotations, clusterWide, conditions, created, deleted, info, isTrue, labels } from '../series.ts';

const ROLE = 'node-role.kubernetes.io/';

export const nodes: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'nodes', namespaced: false },
  isDefault: true,
  identify: clusterWide('node'),
  families: [
    annotations('kube_node'),
    created('kube_node', true),
    deleted('kube_node'),
    stable('kube_node_info', 'Information about a cluster node.', (node) =>
      info({
        kernel_version: text(node, 'status.nodeInfo.kernelVersion'),
        os_image: text(node, 'status.nodeInfo.osImage'),
        container_runtime_version: text(node, 'status.nodeInfo.containerRuntimeVersion'),
        kubelet_version: text(node, 'status.nodeInfo.kubeletVersion'),
        kubeproxy_version: 'deprecated',
        provider_id: text(node, 'spec.providerID'),
        pod_cidr: text(node, 'spec.podCIDR'),
        system_uuid: text(node, 'status.nodeInfo.systemUUID'),
        internal_ip: internalIp(node),
      }),
    ),
    labels('kube_node', true),
    experimental('kube_node_role', 'The role of a cluster node.', (node) =>
      entries(node, 'metadata.labels')
        .filter(([name]) => name.startsWith(ROLE))
        .flatMap(([name]) => info({ role: name.slice(ROLE.length) })),
    ),
    experimental('kube_node_spec_pod_cidrs', 'The pod CIDRs of a cluster node.', (node) =>
      texts(node, 'spec.podCIDRs').flatMap((cidr) => info({ pod_cidr: cidr })),
    ),
    stable('kube_node_spec_taint', 'The taint of a cluster node.', (node) =>
      items(node, 'spec.taints').flatMap((taint) =>
        info({ key: text(taint, 'key'), value: text(taint, 'value'), effect: text(taint, 'effect') }),
      ),
    ),
    stable('kube_node_spec_unschedulable', 'Whether a node can schedule new pods.', isTrue('spec.unschedulable')),
    stable(
      'kube_node_status_allocatable',
      'The allocatable for different resources of a node that are available for scheduling.',
      nodeAmounts('status.allocatable'),
    ),
    stable(
      'kube_node_status_capacity',
      'The capacity for different resources of a node.',
      nodeAmounts('status.capacity'),
    ),
    stable('kube_node_status_condition', 'The condition of a cluster node.', conditions),
    experimental('kube_node_status_addresses', 'Node address information.', (node) =>
      items(node, 'status.addresses').flatMap((address) =>
        info({ type: text(address, 'type'), address: text(address, 'address') }),
      ),
    ),
  ],
};

/** The last one, where a node has several. */
function internalIp(node: KubeObject): string {
  const found = items(node, 'status.addresses').filter((address) => text(address, 'type') === 'InternalIP');
  return text(found.at(-1), 'address');
}
