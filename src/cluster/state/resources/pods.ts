import { isIP } from 'node:net';
import type { KubeObject } from '../../../model/kubernetes.ts';
import { type ResourceTable, type Series, experimental, optIn, stable } from '../family.ts';
import { at, entries, flag, items, scalar, text } from '../fields.ts';
import { seriesLabels } from '../label-names.ts';
import { preciseValue, wholeValue } from '../quantity.ts';
import {
  annotations,
  conditionStates,
  created,
  deleted,
  info,
  labels,
  optional,
  owners,
  states,
  time,
  value,
} from '../series.ts';
import { unixTime } from '../time.ts';
import { CONTAINER_FAMILIES, INIT_CONTAINER_FAMILIES, lastFinish } from './pod-containers.ts';
import { disruptionReasons, statusReasons } from './pod-reasons.ts';
import { claimInfo, claimReadOnly, resourceClaims } from './pod-volumes.ts';

export const pods: ResourceTable = {
  resource: { group: '', version: 'v1', plural: 'pods', namespaced: true },
  isDefault: true,
  identify: ({ metadata }) => ({ namespace: metadata.namespace ?? '', pod: metadata.name, uid: metadata.uid }),
  families: [
    stable('kube_pod_completion_time', 'Completion time in unix timestamp for a pod.', (pod) =>
      optional(lastFinish(pod)),
    ),
    ...CONTAINER_FAMILIES,
    created('kube_pod', true),
    deleted('kube_pod'),
    stable('kube_pod_info', 'Information about pod.', podInfo),
    experimental('kube_pod_ips', 'Pod IP addresses', (pod) =>
      items(pod, 'status.podIPs').flatMap((entry) => {
        const family = isIP(text(entry, 'ip'));
        return family === 0 ? [] : info({ ip: text(entry, 'ip'), ip_family: String(family) });
      }),
    ),
    ...INIT_CONTAINER_FAMILIES,
    annotations('kube_pod'),
    labels('kube_pod', true),
    experimental(
      'kube_pod_overhead_cpu_cores',
      'The pod overhead in regards to cpu cores associated with running a pod.',
      (pod) => overhead(pod, 'cpu', preciseValue),
    ),
    experimental(
      'kube_pod_overhead_memory_bytes',
      'The pod overhead in regards to memory associated with running a pod.',
      (pod) => overhead(pod, 'memory', wholeValue),
    ),
    stable('kube_pod_owner', "Information about the Pod's owner.", owners),
    experimental(
      'kube_pod_resourceclaim_info',
      'Information about a DRA ResourceClaim referenced by a pod, one series per pod.spec.resourceClaims entry; claim_name is the pod-local reference and resourceclaim_name is the resolved ResourceClaim object name.',
      resourceClaims,
    ),
    stable('kube_pod_restart_policy', 'Describes the restart policy in use by this pod.', (pod) =>
      info({ type: text(pod, 'spec.restartPolicy') }),
    ),
    experimental('kube_pod_runtimeclass_name_info', 'The runtimeclass associated with the pod.', (pod) => {
      const name = at(pod, 'spec.runtimeClassName');
      return name === undefined ? [] : info({ runtimeclass_name: text(name) });
    }),
    stable(
      'kube_pod_spec_volumes_persistentvolumeclaims_info',
      'Information about persistentvolumeclaim and ephemeral volumes in a pod.',
      claimInfo,
    ),
    stable(
      'kube_pod_spec_volumes_persistentvolumeclaims_readonly',
      'Describes whether a persistentvolumeclaim is mounted read only. Ephemeral volumes always report 0 since the ephemeral volume source does not support a read-only flag.',
      claimReadOnly,
    ),
    stable('kube_pod_start_time', 'Start time in unix timestamp for a pod.', time('status.startTime')),
    stable('kube_pod_status_phase', 'The pods current phase.', (pod) =>
      states('phase', ['Pending', 'Succeeded', 'Failed', 'Unknown', 'Running'], text(pod, 'status.phase')),
    ),
    experimental('kube_pod_status_qos_class', 'The pods current qosClass.', (pod) =>
      states('qos_class', ['BestEffort', 'Burstable', 'Guaranteed'], text(pod, 'status.qosClass')),
    ),
    stable('kube_pod_status_ready', 'Describes whether the pod is ready to serve requests.', (pod) =>
      conditionOf(pod, 'Ready'),
    ),
    experimental('kube_pod_status_ready_time', 'Readiness achieved time in unix timestamp for a pod.', (pod) =>
      since(pod, 'Ready', 'True'),
    ),
    experimental('kube_pod_status_initialized_time', 'Initialized time in unix timestamp for a pod.', (pod) =>
      since(pod, 'Initialized', 'True'),
    ),
    experimental(
      'kube_pod_status_container_ready_time',
      'Readiness achieved time in unix timestamp for a pod containers.',
      (pod) => since(pod, 'ContainersReady', 'True'),
    ),
    experimental('kube_pod_status_reason', 'The pod status reasons', statusReasons),
    experimental('kube_pod_status_disruption_reason', 'The pod disruption condition reason', disruptionReasons),
    stable('kube_pod_status_scheduled', 'Describes the status of the scheduling process for the pod.', (pod) =>
      conditionOf(pod, 'PodScheduled'),
    ),
    stable('kube_pod_status_scheduled_time', 'Unix timestamp when pod moved into scheduled status', (pod) =>
      since(pod, 'PodScheduled', 'True'),
    ),
    stable('kube_pod_status_unschedulable', 'Describes the unschedulable status for the pod.', (pod) =>
      since(pod, 'PodScheduled', 'False').flatMap(() => value(1)),
    ),
    experimental('kube_pod_status_unscheduled_time', 'Unix timestamp when pod moved into unscheduled status', (pod) =>
      since(pod, 'PodScheduled', 'False'),
    ),
    experimental('kube_pod_tolerations', 'Information about the pod tolerations', tolerations),
    optIn('kube_pod_nodeselectors', 'Describes the Pod nodeSelectors.', (pod) =>
      info(seriesLabels('nodeselector', entries(pod, 'spec.nodeSelector'))),
    ),
    experimental('kube_pod_service_account', 'The service account for a pod.', (pod) =>
      info({ service_account: text(pod, 'spec.serviceAccountName') }),
    ),
    experimental('kube_pod_scheduler', 'The scheduler for a pod.', (pod) =>
      info({ name: text(pod, 'spec.schedulerName') }),
    ),
  ],
};

