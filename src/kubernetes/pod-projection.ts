import type { KubeObject } from '../model/kubernetes.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

interface Named {
  readonly name: string;
}
interface Container extends Named {
  readonly image?: string;
  readonly ports?: unknown;
}
interface Status extends Named {
  readonly containerID?: string;
  readonly restartCount?: number;
  readonly lastState?: { readonly terminated?: { readonly containerID?: string } };
}
interface Condition {
  readonly type: string;
  readonly status: string;
}

/** What scraping and logs need of a pod; it has ten times as much. */
export function projectNodePod({ metadata, spec, status }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, labels, ownerReferences } = metadata;
  const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations ?? {};
  const { nodeName, containers, initContainers, ephemeralContainers } = (spec ?? {}) as Record<string, unknown>;
  const { podIP, hostIP, phase, ...rest } = (status ?? {}) as Record<string, unknown>;
  return {
    metadata: { name, namespace, uid, resourceVersion, labels, annotations, ownerReferences },
    spec: {
      nodeName,
      containers: containersOf(containers),
      initContainers: containersOf(initContainers),
      ephemeralContainers: containersOf(ephemeralContainers),
    },
    status: {
      podIP,
      hostIP,
      phase,
      conditions: (rest.conditions as readonly Condition[] | undefined)
        ?.filter(({ type }) => type === 'Ready')
        .map(({ type, status: state }) => ({ type, status: state })),
      containerStatuses: statusesOf(rest.containerStatuses),
      initContainerStatuses: statusesOf(rest.initContainerStatuses),
      ephemeralContainerStatuses: statusesOf(rest.ephemeralContainerStatuses),
    },
  };
}

function containersOf(list: unknown): Container[] | undefined {
  return (list as readonly Container[] | undefined)?.map(({ name, image, ports }) => ({ name, image, ports }));
}

function statusesOf(list: unknown): Status[] | undefined {
  return (list as readonly Status[] | undefined)?.map(({ name, containerID, restartCount, lastState }) => {
    const before = lastState?.terminated?.containerID;
    return {
      name,
      containerID,
      restartCount,
      ...(before !== undefined && { lastState: { terminated: { containerID: before } } }),
    };
  });
}
