import { type ResourceTable, experimental } from '../family.ts';
import { text } from '../fields.ts';
import { annotations, clusterWide, created, info, labels, resourceVersion } from '../series.ts';

export const clusterrolebindings: ResourceTable = {
  resource: { group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterrolebindings', namespaced: false },
  isDefault: false,
  identify: clusterWide('clusterrolebinding'),
  families: [
    annotations('kube_clusterrolebinding'),
    labels('kube_clusterrolebinding', false),
    experimental('kube_clusterrolebinding_info', 'Information about clusterrolebinding.', (binding) =>
      info({ roleref_kind: text(binding, 'roleRef.kind'), roleref_name: text(binding, 'roleRef.name') }),
    ),
    created('kube_clusterrolebinding', false),
    experimental(
      'kube_clusterrolebinding_metadata_resource_version',
      'Resource version representing a specific version of the clusterrolebinding.',
      resourceVersion,
    ),
  ],
};
