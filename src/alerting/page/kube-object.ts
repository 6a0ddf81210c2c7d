import type { Alert } from '../../model/alert.ts';
import { type Labels, quote } from '../../model/labels.ts';

/** One Kubernetes object, as labels of series name it. */
export interface KubeObject {
  /** `Pod`, `Deployment`, `Namespace`, `Node` … */
  readonly kind: string;
  readonly name: string;
  /** '' for those that are in none. */
  readonly namespace: string;
  /** The cluster that the alert's series name; undefined: they name none, and the store has one. */
  readonly cluster?: string;
}

/** The labels under which kube-state-metrics names objects, the most telling first. */
const KINDS: readonly (readonly [label: string, kind: string])[] = [
  ['pod', 'Pod'],
  ['deployment', 'Deployment'],
  ['statefulset', 'StatefulSet'],
  ['daemonset', 'DaemonSet'],
  ['cronjob', 'CronJob'],
  ['job_name', 'Job'],
];

/** The object that an alert is about; undefined where its labels name none. */
export function subjectOf({
  labels,
  ruleLabels = labels,
}: Pick<Alert, 'labels' | 'ruleLabels'>): KubeObject | undefined {
  const cluster = ruleLabels.has('cluster') ? { cluster: ruleLabels.get('cluster') } : {};
  const namespace = labels.get('namespace');
  if (namespace !== '') {
    const [label, kind] = KINDS.find(([name]) => labels.has(name)) ?? ['namespace', 'Namespace'];
    return { kind, name: labels.get(label), namespace: kind === 'Namespace' ? '' : namespace, ...cluster };
  }
  return labels.has('node') ? { kind: 'Node', name: labels.get('node'), namespace: '', ...cluster } : undefined;
}

interface OwnerSeries {
  readonly metric: string;
  /** The label that names the object itself. */
  readonly label: string;
  readonly kind: string;
  readonly name: string;
}

const OWNERS: Readonly<Record<string, OwnerSeries>> = {
  Pod: { metric: 'kube_pod_info', label: 'pod', kind: 'created_by_kind', name: 'created_by_name' },
  ReplicaSet: { metric: 'kube_replicaset_owner', label: 'replicaset', kind: 'owner_kind', name: 'owner_name' },
  Job: { metric: 'kube_job_owner', label: 'job_name', kind: 'owner_kind', name: 'owner_name' },
};

/** What made an object, one step up, and the node that it runs on; '' where it is on none. */
export async function ownerOf(
  object: KubeObject,
  ask: (selector: string) => Promise<readonly Labels[]>,
): Promise<{ readonly owner?: KubeObject; readonly node: string }> {
  const series = OWNERS[object.kind];
  if (series === undefined) return { node: '' };
  const { name, namespace, cluster } = object;
  const inCluster = cluster === undefined ? '' : `,cluster=${quote(cluster)}`;
  const [labels] = await ask(
    `${series.metric}{${series.label}=${quote(name)},namespace=${quote(namespace)}${inCluster}}`,
  );
  if (labels === undefined) return { node: '' };
  const kind = labels.get(series.kind);
  const node = object.kind === 'Pod' ? labels.get('node') : '';
  // A static pod is made by its node, which is no workload; `<none>` stands for no owner. Of other kinds anybody may make some.
  if (!/^[A-Za-z0-9]+$/.test(kind) || kind === 'Node') return { node };
  return { owner: { ...object, kind, name: labels.get(series.name) }, node };
}
