import type { ResourceKind, WatchOptions } from '../model/kubernetes.ts';

/** As kubectl writes it: `pods`, `deployments.apps`. */
export function nameOf({ group, plural }: ResourceKind): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** The path of a resource's list. */
export function pathOf({ group, version, plural, namespaced }: ResourceKind, namespace: string | undefined): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${plural}`;
}

/** The parameters by which a watch selects objects. */
export function selectorsOf({ labelSelector, fieldSelector }: WatchOptions): Record<string, string> {
  return {
    ...(labelSelector !== undefined && labelSelector !== '' && { labelSelector }),
    ...(fieldSelector !== undefined && fieldSelector !== '' && { fieldSelector }),
  };
}
