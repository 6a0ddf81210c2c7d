import type { KubeObject } from '../../../model/kubernetes.ts';
import { containerAmounts } from '../amounts.ts';
import { type Family, type Make, type Series, counter, experimental, stable } from '../family.ts';
import { at, flag, items, number, text } from '../fields.ts';
import { unixTime } from '../time.ts';

/** Where a kind of container stands in a pod, and how help texts name it. */
interface Place {
  readonly spec: string;
  readonly status: string;
}

const CONTAINERS: Place = { spec: 'spec.containers', status: 'status.containerStatuses' };
const INIT_CONTAINERS: Place = { spec: 'spec.initContainers', status: 'status.initContainerStatuses' };

/** In the order of the page, which differs between containers and init containers in what is stable. */
export const CONTAINER_FAMILIES: readonly Family[] = [
  stable('kube_pod_container_info', 'Information about a container in a pod.', (pod) =>
    containers(pod, CONTAINERS).map(({ container, status }) => ({ labels: images(container, status), value: 1 })),
  ),
  stable(
    'kube_pod_container_resource_limits',
    'The number of requested limit resource by a container. It is recommended to use the kube_pod_resource_limits metric exposed by kube-scheduler instead, as it is more precise.',
    amounts(CONTAINERS, 'resources.limits'),
  ),
  stable(
    'kube_pod_container_resource_requests',
    'The number of requested request resource by a container. It is recommended to use the kube_pod_resource_requests metric exposed by kube-scheduler instead, as it is more precise.',
    amounts(CONTAINERS, 'resources.requests'),
  ),
  stable('kube_pod_container_state_started', 'Start time in unix timestamp for a pod container.', started(CONTAINERS)),
  ...lastTerminated('kube_pod_container', CONTAINERS, 'container', 'container', 'a pod container'),
  stable(
    'kube_pod_container_status_ready',
    'Describes whether the containers readiness check succeeded.',
    ready(CONTAINERS),
  ),
  counter(
    'kube_pod_container_status_restarts_total',
    'The number of container restarts per container.',
    restarts(CONTAINERS),
  ),
  ...statesNow('kube_pod_container', CONTAINERS, 'container', stable),
];

export const INIT_CONTAINER_FAMILIES: readonly Family[] = [
  stable('kube_pod_init_container_info', 'Information about an init container in a pod.', (pod) =>
    containers(pod, INIT_CONTAINERS).map(({ container, status }) => ({
      labels: { ...images(container, status), restart_policy: text(container, 'restartPolicy') },
      value: 1,
    })),
  ),
  experimental(
    'kube_pod_init_container_resource_limits',
    'The number of requested limit resource by an init container.',
    amounts(INIT_CONTAINERS, 'resources.limits'),
  ),
  experimental(
    'kube_pod_init_container_resource_requests',
    'The number of requested request resource by an init container.',
    amounts(INIT_CONTAINERS, 'resources.requests'),
  ),
  experimental(
    'kube_pod_init_container_state_started',
    'Start time in unix timestamp for a pod init container.',
    started(INIT_CONTAINERS),
  ),
  ...lastTerminated(
    'kube_pod_init_container',
    INIT_CONTAINERS,
    'init container',
    'init container',
    'a pod init container',
  ),
  stable(
    'kube_pod_init_container_status_ready',
    'Describes whether the init containers readiness check succeeded.',
    ready(INIT_CONTAINERS),
  ),
  counter(
    'kube_pod_init_container_status_restarts_total',
    'The number of restarts for the init container.',
    restarts(INIT_CONTAINERS),
  ),
  ...statesNow('kube_pod_init_container', INIT_CONTAINERS, 'init container', experimental),
];

/** When the last container that has ended did so; undefined while none has. */
export function lastFinish(pod: KubeObject): number | undefined {
  const ends = items(pod, CONTAINERS.status)
    .filter((status) => at(status, 'state.terminated') !== undefined)
    .map((status) => unixTime(at(status, 'state.terminated.finishedAt')));
  const last = Math.max(0, ...ends);
  return last > 0 ? last : undefined;
}

