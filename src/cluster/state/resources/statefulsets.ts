import { type ResourceTable, stable } from '../family.ts';
import { at, number, text } from '../fields.ts';
import { annotations, count, created, deleted, info, labels, namespaced, optionalCount, value } from '../series.ts';

export const statefulsets: ResourceTable = {
  resource: { group: 'apps', version: 'v1', plural: 'statefulsets', namespaced: true },
  isDefault: true,
  identify: namespaced('statefulset'),
  families: [
    created('kube_statefulset', true),
    stable('kube_statefulset_status_replicas', 'The number of replicas per StatefulSet.', count('status.replicas')),
    stable(
      'kube_statefulset_status_replicas_available',
      'The number of available replicas per StatefulSet.',
      count('status.availableReplicas'),
    ),
    stable(
      'kube_statefulset_status_replicas_current',
      'The number of current replicas per StatefulSet.',
      count('status.currentReplicas'),
    ),
    stable(
      'kube_statefulset_status_replicas_ready',
      'The number of ready replicas per StatefulSet.',
      count('status.readyReplicas'),
    ),
    stable(
      'kube_statefulset_status_replicas_updated',
      'The number of updated replicas per StatefulSet.',
      count('status.updatedReplicas'),
    ),
    stable(
      'kube_statefulset_status_observed_generation',
      'The generation observed by the StatefulSet controller.',
      count('status.observedGeneration'),
    ),
    stable('kube_statefulset_replicas', 'Number of desired pods for a StatefulSet.', optionalCount('spec.replicas')),
    stable('kube_statefulset_ordinals_start', 'Start ordinal of the StatefulSet.', (set) =>
      at(set, 'spec.ordinals') === undefined ? [] : value(number(set, 'spec.ordinals.start')),
    ),
    stable(
      'kube_statefulset_metadata_generation',
      'Sequence number representing a specific generation of the desired state for the StatefulSet.',
      count('metadata.generation'),
    ),
    stable(
      'kube_statefulset_persistentvolumeclaim_retention_policy',
      'Count of retention policy for StatefulSet template PVCs',
      (set) => {
        const whenDeleted = text(set, 'spec.persistentVolumeClaimRetentionPolicy.whenDeleted');
        const whenScaled = text(set, 'spec.persistentVolumeClaimRetentionPolicy.whenScaled');
        return whenDeleted === '' && whenScaled === ''
          ? []
          : info({ when_deleted: whenDeleted, when_scaled: whenScaled });
      },
    ),
    annotations('kube_statefulset', true),
    labels('kube_statefulset', true),
    stable(
      'kube_statefulset_status_current_revision',
      'Indicates the version of the StatefulSet used to generate Pods in the sequence [0,currentReplicas).',
      (set) => info({ revision: text(set, 'status.currentRevision') }),
    ),
    stable(
      'kube_statefulset_status_update_revision',
      'Indicates the version of the StatefulSet used to generate Pods in the sequence [replicas-updatedReplicas,replicas)',
      (set) => info({ revision: text(set, 'status.updateRevision') }),
    ),
    deleted('kube_statefulset', true),
  ],
};
