import type { TargetGroup } from '../kind.ts';
import { PREFIX, hostPort, type MutableLabels } from './labels.ts';
import { type Lookup, attachedNamespaceLabels, attachedNodeLabels, podLabels } from './lookup.ts';
import type { Container, Pod } from './objects.ts';

type Port = NonNullable<Container['ports']>[number];

/** Containers of a pod, those that only start it last. */
export function containersOf({ spec }: Pod): { readonly container: Container; readonly isInit: boolean }[] {
  return [
    ...(spec?.containers ?? []).map((container) => ({ container, isInit: false })),
    ...(spec?.initContainers ?? []).map((container) => ({ container, isInit: true })),
  ];
}

export function containerLabels({ name, image = '' }: Container, isInit: boolean): MutableLabels {
  return {
    [`${PREFIX}pod_container_name`]: name,
    [`${PREFIX}pod_container_image`]: image,
    [`${PREFIX}pod_container_init`]: String(isInit),
  };
}

export function containerPortLabels({ name = '', containerPort }: Port, protocol = ''): MutableLabels {
  return {
    [`${PREFIX}pod_container_port_name`]: name,
    [`${PREFIX}pod_container_port_number`]: String(containerPort),
    [`${PREFIX}pod_container_port_protocol`]: protocol,
  };
}

/** A target for each port of each container, and one without a port for a container that names none. */
export function podGroup(lookup: Lookup, source: string, pod: Pod): TargetGroup {
  const { metadata, spec, status } = pod;
  const ip = status?.podIP ?? '';
  // An address comes with the start of a pod and goes with its eviction. A node that is not known was not selected.
  const isOut = ip === '' || (lookup.attached.node && lookup.find('node', spec?.nodeName ?? '') === undefined);
  if (isOut) return { source, targets: [], labels: {} };
  return {
    source,
    targets: containersOf(pod).flatMap(({ container, isInit }) => {
      const statuses = isInit ? status?.initContainerStatuses : status?.containerStatuses;
      const id = statuses?.find(({ name }) => name === container.name)?.containerID ?? '';
      const labels = { ...containerLabels(container, isInit), [`${PREFIX}pod_container_id`]: id };
      const ports = container.ports ?? [];
      if (ports.length === 0) return [{ __address__: ip, ...labels }];
      return ports.map((port) => ({
        __address__: hostPort(ip, port.containerPort),
        ...labels,
        ...containerPortLabels(port, port.protocol),
      }));
    }),
    labels: {
      ...podLabels(lookup, pod),
      [`${PREFIX}namespace`]: metadata.namespace ?? '',
      ...attachedNodeLabels(lookup, spec?.nodeName),
      ...attachedNamespaceLabels(lookup, metadata.namespace),
    },
  };
}
