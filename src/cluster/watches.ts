import type { ObjectHandler, ObjectWatch, WatchObjects, WatchOptions } from '../model/kubernetes.ts';
import type { StateConfig } from './state/config.ts';
import type { ObjectState } from './state/object-state.ts';

/** One watch a resource, and one a namespace where the configuration names some. */
export function stateWatches(state: ObjectState, config: StateConfig, watch: WatchObjects): ObjectWatch[] {
  return state.resources.flatMap(({ table }, index) => {
    const selected = table.resource.plural === 'pods' ? podSelector(config) : {};
    return scopesOf(table.resource.namespaced, config).map((namespace) =>
      watch(table.resource, state.resources[index].handler(namespace), { ...selected, namespace }),
    );
  });
}

/** Core events are the same objects as those of events.k8s.io: one of the two is enough. */
export function eventWatches(
  handler: (scope: string) => ObjectHandler,
  config: StateConfig,
  watch: WatchObjects,
): ObjectWatch[] {
  const resource = { group: '', version: 'v1', plural: 'events', namespaced: true };
  return scopesOf(true, config).map((namespace) => watch(resource, handler(namespace ?? ''), { namespace }));
}

function scopesOf(
  namespaced: boolean,
  { namespaces, namespaces_denylist: denied }: StateConfig,
): (string | undefined)[] {
  const wanted = namespaces.filter((name) => !denied.includes(name));
  return namespaced && wanted.length > 0 ? wanted : [undefined];
}

function podSelector({ node, track_unscheduled_pods: unscheduled }: StateConfig): WatchOptions {
  if (node !== undefined) return { fieldSelector: `spec.nodeName=${node}` };
  return unscheduled ? { fieldSelector: 'spec.nodeName=' } : {};
}
