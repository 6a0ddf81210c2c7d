import { type ResourceTable, experimental } from '../family.ts';
import { annotations, created, info, labels, namespaced, resourceVersion } from '../series.ts';

export const roles: ResourceTable = {
  resource: { group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'roles', namespaced: true },
  isDefault: false,
  identify: namespaced('role'),
  families: [
    annotations('kube_role'),
    labels('kube_role', false),
    experimental('kube_role_info', 'Information about role.', () => info({})),
    created('kube_role', false),
    experimental(
      'kube_role_metadata_resource_version',
      'Resource version representing a specific version of the role.',
      resourceVersion,
    ),
  ],
};
