import type { Alert, PageFields } from '../../model/alert.ts';
import { type Labels, quote } from '../../model/labels.ts';
import type { Query } from '../../model/query.ts';
import { FROM_CONFIGURATION, fromTarget } from '../evaluate/enrich.ts';
import { type KubeObject, matchersOf, objectKey, ownerOf, shownObject, subjectOf } from './kube-object.ts';
import { isWebUrl } from './web-url.ts';

type Field = keyof PageFields;
/** What the series of an object say, and where. */
type Found = Partial<Record<Field, { readonly value: string; readonly from: string }>>;

export interface ObjectFields {
  /** Returns the alerts with their open fields filled from the objects that they are about. Never rejects. */
  complete(alerts: readonly Alert[], at: number): Promise<readonly Alert[]>;
  /** Like `complete`, for one alert, from earlier answers alone. */
  known(alert: Alert): Alert;
}

/** The longest time that a page waits for these fields, in milliseconds. */
const WITHIN = 3000;
/** Objects that are asked about for one page. */
const MOST = 10;
/** An object is asked about again after this many milliseconds. */
const ASK_AGAIN_AFTER = 5 * 60_000;
/** Objects whose answers are kept. */
const MOST_KEPT = 2000;
/** Finds the last series of an object that is gone. */
const LOOKBACK = '15m';
/** Owners that are followed: ReplicaSet or Job, Deployment or CronJob, and one custom resource above. */
const MOST_OWNERS = 3;

/** Names of annotations and labels, after kube-state-metrics replaced characters: `owner`, `team`, also with a prefix (`example.com/owner`). */
const NAMES = {
  owner: [/^(?:.*_)?owner$/, /^(?:.*_)?team$/],
  playbook: [/^(?:.*_)?(?:playbook|runbook)(?:_url)?$/],
  region: [/^topology_kubernetes_io_region$/],
  datacenter: [/^topology_kubernetes_io_zone$/],
} as const;

/**
 * Fields of a page from the Kubernetes objects behind an alert, as `kube_*` series show them: the workload that owns the pod,
 * its annotations and labels, then those of the pod and of the namespace; region and datacenter of the node.
 *
 * @param query must reject when its signal aborts, as `abortableQuery` does
 */
export function createObjectFields(query: Query): ObjectFields {
  const kept = new Map<string, { readonly found: Found; readonly at: number }>();

  async function refresh(subject: KubeObject, at: number, signal: AbortSignal): Promise<void> {
    const key = objectKey(subject);
    const before = kept.get(key);
    if (before !== undefined && at - before.at < ASK_AGAIN_AFTER) return;
    const found = await askAbout(subject, async (selector) => {
      const { samples } = await query(`last_over_time(${selector}[${LOOKBACK}])`, at, signal);
      return samples.map(({ labels }) => labels);
    });
    kept.delete(key);
    // Nothing is kept of an object without series: its first ones may be there at the next page.
    if (Object.keys(found).length === 0) return;
    kept.set(key, { found, at });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value ?? '');
  }

  function known(alert: Alert): Alert {
    const subject = kept.size === 0 ? undefined : subjectOf(alert);
    const entry = subject === undefined ? undefined : kept.get(objectKey(subject));
    return entry === undefined ? alert : fill(alert, entry.found);
  }

  return {
    known,
    async complete(alerts, at) {
      const signal = AbortSignal.timeout(WITHIN);
      const subjects = new Map<string, KubeObject>();
      for (const alert of alerts) {
        const subject = subjects.size < MOST && hasOpenField(alert) ? subjectOf(alert) : undefined;
        if (subject !== undefined) subjects.set(objectKey(subject), subject);
      }
      await Promise.allSettled([...subjects.values()].map((subject) => refresh(subject, at, signal)));
      return alerts.map(known);
    },
  };
}

type Ask = (selector: string) => Promise<readonly Labels[]>;

/** What is nearer to the person who deployed it wins: the workload, then the pod, then the namespace. */
async function askAbout(subject: KubeObject, ask: Ask): Promise<Found> {
  const found: Found = {};
  const { workload, node } = await workloadOf(subject, ask);
  const objects = workload === subject ? [subject] : [workload, subject];
  if (workload !== subject)
    found.affected = { value: workload.name, from: `${shownObject(workload)}, owner of ${shownObject(subject)}` };
  if (subject.namespace !== '') objects.push({ ...subject, kind: 'Namespace', name: subject.namespace, namespace: '' });
  for (const object of objects) await readMetadata(object, ['owner', 'playbook'], found, ask);
  const on = { ...subject, kind: 'Node', name: node, namespace: '' };
  if (node !== '') await readMetadata(on, ['region', 'datacenter'], found, ask);
  return found;
}

async function workloadOf(subject: KubeObject, ask: Ask): Promise<{ workload: KubeObject; node: string }> {
  let workload = subject;
  let node = subject.kind === 'Node' ? subject.name : '';
  for (let step = 0; step < MOST_OWNERS; step++) {
    const found = await ownerOf(workload, ask);
    node ||= found.node;
    if (found.owner === undefined) break;
    workload = found.owner;
  }
  return { workload, node };
}

async function readMetadata(
  object: KubeObject,
  fields: readonly (keyof typeof NAMES)[],
  found: Found,
  ask: Ask,
): Promise<void> {
  if (fields.every((field) => found[field] !== undefined)) return;
  const metrics = `kube_${object.kind.toLowerCase()}_(annotations|labels)`;
  const series = await ask(`{__name__=~${quote(metrics)},${matchersOf(object)}}`);
  // Annotations first: people write them, tools set most labels.
  for (const prefix of ['annotation_', 'label_']) {
    for (const field of fields) {
      const pair = pairOf(series, prefix, field);
      if (pair !== undefined) found[field] ??= { value: pair.value, from: `${pair.name} of ${shownObject(object)}` };
    }
  }
}

function pairOf(
  series: readonly Labels[],
  prefix: string,
  field: keyof typeof NAMES,
): { name: string; value: string } | undefined {
  const pairs = series
    .flatMap((labels) => [...labels.entries()])
    .filter(([name, value]) => name.startsWith(prefix) && value !== '' && (field !== 'playbook' || isWebUrl(value)));
  for (const pattern of NAMES[field]) {
    const pair = pairs.find(([name]) => pattern.test(name.slice(prefix.length)));
    if (pair !== undefined) return { name: pair[0], value: pair[1] };
  }
  return undefined;
}

/** Fills the open fields; the others keep what the rule or the target says. */
function fill(alert: Alert, found: Found): Alert {
  const fields = { ...alert.fields };
  const provenance = { ...alert.provenance };
  for (const [field, { value, from }] of Object.entries(found) as [Field, { value: string; from: string }][]) {
    if (!isOpen(alert, field)) continue;
    fields[field] = value;
    provenance[field] = from;
  }
  return { ...alert, fields, provenance };
}

function hasOpenField(alert: Alert): boolean {
  return (Object.keys(alert.fields) as Field[]).some((field) => isOpen(alert, field));
}

/** These labels name where an alert comes from. What people know as the affected system is the workload. */
const VAGUE = new Set(['pod', 'instance', 'node', 'namespace', 'job'].map(fromTarget));

/** Whether a field is empty, or holds only a default or a vague name, so that the object's own word is better. */
function isOpen({ fields, provenance }: Alert, field: Field): boolean {
  const from = provenance[field];
  if (fields[field] === '' || from === FROM_CONFIGURATION) return true;
  return field === 'affected' && from !== undefined && VAGUE.has(from);
}
