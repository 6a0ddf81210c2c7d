import { type ResourceTable, stable } from '../family.ts';
import { annotations, count, created, deleted, labels, namespaced } from '../series.ts';

export const daemonsets: ResourceTable = {
  resource: { group: 'apps', version: 'v1', plural: 'daemonsets', namespaced: true },
  isDefault: true,
  identify: namespaced('daemonset'),
  families: [
    created('kube_daemonset', true),
    stable(
      'kube_daemonset_status_current_number_scheduled',
      'The number of nodes running at least one daemon pod and are supposed to.',
      count('status.currentNumberScheduled'),
    ),
    stable(
      'kube_daemonset_status_desired_number_scheduled',
      'The number of nodes that should be running the daemon pod.',
      count('status.desiredNumberScheduled'),
    ),
    stable(
      'kube_daemonset_status_number_available',
      'The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available',
      count('status.numberAvailable'),
    ),
    stable(
      'kube_daemonset_status_number_misscheduled',
      'The number of nodes running a daemon pod but are not supposed to.',
      count('status.numberMisscheduled'),
    ),
    stable(
      'kube_daemonset_status_number_ready',
      'The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and ready.',
      count('status.numberReady'),
    ),
    stable(
      'kube_daemonset_status_number_unavailable',
      'The number of nodes that should be running the daemon pod and have none of the daemon pod running and available',
      count('status.numberUnavailable'),
    ),
    stable(
      'kube_daemonset_status_observed_generation',
      'The most recent generation observed by the daemon set controller.',
      count('status.observedGeneration'),
    ),
    stable(
      'kube_daemonset_status_updated_number_scheduled',
      'The total number of nodes that are running updated daemon pod',
      count('status.updatedNumberScheduled'),
    ),
    stable(
      'kube_daemonset_metadata_generation',
      'Sequence number representing a specific generation of the desired state.',
      count('metadata.generation'),
    ),
    deleted('kube_daemonset'),
    annotations('kube_daemonset'),
    labels('kube_daemonset', true),
  ],
};
