import * as metrics from '../metrics.ts';
import type { EventRecord } from './event-record.ts';

/** Who may write events may invent reasons: there is a bound to the series of the counter. */
const MAX_SERIES = 5000;
const known = new Set<string>();

/** Counts occurrences of an event. */
export function countEvents({ reason, type, kind, namespace }: EventRecord, occurrences: number): void {
  const key = JSON.stringify([reason, type, kind, namespace]);
  if (!known.has(key) && known.size >= MAX_SERIES) {
    metrics.events.inc({ reason: 'other', type: 'other', kind: 'other', namespace: 'other' }, occurrences);
    return;
  }
  known.add(key);
  metrics.events.inc({ reason, type, kind, namespace }, occurrences);
}
