import { type ResourceTable, experimental } from '../family.ts';
import { annotations, clusterWide, created, info, labels, resourceVersion } from '../series.ts';

export const clusterroles: ResourceTable = {
  resource: { group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterroles', namespaced: false },
  isDefault: false,
  identify: clusterWide('clusterrole'),
  families: [
    annotations('kube_clusterrole'),
    labels('kube_clusterrole', false),
    experimental('kube_clusterrole_info', 'Information about cluster role.', () => info({})),
    created('kube_clusterrole', false),
    experimental(
      'kube_clusterrole_metadata_resource_version',
      'Resource version representing a specific version of the cluster role.',
      resourceVersion,
    ),
  ],
};
