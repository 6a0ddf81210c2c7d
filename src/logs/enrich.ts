const POD_PATH = /\/([^/_]+)_([^/_]+)_([^/_]+)\/([^/]+)\/(\d+)\.log[^/]*$/;
const CONTAINER_PATH = /\/containers\/([^/_]+)_([^/_]+)_([^/]+)-([0-9a-f]{64})\.log$/;

export interface Surroundings {
  readonly hostname: string;
  /** Cluster, region, datacenter, under ECS names. */
  readonly identity: Readonly<Record<string, string>>;
}

/** What every record of a file carries, under ECS names; pods are known by the path that the kubelet gave the file. */
export function enrich(
  path: string,
  surroundings: Surroundings,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const fields: Record<string, string> = { 'log.file.path': path };
  if (surroundings.hostname !== '') fields['host.name'] = surroundings.hostname;
  return { ...fields, ...surroundings.identity, ...kubernetesFields(path), ...given };
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
