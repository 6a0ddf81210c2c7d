import type { KubeObject } from '../../../model/kubernetes.ts';
import { type ResourceTable, experimental, stable } from '../family.ts';
import { scalar, text, texts } from '../fields.ts';
import { wholeValue } from '../quantity.ts';
import { annotations, conditions, created, deleted, info, labels, namespaced, states, value } from '../series.ts';

export const persistentvolumeclaims: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'persistentvolumeclaims', namespaced: true },
  isDefault: true,
  identify: namespaced('persistentvolumeclaim'),
  families: [
    labels('kube_persistentvolumeclaim', true),
    annotations('kube_persistentvolumeclaim'),
    stable('kube_persistentvolumeclaim_info', 'Information about persistent volume claim.', (claim) =>
      info({
        storageclass: classOf(claim),
        volumename: text(claim, 'spec.volumeName'),
        volumemode: text(claim, 'spec.volumeMode'),
      }),
    ),
    stable(
      'kube_persistentvolumeclaim_status_phase',
      'The phase the persistent volume claim is currently in.',
      (claim) => states('phase', ['Lost', 'Bound', 'Pending'], text(claim, 'status.phase')),
    ),
    stable(
      'kube_persistentvolumeclaim_resource_requests_storage_bytes',
      'The capacity of storage requested by the persistent volume claim.',
      (claim) => {
        const storage = scalar(claim, 'spec.resources.requests.storage');
        return storage === undefined ? [] : value(wholeValue(storage));
      },
    ),
    stable(
      'kube_persistentvolumeclaim_access_mode',
      'The access mode(s) specified by the persistent volume claim.',
      (claim) => texts(claim, 'spec.accessModes').flatMap((mode) => info({ access_mode: mode })),
    ),
    experimental(
      'kube_persistentvolumeclaim_status_condition',
      'Information about status of different conditions of persistent volume claim.',
      conditions,
    ),
    created('kube_persistentvolumeclaim', false),
    deleted('kube_persistentvolumeclaim'),
  ],
};

/** The annotation, which is older than the field, goes first. */
function classOf(claim: KubeObject): string {
  return (
    claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? text(claim, 'spec.storageClassName')
  );
}
