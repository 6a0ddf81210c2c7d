import { counter, gauge } from '../lib/metrics.ts';
import type { WatchStatus } from '../model/kubernetes.ts';

export const events = counter(
  'crowsnest_kubernetes_watch_events_total',
  'Changes that watches on the API server brought, by resource and type: added, modified, deleted.',
  ['resource', 'type'],
);
export const lists = counter('crowsnest_kubernetes_lists_total', 'Full lists that were read, by resource.', [
  'resource',
]);
export const failures = counter(
  'crowsnest_kubernetes_watch_failures_total',
  'Tries to list or watch a resource that failed, by resource and reason: absent, denied, expired, failed.',
  ['resource', 'reason'],
);

interface Watched {
  status(): WatchStatus;
  /** Milliseconds since the API server last sent anything, or since the start. */
  quietFor(): number;
}

const watches = new Set<Watched>();

gauge(
  'crowsnest_kubernetes_watch_last_event_seconds',
  'Seconds since the API server last sent anything about a resource, bookmarks included; of several watches the quietest. Above 300 it is dead.',
  ['resource'],
  (quietest) => {
    quietest.reset();
    const quiet = new Map<string, number>();
    for (const watch of watches) {
      const { resource, state } = watch.status();
      // Nothing can come of these.
      if (state === 'absent' || state === 'denied') continue;
      quiet.set(resource, Math.max(quiet.get(resource) ?? 0, watch.quietFor()));
    }
    for (const [resource, ms] of quiet) quietest.set({ resource }, ms / 1000);
  },
);

/** Shows a watch in `crowsnest_kubernetes_watch_last_event_seconds` until the returned function is called. */
export function showWatch(watch: Watched): () => void {
  watches.add(watch);
  return () => watches.delete(watch);
}
