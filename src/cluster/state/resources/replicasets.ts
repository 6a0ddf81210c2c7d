import { type ResourceTable, experimental, stable } from '../family.ts';
import { annotations, count, created, labels, namespaced, optionalCount, owners } from '../series.ts';

export const replicasets: ResourceTable = {
  resource: { group: 'apps', version: 'v1', plural: 'replicasets', namespaced: true },
  isDefault: true,
  identify: namespaced('replicaset'),
  families: [
    created('kube_replicaset', true),
    stable('kube_replicaset_status_replicas', 'The number of replicas per ReplicaSet.', count('status.replicas')),
    stable(
      'kube_replicaset_status_fully_labeled_replicas',
      'The number of fully labeled replicas per ReplicaSet.',
      count('status.fullyLabeledReplicas'),
    ),
    stable(
      'kube_replicaset_status_ready_replicas',
      'The number of ready replicas per ReplicaSet.',
      count('status.readyReplicas'),
    ),
    experimental(
      'kube_replicaset_status_terminating_replicas',
      'The number of terminating replicas per ReplicaSet.',
      optionalCount('status.terminatingReplicas'),
    ),
    stable(
      'kube_replicaset_status_observed_generation',
      'The generation observed by the ReplicaSet controller.',
      count('status.observedGeneration'),
    ),
    stable('kube_replicaset_spec_replicas', 'Number of desired pods for a ReplicaSet.', optionalCount('spec.replicas')),
    stable(
      'kube_replicaset_metadata_generation',
      'Sequence number representing a specific generation of the desired state.',
      count('metadata.generation'),
    ),
    stable('kube_replicaset_owner', "Information about the ReplicaSet's owner.", owners),
    annotations('kube_replicaset'),
    labels('kube_replicaset', true),
  ],
};
