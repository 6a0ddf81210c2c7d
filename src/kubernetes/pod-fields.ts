import type { KubeObject } from '../model/kubernetes.ts';

export interface PodFieldsConfig {
  /** Names of labels and annotations that become fields. */
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

/** The annotation by which the kubelet names the folder of a static pod's logs. */
const CONFIG_HASH = 'kubernetes.io/config.hash';
const TEMPLATE_HASH = 'pod-template-hash';
/** The name of a job that a cron job made: its own, and the minute of its time. */
const CRON_JOB = /^(.+)-\d{8,10}$/;

interface Pod extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>> & { readonly nodeName?: string };
  readonly status?: Readonly<Record<string, unknown>> & { readonly podIP?: string };
}

/** Of a container, or of its status. */
interface Entry {
  readonly name: string;
  readonly image?: string;
  readonly containerID?: string;
  readonly restartCount?: number;
  readonly lastState?: { readonly terminated?: { readonly containerID?: string } };
}

/** A container of a pod and which of its runs, where that is known: 0 is the first. */
export interface ContainerRef {
  readonly container: string;
  readonly restart?: number;
}

type Fields = Record<string, string>;

/** Whether a folder of logs, which is named by `uid`, belongs to this pod and not to one of the same name before or after it. */
export function isSamePod({ metadata }: KubeObject, uid: string | undefined): boolean {
  return uid === undefined || metadata.uid === uid || metadata.annotations?.[CONFIG_HASH] === uid;
}

/**
 * Fields of the log records of a container, under the names of ECS and Beats: image and id of the container, node, address, owner
 * workload, and the labels and annotations that are wanted. Dots in their names become `_`, so that none is an object in another.
 */
export function podFields(
  pod: Pod,
  { container, restart }: ContainerRef,
  { labels, annotations }: PodFieldsConfig,
): Fields {
  const { metadata, spec, status } = pod;
  const image = named(spec, ['containers', 'initContainers', 'ephemeralContainers'], container)?.image;
  const statuses = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'];
  const [runtime, idOnly] = idOf(named(status, statuses, container), restart)?.split('://') ?? [];
  return withoutEmpty({
    'kubernetes.node.name': spec?.nodeName,
    'kubernetes.pod.ip': status?.podIP,
    'container.image.name': image,
    'container.id': idOnly,
    'container.runtime': idOnly === undefined ? undefined : runtime,
    ...ownerFields(pod),
    ...chosen('kubernetes.labels', metadata.labels, labels),
    ...chosen('kubernetes.annotations', metadata.annotations, annotations),
  });
}

/** A pod names its container of now and the one before it. */
function idOf(status: Entry | undefined, restart: number | undefined): string | undefined {
  if (status === undefined) return undefined;
  const { containerID, restartCount, lastState } = status;
  if (restart === undefined || restart === restartCount) return containerID;
  return restart + 1 === restartCount ? lastState?.terminated?.containerID : undefined;
}

function ownerFields({ metadata }: Pod): Fields {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return {};
  const fields: Fields = { [`kubernetes.${owner.kind.toLowerCase()}.name`]: owner.name };
  // The names that Kubernetes gives tell the owner's owner: no further object has to be read.
  const hash = metadata.labels?.[TEMPLATE_HASH];
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`))
    fields['kubernetes.deployment.name'] = owner.name.slice(0, -hash.length - 1);
  const cronJob = owner.kind === 'Job' ? CRON_JOB.exec(owner.name)?.[1] : undefined;
  if (cronJob !== undefined) fields['kubernetes.cronjob.name'] = cronJob;
  return fields;
}

function chosen(prefix: string, entries: Readonly<Record<string, string>> = {}, names: readonly string[]): Fields {
  const found: Fields = {};
  for (const name of names)
    if (Object.hasOwn(entries, name)) found[`${prefix}.${name.replaceAll('.', '_')}`] = entries[name];
  return found;
}

/** A container, or its status, by name in one of several lists. */
function named(of: Readonly<Record<string, unknown>> | undefined, lists: readonly string[], name: string) {
  for (const list of lists) {
    const entry = (of?.[list] as readonly Entry[] | undefined)?.find((one) => one.name === name);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function withoutEmpty(fields: Readonly<Record<string, string | undefined>>): Fields {
  const kept = Object.entries(fields).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  return Object.fromEntries(kept);
}
