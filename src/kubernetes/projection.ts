import { BadLineError } from './json-lines.ts';
import type { KubeObject, ObjectMetadata, ResourceKind, WatchOptions } from '../model/kubernetes.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Returns the function that makes of a parsed object what is kept: `managedFields` go, half of many an object, and the data of
 * secrets and config maps, also as kubectl repeats it in an annotation. Objects are copied, as V8 keeps one from which a key
 * was deleted as a hash table, of several times the size.
 * @throws {BadLineError} where the value is no object with a name
 */
export function projectionOf(resource: ResourceKind, { project }: WatchOptions): (value: unknown) => KubeObject {
  const holdsData = resource.group === '' && (resource.plural === 'secrets' || resource.plural === 'configmaps');
  return (value) => {
    const object = holdsData ? withoutData(asObject(value)) : asObject(value);
    const kept = project?.(object) ?? object;
    if (kept.metadata.managedFields === undefined) return kept;
    const { managedFields: _, ...metadata } = kept.metadata;
    return { ...kept, metadata };
  };
}

function withoutData(object: KubeObject): KubeObject {
  const { data: _data, binaryData: _binaryData, stringData: _stringData, ...rest } = object;
  const { annotations } = rest.metadata;
  if (annotations?.[LAST_APPLIED] === undefined) return rest;
  const { [LAST_APPLIED]: _, ...others } = annotations;
  return { ...rest, metadata: { ...rest.metadata, annotations: others } };
}

function asObject(value: unknown): KubeObject {
  const object = value as { readonly metadata?: Partial<ObjectMetadata> } | null;
  const { name, namespace = '', uid } = object?.metadata ?? {};
  if (typeof name !== 'string')
    throw new BadLineError(`expected an object with a name, not ${JSON.stringify(value)?.slice(0, 100)}`);
  if (typeof uid === 'string') return object as KubeObject;
  // Some extension servers give none.
  return { ...object, metadata: { ...object?.metadata, name, uid: `${namespace}/${name}` } };
}
