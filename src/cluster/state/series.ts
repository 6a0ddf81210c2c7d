import type { KubeObject } from '../../model/kubernetes.ts';
import { type Family, type Series, byAllowed, experimental, stable } from './family.ts';
import { at, entries, flag, items, number, text } from './fields.ts';
import { seriesLabels } from './label-names.ts';
import { optionalUnixTime } from './time.ts';

/** One series without labels of its own. */
export function value(amount: number): readonly Series[] {
  return [{ labels: {}, value: amount }];
}

/** One series where there is a value. */
export function optional(amount: number | undefined): readonly Series[] {
  return amount === undefined ? [] : value(amount);
}

/** The number at a path, 0 where it is absent. */
export function count(path: string): (object: KubeObject) => readonly Series[] {
  return (object) => value(number(object, path));
}

/** The number at a path, and no series where it is absent. */
export function optionalCount(path: string): (object: KubeObject) => readonly Series[] {
  return (object) => {
    const found = at(object, path);
    return typeof found === 'number' ? value(found) : [];
  };
}

/** 1 where the field is true, else 0. */
export function isTrue(path: string): (object: KubeObject) => readonly Series[] {
  return (object) => value(flag(object, path) ? 1 : 0);
}

/** The time at a path in seconds since the epoch, and no series where it is absent. */
export function time(path: string): (object: KubeObject) => readonly Series[] {
  return (object) => optional(optionalUnixTime(at(object, path)));
}

/** One series of value 1 that carries what it says in its labels. */
export function info(labels: Readonly<Record<string, string>>): readonly Series[] {
  return [{ labels, value: 1 }];
}

/** One series a state, 1 for the one that holds; none while no state is set. */
export function states(label: string, known: readonly string[], current: string): readonly Series[] {
  return current === '' ? [] : known.map((state) => ({ labels: { [label]: state }, value: state === current ? 1 : 0 }));
}

const STATUSES = ['True', 'False', 'Unknown'];

/** `true`, `false` and `unknown`, 1 for what a condition is, with the label that says so last. */
export function conditionStates(
  label: string,
  status: string,
  labels: Readonly<Record<string, string>> = {},
): readonly Series[] {
  return STATUSES.map((known) => ({
    labels: { ...labels, [label]: known.toLowerCase() },
    value: known === status ? 1 : 0,
  }));
}

/** All conditions of `status.conditions`, three series each. */
export function conditions(object: KubeObject): readonly Series[] {
  return items(object, 'status.conditions').flatMap((condition) =>
    conditionStates('status', text(condition, 'status'), { condition: text(condition, 'type') }),
  );
}

/** One series an owner; one with empty labels where there is none. */
export function owners(object: KubeObject): readonly Series[] {
  const found = items(object, 'metadata.ownerReferences');
  if (found.length === 0) return info({ owner_kind: '', owner_name: '', owner_is_controller: '' });
  return found.flatMap((owner) =>
    info({
      owner_kind: text(owner, 'kind'),
      owner_name: text(owner, 'name'),
      owner_is_controller: String(flag(owner, 'controller')),
    }),
  );
}

/** The version that the API server gave the object, where it is a number. */
export function resourceVersion(object: KubeObject): readonly Series[] {
  const version = text(object, 'metadata.resourceVersion');
  return version === '' || Number.isNaN(Number(version)) ? [] : value(Number(version));
}

/** `NAME_created`. */
export function created(prefix: string, isStable: boolean, help = 'Unix creation timestamp'): Family {
  return (isStable ? stable : experimental)(`${prefix}_created`, help, time('metadata.creationTimestamp'));
}

/** `NAME_deletion_timestamp`. */
export function deleted(prefix: string, isStable = false): Family {
  return (isStable ? stable : experimental)(
    `${prefix}_deletion_timestamp`,
    'Unix deletion timestamp',
    time('metadata.deletionTimestamp'),
  );
}

/** `NAME_labels`: those of the object that are allowed. */
export function labels(prefix: string, isStable: boolean): Family {
  const help = 'Kubernetes labels converted to Prometheus labels.';
  return byAllowed(`${prefix}_labels`, help, isStable, (object, { labels: allow }) =>
    allow === undefined ? [] : info(seriesLabels('label', allow(entries(object, 'metadata.labels')))),
  );
}

/** `NAME_annotations`: those of the object that are allowed. */
export function annotations(prefix: string, isStable = false): Family {
  const help = 'Kubernetes annotations converted to Prometheus labels.';
  return byAllowed(`${prefix}_annotations`, help, isStable, (object, { annotations: allow }) =>
    allow === undefined ? [] : info(seriesLabels('annotation', allow(entries(object, 'metadata.annotations')))),
  );
}

/** Namespace and name under a label of the resource's own. */
export function namespaced(label: string): (object: KubeObject) => Readonly<Record<string, string>> {
  return ({ metadata }) => ({ namespace: metadata.namespace ?? '', [label]: metadata.name });
}

/** The name of an object of the whole cluster. */
export function clusterWide(label: string): (object: KubeObject) => Readonly<Record<string, string>> {
  return ({ metadata }) => ({ [label]: metadata.name });
}
