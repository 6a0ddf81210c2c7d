import type { Alert, PageFields, Provenance } from '../../model/alert.ts';
import { type Labels, quote } from '../../model/labels.ts';
import type { Query } from '../../model/query.ts';
import { type KubeObject, ownerOf, subjectOf } from './kube-object.ts';
import { isWebUrl } from './web-url.ts';

/** What was found for one object, and where. */
interface Facts {
  readonly fields: Partial<PageFields>;
  readonly provenance: Provenance;
}

type Found = Partial<Record<keyof PageFields, { readonly value: string; readonly from: string }>>;

export interface ObjectFields {
  /** The alerts, with what their objects say in the fields that nothing closer to the alert fills. Never rejects. */
  complete(alerts: readonly Alert[], at: number): Promise<readonly Alert[]>;
  /** An alert with what is known of its object already. */
  known(alert: Alert): Alert;
}

/** A page does not wait longer than this for its fields. Milliseconds. */
const WITHIN = 3000;
/** Objects of one page that are asked for. */
const MOST = 10;
/** What was found holds for so long. Milliseconds. */
const KEPT = 5 * 60_000;
/** Objects whose answers are kept. */
const MOST_KEPT = 2000;
/** An object that is gone leaves its last series behind. */
const LOOKBACK = '15m';

/** Owner and playbook as people name them in metadata: `owner`, `team`, or a name with a prefix such as `example.com/owner`. */
const NAMES = {
  owner: [/^(?:.*_)?owner$/, /^(?:.*_)?team$/],
  playbook: [/^(?:.*_)?(?:playbook|runbook)(?:_url)?$/],
  region: [/^topology_kubernetes_io_region$/],
  datacenter: [/^topology_kubernetes_io_zone$/],
} as const;

/**
 * Fields of a page from the Kubernetes objects behind an alert, as `kube_*` series show them: the workload that owns the pod,
 * its annotations and labels, then those of the pod and of the namespace; region and datacenter of the node.
 */
export function createObjectFields(query: Query): ObjectFields {
  const kept = new Map<string, { readonly facts: Facts; readonly at: number }>();

  async function factsOf(subject: KubeObject, at: number, signal: AbortSignal): Promise<void> {
    const key = keyOf(subject);
    const before = kept.get(key);
    if (before !== undefined && at - before.at < KEPT) return;
    const facts = await askFacts(subject, async (selector) => {
      const { samples } = await query(`last_over_time(${selector}[${LOOKBACK}])`, at, signal);
      return samples.map(({ labels }) => labels);
    });
    kept.delete(key);
    // What has no series yet may have some at the next page.
    if (Object.keys(facts.fields).length === 0) return;
    kept.set(key, { facts, at });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value ?? '');
  }

  function known(alert: Alert): Alert {
    const subject = subjectOf(alert);
    const facts = subject === undefined ? undefined : kept.get(keyOf(subject))?.facts;
    return facts === undefined ? alert : withFacts(alert, facts);
  }

  return {
    known,
    async complete(alerts, at) {
      const signal = AbortSignal.timeout(WITHIN);
      const subjects = new Map<string, KubeObject>();
      for (const alert of alerts) {
        const subject = subjects.size < MOST && isOpen(alert) ? subjectOf(alert) : undefined;
        if (subject !== undefined) subjects.set(keyOf(subject), subject);
      }
      await Promise.allSettled([...subjects.values()].map((subject) => factsOf(subject, at, signal)));
      return alerts.map(known);
    },
  };
}

type Ask = (selector: string) => Promise<readonly Labels[]>;

/** Steps from a pod to what people deployed: a pod, its job, its cron job, and one for kinds of others. */
const MOST_OWNERS = 3;

/** What is nearer to the hand that deployed it wins: the workload, then the pod, then the namespace. */
async function askFacts(subject: KubeObject, ask: Ask): Promise<Facts> {
  const found: Found = {};
  const { workload, node } = await workloadOf(subject, ask);
  const objects = workload === subject ? [subject] : [workload, subject];
  if (workload !== subject)
    found.affected = { value: workload.name, from: `${shown(workload)}, owner of ${shown(subject)}` };
  if (subject.namespace !== '') objects.push({ ...subject, kind: 'Namespace', name: subject.namespace, namespace: '' });
  for (const object of objects) await readMetadata(object, ['owner', 'playbook'], found, ask);
  const on = { ...subject, kind: 'Node', name: node, namespace: '' };
  if (node !== '') await readMetadata(on, ['region', 'datacenter'], found, ask);
  const entries = Object.entries(found);
  return {
    fields: Object.fromEntries(entries.map(([field, { value }]) => [field, value])),
    provenance: Object.fromEntries(entries.map(([field, { from }]) => [field, from])),
  };
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
  const series = await ask(selectorOf(object, '(annotations|labels)'));
  // Annotations first: labels are more often set by tools.
  for (const prefix of ['annotation_', 'label_']) {
    for (const field of fields) {
      const pair = pairOf(series, prefix, field);
      if (pair !== undefined) found[field] ??= { value: pair.value, from: `${pair.name} of ${shown(object)}` };
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

/** Only what nothing closer to the alert says: configuration stands in for what is not known. */
function withFacts(alert: Alert, { fields, provenance }: Facts): Alert {
  const taken = (Object.keys(fields) as (keyof PageFields)[]).filter((field) => isOpenField(alert, field));
  if (taken.length === 0) return alert;
  return {
    ...alert,
    fields: { ...alert.fields, ...Object.fromEntries(taken.map((field) => [field, fields[field]])) },
    provenance: { ...alert.provenance, ...Object.fromEntries(taken.map((field) => [field, provenance[field]])) },
  };
}

function isOpen(alert: Alert): boolean {
  return (Object.keys(alert.fields) as (keyof PageFields)[]).some((field) => isOpenField(alert, field));
}

/** A workload is what people know a pod by; that a label of the target names the pod is no word on what is affected. */
const VAGUE = new Set(['pod', 'instance', 'node', 'namespace', 'job'].map((name) => `label ${name} of the target`));

function isOpenField({ fields, provenance }: Alert, field: keyof PageFields): boolean {
  const from = provenance[field];
  if (fields[field] === '' || from === 'configuration') return true;
  return field === 'affected' && from !== undefined && VAGUE.has(from);
}

/** `{__name__=~"kube_pod_(annotations|labels)", namespace="shop", pod="a"}`. */
function selectorOf({ kind, name, namespace, cluster }: KubeObject, suffix: string): string {
  const series = `kube_${kind.toLowerCase()}_${suffix}`;
  const label = kind === 'Job' ? 'job_name' : kind.toLowerCase();
  const matchers = [`__name__=~${quote(series)}`, `${label}=${quote(name)}`];
  if (namespace !== '') matchers.push(`namespace=${quote(namespace)}`);
  if (cluster !== undefined) matchers.push(`cluster=${quote(cluster)}`);
  return `{${matchers.join(',')}}`;
}

function shown({ kind, name, namespace }: KubeObject): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

function keyOf({ kind, name, namespace, cluster }: KubeObject): string {
  return JSON.stringify([kind, namespace, name, cluster]);
}
