import { counter, gauge } from '../lib/metrics.ts';

type Sizes = () => readonly (readonly [resource: string, objects: number])[];

const shown = new Set<Sizes>();

gauge('crowsnest_cluster_objects', 'Objects that have kube_* series, by resource.', ['resource'], (objects) => {
  objects.reset();
  for (const sizes of shown) for (const [resource, size] of sizes()) objects.inc({ resource }, size);
});

/** Shows sizes in `crowsnest_cluster_objects` until the returned function is called. */
export function showObjects(sizes: Sizes): () => void {
  shown.add(sizes);
  return () => shown.delete(sizes);
}

export const events = counter(
  'crowsnest_kubernetes_events_total',
  'Kubernetes events, repeats included, by reason, type, kind of the object and namespace. Beyond 5000 combinations all is `other`.',
  ['reason', 'type', 'kind', 'namespace'],
);

export const lostEvents = counter(
  'crowsnest_kubernetes_event_records_lost_total',
  'Records of events that a destination did not get, by destination and reason: overflow, or why it refused them.',
  ['destination', 'reason'],
);
export const shippedEvents = counter(
  'crowsnest_kubernetes_event_records_shipped_total',
  'Records of events that a destination has taken, by destination.',
  ['destination'],
);
