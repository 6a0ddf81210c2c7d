import { type ResourceTable, experimental, stable } from '../family.ts';
import { count, created, namespaced, optionalCount, owners } from '../series.ts';

export const replicationcontrollers: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'replicationcontrollers', namespaced: true },
  isDefault: true,
  identify: namespaced('replicationcontroller'),
  families: [
    created('kube_replicationcontroller', true),
    stable(
      'kube_replicationcontroller_status_replicas',
      'The number of replicas per ReplicationController.',
      count('status.replicas'),
    ),
    stable(
      'kube_replicationcontroller_status_fully_labeled_replicas',
      'The number of fully labeled replicas per ReplicationController.',
      count('status.fullyLabeledReplicas'),
    ),
    stable(
      'kube_replicationcontroller_status_ready_replicas',
      'The number of ready replicas per ReplicationController.',
      count('status.readyReplicas'),
    ),
    stable(
      'kube_replicationcontroller_status_available_replicas',
      'The number of available replicas per ReplicationController.',
      count('status.availableReplicas'),
    ),
    stable(
      'kube_replicationcontroller_status_observed_generation',
      'The generation observed by the ReplicationController controller.',
      count('status.observedGeneration'),
    ),
    stable(
      'kube_replicationcontroller_spec_replicas',
      'Number of desired pods for a ReplicationController.',
      optionalCount('spec.replicas'),
    ),
    stable(
      'kube_replicationcontroller_metadata_generation',
      'Sequence number representing a specific generation of the desired state.',
      count('metadata.generation'),
    ),
    experimental('kube_replicationcontroller_owner', "Information about the ReplicationController's owner.", owners),
  ],
};
