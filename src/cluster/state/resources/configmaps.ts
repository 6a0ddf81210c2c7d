import { type ResourceTable, stable, experimental } from '../family.ts';
import { annotations, created, info, labels, namespaced, resourceVersion } from '../series.ts';

export const configmaps: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'configmaps', namespaced: true },
  isDefault: true,
  identify: namespaced('configmap'),
  families: [
    annotations('kube_configmap'),
    labels('kube_configmap', true),
    stable('kube_configmap_info', 'Information about configmap.', () => info({})),
    created('kube_configmap', true),
    experimental(
      'kube_configmap_metadata_resource_version',
      'Resource version representing a specific version of the configmap.',
      resourceVersion,
    ),
  ],
};
