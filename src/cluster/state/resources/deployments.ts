import type { KubeObject } from '../../../model/kubernetes.ts';
import { type ResourceTable, type Series, experimental, stable } from '../family.ts';
import { at, items, number, text } from '../fields.ts';
import {
  annotations,
  conditionStates,
  count,
  created,
  deleted,
  info,
  isTrue,
  labels,
  namespaced,
  optionalCount,
  value,
} from '../series.ts';

/** Those of the deployment controller; others are written as `unknown`. */
const REASONS = new Set([
  '',
  'ReplicaSetUpdated',
  'ReplicaSetCreateError',
  'NewReplicaSetCreated',
  'FoundNewReplicaSet',
  'NewReplicaSetAvailable',
  'ProgressDeadlineExceeded',
  'DeploymentPaused',
  'DeploymentResumed',
  'MinimumReplicasAvailable',
  'MinimumReplicasUnavailable',
]);

export const deployments: ResourceTable = {
  resource: { group: 'apps', version: 'v1', plural: 'deployments', namespaced: true },
  isDefault: true,
  identify: namespaced('deployment'),
  families: [
    experimental('kube_deployment_owner', "Information about the Deployment's owner.", ownersByName),
    created('kube_deployment', true),
    stable('kube_deployment_status_replicas', 'The number of replicas per deployment.', count('status.replicas')),
    stable(
      'kube_deployment_status_replicas_ready',
      'The number of ready replicas per deployment.',
      count('status.readyReplicas'),
    ),
    stable(
      'kube_deployment_status_replicas_available',
      'The number of available replicas per deployment.',
      count('status.availableReplicas'),
    ),
    stable(
      'kube_deployment_status_replicas_unavailable',
      'The number of unavailable replicas per deployment.',
      count('status.unavailableReplicas'),
    ),
    stable(
      'kube_deployment_status_replicas_updated',
      'The number of updated replicas per deployment.',
      count('status.updatedReplicas'),
    ),
    experimental(
      'kube_deployment_status_terminating_replicas',
      'The number of terminating replicas per deployment.',
      optionalCount('status.terminatingReplicas'),
    ),
    stable(
      'kube_deployment_status_observed_generation',
      'The generation observed by the deployment controller.',
      count('status.observedGeneration'),
    ),
    stable('kube_deployment_status_condition', 'The current status conditions of a deployment.', (deployment) =>
      items(deployment, 'status.conditions').flatMap((condition) =>
        conditionStates('status', text(condition, 'status'), {
          reason: REASONS.has(text(condition, 'reason')) ? text(condition, 'reason') : 'unknown',
          condition: text(condition, 'type'),
        }),
      ),
    ),
    stable('kube_deployment_spec_replicas', 'Number of desired pods for a deployment.', (deployment) =>
      value(desired(deployment)),
    ),
    stable(
      'kube_deployment_spec_paused',
      'Whether the deployment is paused and will not be processed by the deployment controller.',
      isTrue('spec.paused'),
    ),
    stable(
      'kube_deployment_spec_strategy_rollingupdate_max_unavailable',
      'Maximum number of unavailable replicas during a rolling update of a deployment.',
      (deployment) => share(deployment, 'spec.strategy.rollingUpdate.maxUnavailable', Math.floor),
    ),
    stable(
      'kube_deployment_spec_strategy_rollingupdate_max_surge',
      'Maximum number of replicas that can be scheduled above the desired number of replicas during a rolling update of a deployment.',
      (deployment) => share(deployment, 'spec.strategy.rollingUpdate.maxSurge', Math.ceil),
    ),
    stable(
      'kube_deployment_metadata_generation',
      'Sequence number representing a specific generation of the desired state.',
      count('metadata.generation'),
    ),
    deleted('kube_deployment'),
    annotations('kube_deployment'),
    labels('kube_deployment', true),
  ],
};

/** The API server's default is one. */
function desired(deployment: KubeObject): number {
  return at(deployment, 'spec.replicas') === undefined ? 1 : number(deployment, 'spec.replicas');
}

/** A number of replicas, or a percentage of the desired ones. */
function share(deployment: KubeObject, path: string, round: (amount: number) => number): readonly Series[] {
  const amount = at(deployment, path);
  if (typeof amount === 'number') return value(amount);
  const percent = /^(\d+)%$/.exec(text(amount))?.[1];
  return percent === undefined ? [] : value(round((Number(percent) * desired(deployment)) / 100));
}

function ownersByName(deployment: KubeObject): readonly Series[] {
  const found = items(deployment, 'metadata.ownerReferences');
  if (found.length === 0) return info({ owner_kind: '', owner_name: '' });
  return found.flatMap((owner) => info({ owner_kind: text(owner, 'kind'), owner_name: text(owner, 'name') }));
}
