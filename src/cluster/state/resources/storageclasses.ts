import { type ResourceTable, stable } from '../family.ts';
import { text } from '../fields.ts';
import { annotations, clusterWide, created, info, labels } from '../series.ts';

export const storageclasses: ResourceTable = {
  resource: { group: 'storage.k8s.io', version: 'v1', plural: 'storageclasses', namespaced: false },
  isDefault: true,
  identify: clusterWide('storageclass'),
  families: [
    stable('kube_storageclass_info', 'Information about storageclass.', (storage) =>
      info({
        provisioner: text(storage, 'provisioner'),
        reclaim_policy: text(storage, 'reclaimPolicy') || 'Delete',
        volume_binding_mode: text(storage, 'volumeBindingMode') || 'Immediate',
      }),
    ),
    created('kube_storageclass', true),
    annotations('kube_storageclass'),
    labels('kube_storageclass', true),
  ],
};
