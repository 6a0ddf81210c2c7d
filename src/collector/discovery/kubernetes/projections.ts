import type { KubeObject, ObjectMetadata } from '../../../model/kubernetes.ts';
import type { Container, Node, Pod } from './objects.ts';

/** What targets are made of: a pod has ten times as much. */
export function projectPod({ metadata, spec, status }: Pod): Pod {
  return {
    metadata: keptMetadata(metadata),
    spec: {
      nodeName: spec?.nodeName,
      containers: spec?.containers?.map(keptContainer),
      initContainers: spec?.initContainers?.map(keptContainer),
    },
    status: {
      podIP: status?.podIP,
      hostIP: status?.hostIP,
      phase: status?.phase,
      conditions: status?.conditions
        ?.filter(({ type }) => type === 'Ready')
        .map(({ type, status: state }) => ({ type, status: state })),
      containerStatuses: status?.containerStatuses?.map(({ name, containerID }) => ({ name, containerID })),
      initContainerStatuses: status?.initContainerStatuses?.map(({ name, containerID }) => ({ name, containerID })),
    },
  };
}

export function projectNode({ metadata, spec, status }: Node): Node {
  return {
    metadata: keptMetadata(metadata),
    spec: { providerID: spec?.providerID },
    status: {
      conditions: status?.conditions?.map(({ type, status: state }) => ({ type, status: state })),
      addresses: status?.addresses,
      daemonEndpoints: status?.daemonEndpoints,
    },
  };
}

/** For objects of which only names, labels and owners count. */
export function projectMetadata({ metadata }: KubeObject): KubeObject {
  return { metadata: keptMetadata(metadata) };
}

export function keptMetadata({
  name,
  namespace,
  uid,
  resourceVersion,
  labels,
  annotations,
  ownerReferences,
}: ObjectMetadata): ObjectMetadata {
  return { name, namespace, uid, resourceVersion, labels, annotations, ownerReferences };
}

function keptContainer({ name, image, ports }: Container): Container {
  return { name, image, ports };
}
