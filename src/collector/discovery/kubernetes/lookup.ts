import type { KubeObject } from '../../../model/kubernetes.ts';
import { PREFIX, controllerOf, keyOf, labelsAndAnnotations, objectLabels, type MutableLabels } from './labels.ts';
import type { Node, Pod, Service } from './objects.ts';

/** The kinds of objects that targets of others get labels from. */
export type Related = 'pod' | 'service' | 'node' | 'namespace' | 'replicaset' | 'job';

/** Returns an object by kind and key, `namespace/name` or `name`; undefined where it is not there or its kind is not watched. */
export type FindObject = (kind: Related, key: string) => KubeObject | undefined;

/** Which further labels are wanted. */
export interface Attached {
  readonly node: boolean;
  readonly namespace: boolean;
  readonly deployment: boolean;
  readonly job: boolean;
  readonly cronjob: boolean;
}

/** What a role asks about other objects while it makes targets. */
export interface Lookup {
  readonly find: FindObject;
  readonly attached: Attached;
}

export function findPod({ find }: Lookup, namespace: string | undefined, name: string | undefined): Pod | undefined {
  return name === undefined ? undefined : find('pod', keyOf(namespace, name));
}

export function findService({ find }: Lookup, namespace: string | undefined, name: string): Service | undefined {
  return find('service', keyOf(namespace, name));
}

export function serviceLabels({ metadata }: Service): MutableLabels {
  return { [`${PREFIX}namespace`]: metadata.namespace ?? '', ...objectLabels('service', metadata) };
}

/** Labels of a node, where they are wanted and the node is known. */
export function attachedNodeLabels({ find, attached }: Lookup, name: string | undefined): MutableLabels {
  const node: Node | undefined = attached.node && name !== undefined ? find('node', name) : undefined;
  return node === undefined ? {} : objectLabels('node', node.metadata);
}

export function attachedNamespaceLabels({ find, attached }: Lookup, name: string | undefined): MutableLabels {
  const namespace = attached.namespace && name !== undefined ? find('namespace', name) : undefined;
  return namespace === undefined ? {} : labelsAndAnnotations('namespace', namespace.metadata);
}

/** Labels that every target of a pod has. */
export function podLabels(lookup: Lookup, pod: Pod): MutableLabels {
  const { metadata, spec, status } = pod;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown';
  return {
    [`${PREFIX}pod_ip`]: status?.podIP ?? '',
    [`${PREFIX}pod_ready`]: ready.toLowerCase(),
    [`${PREFIX}pod_phase`]: status?.phase ?? '',
    [`${PREFIX}pod_node_name`]: spec?.nodeName ?? '',
    [`${PREFIX}pod_host_ip`]: status?.hostIP ?? '',
    [`${PREFIX}pod_uid`]: metadata.uid,
    ...objectLabels('pod', metadata),
    ...ownerLabels(lookup, pod),
  };
}

function ownerLabels({ find, attached }: Lookup, pod: Pod): MutableLabels {
  const owner = controllerOf(pod);
  if (owner === undefined) return {};
  const labels: MutableLabels = {
    [`${PREFIX}pod_controller_kind`]: owner.kind,
    [`${PREFIX}pod_controller_name`]: owner.name,
  };
  const ownerOf = (kind: Related) => {
    const found = find(kind, keyOf(pod.metadata.namespace, owner.name));
    return found && controllerOf(found);
  };
  if (owner.kind === 'ReplicaSet' && attached.deployment) {
    const above = ownerOf('replicaset');
    if (above?.kind === 'Deployment') labels[`${PREFIX}pod_deployment_name`] = above.name;
  }
  if (owner.kind === 'Job' && attached.job) labels[`${PREFIX}pod_job_name`] = owner.name;
  if (owner.kind === 'Job' && attached.cronjob) {
    const above = ownerOf('job');
    if (above?.kind === 'CronJob') labels[`${PREFIX}pod_cronjob_name`] = above.name;
  }
  return labels;
}
