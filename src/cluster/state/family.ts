import type { KubeObject, ResourceKind } from '../../model/kubernetes.ts';

/** One series of an object: the labels that it has besides those of the object, in their order, and its value. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Names and values, such as the labels of an object. */
type Names = readonly (readonly [name: string, value: string])[];

/** Which labels and annotations of an object become labels of series; undefined: none, and no series. */
export interface Allowed {
  readonly labels?: (names: Names) => Names;
  readonly annotations?: (names: Names) => Names;
}

/** A metric of one resource: its head on the page, and how the series of one object are made. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly stable: boolean;
  /** Only on the page where it is asked for by name. */
  readonly optIn: boolean;
  readonly series: (object: KubeObject, allowed: Allowed) => readonly Series[];
}

/** How the objects of one resource become series. Source of every name, help and value: kube-state-metrics 2.20. */
export interface ResourceTable {
  readonly resource: ResourceKind;
  /** Whether it is among the resources of kube-state-metrics without `--resources`. */
  readonly isDefault: boolean;
  /** The labels that every series of an object begins with. */
  readonly identify: (object: KubeObject) => Readonly<Record<string, string>>;
  readonly families: readonly Family[];
}

export type Make = (object: KubeObject) => readonly Series[];

function family(name: string, help: string, stable: boolean, series: Family['series']): Family {
  return { name, help, type: 'gauge', stable, optIn: false, series };
}

/** A gauge whose name and labels stay. */
export function stable(name: string, help: string, make: Make): Family {
  return family(name, help, true, make);
}

/** A gauge that may change. */
export function experimental(name: string, help: string, make: Make): Family {
  return family(name, help, false, make);
}

export function counter(name: string, help: string, make: Make): Family {
  return { ...family(name, help, true, make), type: 'counter' };
}

export function optIn(name: string, help: string, make: Make): Family {
  return { ...family(name, help, false, make), optIn: true };
}

/** A family that depends on the lists of allowed labels and annotations. */
export function byAllowed(name: string, help: string, isStable: boolean, series: Family['series']): Family {
  return family(name, help, isStable, series);
}
