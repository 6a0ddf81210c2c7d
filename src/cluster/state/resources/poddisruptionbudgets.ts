import { type ResourceTable, stable } from '../family.ts';
import { annotations, count, created, deleted, labels, namespaced } from '../series.ts';

export const poddisruptionbudgets: ResourceTable = {
  resource: { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', namespaced: true },
  isDefault: true,
  identify: namespaced('poddisruptionbudget'),
  families: [
    annotations('kube_poddisruptionbudget'),
    labels('kube_poddisruptionbudget', false),
    created('kube_poddisruptionbudget', true),
    stable(
      'kube_poddisruptionbudget_status_current_healthy',
      'Current number of healthy pods',
      count('status.currentHealthy'),
    ),
    stable(
      'kube_poddisruptionbudget_status_desired_healthy',
      'Minimum desired number of healthy pods',
      count('status.desiredHealthy'),
    ),
    stable(
      'kube_poddisruptionbudget_status_pod_disruptions_allowed',
      'Number of pod disruptions that are currently allowed',
      count('status.disruptionsAllowed'),
    ),
    stable(
      'kube_poddisruptionbudget_status_expected_pods',
      'Total number of pods counted by this disruption budget',
      count('status.expectedPods'),
    ),
    stable(
      'kube_poddisruptionbudget_status_observed_generation',
      'Most recent generation observed when updating this PDB status',
      count('status.observedGeneration'),
    ),
    deleted('kube_poddisruptionbudget'),
  ],
};
