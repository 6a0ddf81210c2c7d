import type { KubeObject, ObjectMetadata, OwnerReference } from '../../../model/kubernetes.ts';

export const PREFIX = '__meta_kubernetes_';

/** Labels of a target under way. Empty values are the same as absent ones. */
export type MutableLabels = Record<string, string>;

/** The name, labels and annotations of an object, as `…_name`, `…_label_x`, `…_labelpresent_x` and the same for annotations. */
export function objectLabels(kind: string, metadata: ObjectMetadata): MutableLabels {
  return { [`${PREFIX}${kind}_name`]: metadata.name, ...labelsAndAnnotations(kind, metadata) };
}

export function labelsAndAnnotations(kind: string, { labels, annotations }: ObjectMetadata): MutableLabels {
  const found: MutableLabels = {};
  for (const [what, entries] of [
    ['label', labels],
    ['annotation', annotations],
  ] as const)
    for (const [name, value] of Object.entries(entries ?? {})) {
      const sanitized = sanitize(name);
      found[`${PREFIX}${kind}_${what}_${sanitized}`] = value;
      found[`${PREFIX}${kind}_${what}present_${sanitized}`] = 'true';
    }
  return found;
}

/** As a name of Prometheus' old kind: every other character is a `_`. */
export function sanitize(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/gu, '_');
}

/** The owner that manages an object, if one does. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}