function podInfo(pod: KubeObject): readonly Series[] {
  const creator = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  return info({
    host_ip: text(pod, 'status.hostIP'),
    pod_ip: text(pod, 'status.podIP'),
    node: text(pod, 'spec.nodeName'),
    created_by_kind: creator?.kind ?? '',
    created_by_name: creator?.name ?? '',
    priority_class: text(pod, 'spec.priorityClassName'),
    host_network: String(flag(pod, 'spec.hostNetwork')),
  });
}

function overhead(pod: KubeObject, resource: string, amountOf: (quantity: string) => number): readonly Series[] {
  const found = at(pod, 'spec.overhead');
  const quantity = scalar(found, resource);
  return quantity === undefined ? [] : value(amountOf(quantity));
}

function conditionOf(pod: KubeObject, type: string): readonly Series[] {
  return items(pod, 'status.conditions')
    .filter((condition) => text(condition, 'type') === type)
    .flatMap((condition) => conditionStates('condition', text(condition, 'status')));
}

/** When a condition came to be what it is, where it is `status`. */
function since(pod: KubeObject, type: string, status: string): readonly Series[] {
  return items(pod, 'status.conditions')
    .filter((condition) => text(condition, 'type') === type && text(condition, 'status') === status)
    .flatMap((condition) => value(unixTime(at(condition, 'lastTransitionTime'))));
}

/** Each toleration once, however often the pod repeats it. */
function tolerations(pod: KubeObject): readonly Series[] {
  const seen = new Set<string>();
  return items(pod, 'spec.tolerations').flatMap((toleration) => {
    const seconds = scalar(toleration, 'tolerationSeconds');
    const found = {
      key: text(toleration, 'key'),
      operator: text(toleration, 'operator'),
      value: text(toleration, 'value'),
      effect: text(toleration, 'effect'),
      toleration_seconds: seconds ?? '',
    };
    const identity = JSON.stringify(found);
    // kube-state-metrics compares the address of the seconds: two tolerations that have some are never the same.
    if (seconds === undefined && seen.has(identity)) return [];
    seen.add(identity);
    return info(found);
  });
}
