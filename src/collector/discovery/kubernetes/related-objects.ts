import type { KubeObject, ObjectHandler } from '../../../model/kubernetes.ts';
import { keyOf } from './labels.ts';
import type { FindObject } from './lookup.ts';
import type { ObjectKind } from './roles.ts';

/** Called with each object that is new, changed or gone. */
type OnChange = (kind: ObjectKind, key: string) => void;

/** The objects of all kinds that are watched, each under `namespace/name` or `name`. */
export class ObjectStore {
  readonly #byKind = new Map<ObjectKind, Map<string, KubeObject>>();
  readonly #onChange: OnChange;

  constructor(onChange: OnChange) {
    this.#onChange = onChange;
  }

  get(kind: ObjectKind, key: string): KubeObject | undefined {
    return this.#byKind.get(kind)?.get(key);
  }

  /** For one watch, of several where namespaces are named: a full list replaces the objects of this watch only. */
  handler(kind: ObjectKind): ObjectHandler {
    const all = this.#byKind.get(kind) ?? new Map<string, KubeObject>();
    this.#byKind.set(kind, all);
    let own = new Set<string>();
    const put = (key: string, object: KubeObject) => {
      const before = all.get(key)?.metadata;
      all.set(key, object);
      const { uid, resourceVersion } = object.metadata;
      if (before === undefined || before.uid !== uid || before.resourceVersion !== resourceVersion)
        this.#onChange(kind, key);
    };
    const drop = (key: string) => {
      if (all.delete(key)) this.#onChange(kind, key);
    };
    return {
      replace(objects) {
        const gone = own;
        own = new Set();
        for (const object of objects) {
          const key = keyOf(object.metadata.namespace, object.metadata.name);
          own.add(key);
          gone.delete(key);
          put(key, object);
        }
        for (const key of gone) drop(key);
      },
      upsert(object) {
        const key = keyOf(object.metadata.namespace, object.metadata.name);
        own.add(key);
        put(key, object);
      },
      remove({ metadata }) {
        const key = keyOf(metadata.namespace, metadata.name);
        own.delete(key);
        drop(key);
      },
    };
  }
}

/**
 * Which objects the targets of an object were made of. Whoever asks for another object depends on it, there or not yet there:
 *
 *     pod d/a ◀── endpoints d/shop      (asked for d/a)
 *     node n1 ◀── endpoints d/shop
 */
export class Dependencies {
  readonly #users = new Map<string, Set<string>>();
  readonly #uses = new Map<string, Set<string>>();

  /** `find` that notes what it is asked, on behalf of `user`. What `user` asked before is forgotten. */
  record(user: string, find: FindObject): FindObject {
    this.forget(user);
    return (kind, key) => {
      const name = `${kind} ${key}`;
      add(this.#uses, user, name);
      add(this.#users, name, user);
      return find(kind, key);
    };
  }

  forget(user: string): void {
    for (const name of this.#uses.get(user) ?? []) {
      const users = this.#users.get(name);
      users?.delete(user);
      if (users?.size === 0) this.#users.delete(name);
    }
    this.#uses.delete(user);
  }

  usersOf(kind: ObjectKind, key: string): Iterable<string> {
    return this.#users.get(`${kind} ${key}`) ?? [];
  }
}

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}
