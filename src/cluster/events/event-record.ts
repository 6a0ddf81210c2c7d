import type { KubeObject } from '../../model/kubernetes.ts';
import { number, scalar, text } from '../state/fields.ts';

/** One event as it stands after so many occurrences. Its identity is `uid` with `count`. */
export interface EventRecord {
  readonly uid: string;
  readonly count: number;
  readonly reason: string;
  readonly type: string;
  readonly kind: string;
  readonly namespace: string;
  /** Milliseconds since the epoch of the last occurrence. */
  readonly time: number;
  readonly message: string;
  /** Under ECS names and those of Beats. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads an event of core/v1 or events.k8s.io/v1: either has the fields of the other under names of its own. */
export function eventRecord(event: KubeObject): EventRecord {
  const { uid, name, namespace = '' } = event.metadata;
  const count = Math.max(1, number(event, 'count'), number(event, 'deprecatedCount'), number(event, 'series.count'));
  const involved = (field: string) => text(event, `involvedObject.${field}`) || text(event, `regarding.${field}`);
  const reason = text(event, 'reason');
  const type = text(event, 'type');
  const kind = involved('kind');
  const message = text(event, 'message') || text(event, 'note');
  const fields = {
    'event.kind': 'event',
    'kubernetes.namespace': involved('namespace') || namespace,
    ...(kind === 'Pod' && { 'kubernetes.pod.name': involved('name'), 'kubernetes.pod.uid': involved('uid') }),
    ...(kind === 'Node' && { 'kubernetes.node.name': involved('name') }),
    'kubernetes.event.reason': reason,
    'kubernetes.event.type': type,
    'kubernetes.event.count': String(count),
    'kubernetes.event.metadata.name': name,
    'kubernetes.event.metadata.uid': uid,
    'kubernetes.event.involved_object.kind': kind,
    'kubernetes.event.involved_object.name': involved('name'),
    'kubernetes.event.involved_object.uid': involved('uid'),
    'kubernetes.event.involved_object.api_version': involved('apiVersion'),
    'kubernetes.event.involved_object.field_path': involved('fieldPath'),
    'kubernetes.event.source.component':
      text(event, 'source.component') ||
      text(event, 'deprecatedSource.component') ||
      text(event, 'reportingComponent') ||
      text(event, 'reportingController'),
    'kubernetes.event.source.host': text(event, 'source.host') || text(event, 'deprecatedSource.host'),
    'kubernetes.event.action': text(event, 'action'),
    'log.level': type === 'Warning' ? 'warn' : 'info',
  };
  const set = Object.entries(fields).filter(([, value]) => value !== '');
  return { uid, count, reason, type, kind, namespace, time: timeOf(event), message, fields: Object.fromEntries(set) };
}

const TIMES = [
  'series.lastObservedTime',
  'lastTimestamp',
  'deprecatedLastTimestamp',
  'eventTime',
  'firstTimestamp',
  'deprecatedFirstTimestamp',
  'metadata.creationTimestamp',
];

/** Of an event that says no time at all it is the epoch, so that it is the same whenever it is read. */
function timeOf(event: KubeObject): number {
  const times = TIMES.map((path) => Date.parse(scalar(event, path) ?? ''));
  return times.find((time) => !Number.isNaN(time)) ?? 0;
}
