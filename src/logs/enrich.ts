const POD_PATH = /\/([^/_]+)_([^/_]+)_([^/_]+)\/([^/]+)\/(\d+)\.log[^/]*$/;
const CONTAINER_PATH = /\/containers\/([^/_]+)_([^/_]+)_([^/]+)-([0-9a-f]{64})\.log$/;

/** A container of a pod, as the path of its log names it. */
export interface PodRef {
  readonly namespace: string;
  readonly pod: string;
  /** For a static pod, a hash of its manifest. */
  readonly uid?: string;
  readonly container: string;
  /** 0 for the first run of the container. */
  readonly restart?: number;
}

/** What is known of a pod beside its path; undefined where the pod is not known, or not yet. */
export type PodFields = (pod: PodRef) => Readonly<Record<string, string>> | undefined;

export interface Surroundings {
  readonly hostname: string;
  /** Absent where this is no node of Kubernetes. */
  readonly podFields?: PodFields;
  /** Cluster, region, datacenter, under ECS names. */
  readonly identity: Readonly<Record<string, string>>;
}

/** The container whose log this is, by the path that the kubelet gave the file. */
export function podOf(path: string): PodRef | undefined {
  const pod = POD_PATH.exec(path);
  if (pod !== null) {
    const [, namespace, name, uid, container, restart] = pod;
    return { namespace, pod: name, uid, container, restart: Number(restart) };
  }
  const link = CONTAINER_PATH.exec(path);
  return link === null ? undefined : { namespace: link[2], pod: link[1], container: link[3] };
}

/** What every record of a file carries, under ECS names; pods are known by the path that the kubelet gave the file. */
export function enrich(
  path: string,
  surroundings: Surroundings,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const fields: Record<string, string> = { 'log.file.path': path };
  if (surroundings.hostname !== '') fields['host.name'] = surroundings.hostname;
  const pod = podOf(path);
  const known = pod === undefined ? undefined : surroundings.podFields?.(pod);
  return { ...fields, ...surroundings.identity, ...kubernetesFields(path), ...known, ...given };
}

function kubernetesFields(path: string): Record<string, string> {
  const pod = POD_PATH.exec(path);
  if (pod !== null) {
    return {
      'kubernetes.namespace': pod[1],
      'kubernetes.pod.name': pod[2],
      'kubernetes.pod.uid': pod[3],
      'kubernetes.container.name': pod[4],
    };
  }
  const container = CONTAINER_PATH.exec(path);
  if (container === null) return {};
  return {
    'kubernetes.namespace': container[2],
    'kubernetes.pod.name': container[1],
    'kubernetes.container.name': container[3],
    'container.id': container[4],
  };
}
