import { type ResourceTable, experimental } from '../family.ts';
import { text } from '../fields.ts';
import { annotations, created, info, labels, namespaced, resourceVersion } from '../series.ts';

export const rolebindings: ResourceTable = {
  resource: { group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'rolebindings', namespaced: true },
  isDefault: false,
  identify: namespaced('rolebinding'),
  families: [
    annotations('kube_rolebinding'),
    labels('kube_rolebinding', false),
    experimental('kube_rolebinding_info', 'Information about rolebinding.', (binding) =>
      info({ roleref_kind: text(binding, 'roleRef.kind'), roleref_name: text(binding, 'roleRef.name') }),
    ),
    created('kube_rolebinding', false),
    experimental(
      'kube_rolebinding_metadata_resource_version',
      'Resource version representing a specific version of the rolebinding.',
      resourceVersion,
    ),
  ],
};