/** Containers that have a status, with it. */
function containers(pod: KubeObject, place: Place): readonly { container: object; status: object }[] {
  const statuses = items(pod, place.status);
  return items(pod, place.spec).flatMap((container) =>
    statuses
      .filter((status) => text(status, 'name') === text(container, 'name'))
      .map((status) => ({ container, status })),
  );
}

function images(container: object, status: object): Readonly<Record<string, string>> {
  return {
    container: text(status, 'name'),
    image_spec: text(container, 'image'),
    image: text(status, 'image'),
    image_id: text(status, 'imageID'),
    container_id: text(status, 'containerID'),
  };
}

function amounts({ spec }: Place, path: string): Make {
  return (pod) =>
    items(pod, spec).flatMap((container) =>
      containerAmounts(container, path, text(pod, 'spec.nodeName'), text(container, 'name')),
    );
}

/** One series a status for which there is a value. */
function perStatus({ status }: Place, valueOf: (status: object) => number | undefined): Make {
  return (pod) =>
    items(pod, status).flatMap((found) => {
      const amount = valueOf(found);
      return amount === undefined ? [] : [{ labels: { container: text(found, 'name') }, value: amount }];
    });
}

/** One series of value 1 for each status in a state, with its reason. */
function reasons({ status }: Place, state: string): Make {
  return (pod): readonly Series[] =>
    items(pod, status)
      .filter((found) => at(found, state) !== undefined)
      .map((found) => ({
        labels: { container: text(found, 'name'), reason: text(found, `${state}.reason`) },
        value: 1,
      }));
}

function started(place: Place): Make {
  return perStatus(place, (status) => {
    const state = at(status, 'state.running') ?? at(status, 'state.terminated');
    return state === undefined ? undefined : unixTime(at(state, 'startedAt'));
  });
}

function ready(place: Place): Make {
  return perStatus(place, (status) => (flag(status, 'ready') ? 1 : 0));
}

function restarts(place: Place): Make {
  return perStatus(place, (status) => number(status, 'restartCount'));
}

function lastTerminated(
  prefix: string,
  place: Place,
  subject: string,
  exitSubject: string,
  timeSubject: string,
): readonly Family[] {
  const terminated = (status: object) => at(status, 'lastState.terminated');
  return [
    experimental(
      `${prefix}_status_last_terminated_reason`,
      `Describes the last reason the ${subject} was in terminated state.`,
      reasons(place, 'lastState.terminated'),
    ),
    experimental(
      `${prefix}_status_last_terminated_exitcode`,
      `Describes the exit code for the last ${exitSubject} in terminated state.`,
      perStatus(place, (status) =>
        terminated(status) === undefined ? undefined : number(terminated(status), 'exitCode'),
      ),
    ),
    experimental(
      `${prefix}_status_last_terminated_timestamp`,
      `Last terminated time for ${timeSubject} in unix timestamp.`,
      perStatus(place, (status) =>
        terminated(status) === undefined ? undefined : unixTime(at(terminated(status), 'finishedAt')),
      ),
    ),
  ];
}

/** @param waitingReason how stable the reason of waiting is, in which containers differ from init containers */
function statesNow(prefix: string, place: Place, subject: string, waitingReason: typeof stable): readonly Family[] {
  const isIn = (state: string) => perStatus(place, (status) => (at(status, `state.${state}`) === undefined ? 0 : 1));
  const help = (state: string) => `Describes whether the ${subject} is currently in ${state} state.`;
  const reasonHelp = (state: string) => `Describes the reason the ${subject} is currently in ${state} state.`;
  return [
    stable(`${prefix}_status_running`, help('running'), isIn('running')),
    stable(`${prefix}_status_terminated`, help('terminated'), isIn('terminated')),
    experimental(`${prefix}_status_terminated_reason`, reasonHelp('terminated'), reasons(place, 'state.terminated')),
    stable(`${prefix}_status_waiting`, help('waiting'), isIn('waiting')),
    waitingReason(`${prefix}_status_waiting_reason`, reasonHelp('waiting'), reasons(place, 'state.waiting')),
  ];
}
