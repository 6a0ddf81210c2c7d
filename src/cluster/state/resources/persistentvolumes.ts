import type { KubeObject } from '../../../model/kubernetes.ts';
import { type ResourceTable, experimental, stable } from '../family.ts';
import { at, number, scalar, text, texts } from '../fields.ts';
import { wholeValue } from '../quantity.ts';
import { annotations, clusterWide, created, deleted, info, labels, states, value } from '../series.ts';

export const persistentvolumes: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'persistentvolumes', namespaced: false },
  isDefault: true,
  identify: clusterWide('persistentvolume'),
  families: [
    stable('kube_persistentvolume_claim_ref', 'Information about the Persistent Volume Claim Reference.', (volume) => {
      const claim = at(volume, 'spec.claimRef');
      return claim === undefined ? [] : info({ name: text(claim, 'name'), claim_namespace: text(claim, 'namespace') });
    }),
    annotations('kube_persistentvolume'),
    labels('kube_persistentvolume', true),
    stable(
      'kube_persistentvolume_status_phase',
      'The phase indicates if a volume is available, bound to a claim, or released by a claim.',
      (volume) =>
        states('phase', ['Pending', 'Available', 'Bound', 'Released', 'Failed'], text(volume, 'status.phase')),
    ),
    stable('kube_persistentvolume_info', 'Information about persistentvolume.', (volume) =>
      info({
        storageclass: text(volume, 'spec.storageClassName'),
        ...source(volume),
        reclaim_policy: text(volume, 'spec.persistentVolumeReclaimPolicy'),
      }),
    ),
    stable('kube_persistentvolume_capacity_bytes', 'Persistentvolume capacity in bytes.', (volume) =>
      value(wholeValue(scalar(volume, 'spec.capacity.storage') ?? '0')),
    ),
    created('kube_persistentvolume', false),
    deleted('kube_persistentvolume'),
    experimental('kube_persistentvolume_volume_mode', 'Volume Mode information for the PersistentVolume.', (volume) =>
      info({ volumemode: text(volume, 'spec.volumeMode') }),
    ),
    experimental(
      'kube_persistentvolume_access_mode',
      'The access mode(s) specified by the persistent volume.',
      (volume) => texts(volume, 'spec.accessModes').flatMap((mode) => info({ access_mode: mode })),
    ),
  ],
};

/** What the volume is made of: a volume has one source, and the labels of others are empty. */
function source(volume: KubeObject): Readonly<Record<string, string>> {
  const lun = (path: string) => (at(volume, path) === undefined ? '' : String(number(volume, path)));
  return {
    gce_persistent_disk_name: text(volume, 'spec.gcePersistentDisk.pdName'),
    ebs_volume_id: text(volume, 'spec.awsElasticBlockStore.volumeID'),
    azure_disk_name: text(volume, 'spec.azureDisk.diskName'),
    fc_wwids: texts(volume, 'spec.fc.wwids').join(','),
    fc_lun: lun('spec.fc.lun'),
    fc_target_wwns: texts(volume, 'spec.fc.targetWWNs').join(','),
    iscsi_target_portal: text(volume, 'spec.iscsi.targetPortal'),
    iscsi_iqn: text(volume, 'spec.iscsi.iqn'),
    // The field is not optional: a LUN of 0 may be left out.
    iscsi_lun: at(volume, 'spec.iscsi') === undefined ? '' : String(number(volume, 'spec.iscsi.lun')),
    iscsi_initiator_name: text(volume, 'spec.iscsi.initiatorName'),
    nfs_server: text(volume, 'spec.nfs.server'),
    nfs_path: text(volume, 'spec.nfs.path'),
    csi_driver: text(volume, 'spec.csi.driver'),
    csi_volume_handle: text(volume, 'spec.csi.volumeHandle'),
    local_path: text(volume, 'spec.local.path'),
    local_fs: text(volume, 'spec.local.fsType'),
    host_path: text(volume, 'spec.hostPath.path'),
    host_path_type: text(volume, 'spec.hostPath.type'),
  };
}
