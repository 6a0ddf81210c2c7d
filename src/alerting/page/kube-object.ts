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

/** The labels under which kube-state-metrics names objects, the most specific first. */
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

/** The object's series: `pod="a",namespace="shop"`, as matchers of a selector. */
export function matchersOf({ kind, name, namespace, cluster }: KubeObject): string {
  const label = KINDS.find(([, known]) => known === kind)?.[0] ?? kind.toLowerCase();
  const matchers = [`${label}=${quote(name)}`];
  if (namespace !== '') matchers.push(`namespace=${quote(namespace)}`);
  if (cluster !== undefined) matchers.push(`cluster=${quote(cluster)}`);
  return matchers.join(',');
}

/** `Deployment shop/checkout`, for people. */
export function shownObject({ kind, name, namespace }: KubeObject): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** Equal for equal objects, and for no others. */
export function objectKey({ kind, name, namespace, cluster }: KubeObject): string {
  return JSON.stringify([kind, namespace, name, cluster]);
}

/** The series that name an object's owner, and the labels in which they do. */
const OWNERS: Readonly<Record<string, { readonly metric: string; readonly kind: string; readonly name: string }>> = {
  Pod: { metric: 'kube_pod_info', kind: 'created_by_kind', name: 'created_by_name' },
  ReplicaSet: { metric: 'kube_replicaset_owner', kind: 'owner_kind', name: 'owner_name' },
  Job: { metric: 'kube_job_owner', kind: 'owner_kind', name: 'owner_name' },
};

/** The direct owner of an object, and the node that it runs on; '' where it runs on none. */
export async function ownerOf(
  object: KubeObject,
  ask: (selector: string) => Promise<readonly Labels[]>,
): Promise<{ readonly owner?: KubeObject; readonly node: string }> {
  const series = OWNERS[object.kind];
  if (series === undefined) return { node: '' };
  const [labels] = await ask(`${series.metric}{${matchersOf(object)}}`);
  if (labels === undefined) return { node: '' };
  const kind = labels.get(series.kind);
  const node = object.kind === 'Pod' ? labels.get('node') : '';
  // `<none>` means no owner. The owner of a static pod is its node, which is no workload. The kind goes into a metric name, and
  // anybody who may create custom resources chooses kinds.
  if (!/^[A-Za-z0-9]+$/.test(kind) || kind === 'Node') return { node };
  return { owner: { ...object, kind, name: labels.get(series.name) }, node };
}
