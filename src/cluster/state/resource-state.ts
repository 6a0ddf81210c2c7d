import type { KubeObject, ObjectHandler } from '../../model/kubernetes.ts';
import type { Allowed, Family, ResourceTable } from './family.ts';
import { type Rendered, renderObject } from './render.ts';

interface Entry extends Rendered {
  readonly scope: string;
  readonly version: string | undefined;
}

export interface ResourceStateOptions {
  readonly table: ResourceTable;
  /** Those of the table that are on the page. */
  readonly families: readonly Family[];
  readonly allowed: Allowed;
  /** Objects that it refuses, such as those of another shard, have no series. */
  readonly keep?: (object: KubeObject) => boolean;
}

/** The lines of all objects of one resource. A change renders the object that has changed, and no other. */
export class ResourceState {
  readonly table: ResourceTable;
  readonly families: readonly Family[];
  readonly #options: ResourceStateOptions;
  /** By UID. Entries are replaced and never changed: a page that is under way keeps those it began with. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: ResourceStateOptions) {
    this.table = options.table;
    this.families = options.families;
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What a page is made of. */
  entries(): readonly Rendered[] {
    return [...this.#entries.values()];
  }

  /** Takes the objects of one scope over: of one namespace, where several watches feed the resource. */
  handler(scope = ''): ObjectHandler {
    return {
      replace: (objects) => {
        const gone = new Set([...this.#entries].filter(([, entry]) => entry.scope === scope).map(([uid]) => uid));
        for (const object of objects) {
          gone.delete(object.metadata.uid);
          this.#upsert(object, scope);
        }
        for (const uid of gone) this.#entries.delete(uid);
      },
      upsert: (object) => this.#upsert(object, scope),
      remove: (object) => this.#entries.delete(object.metadata.uid),
    };
  }

  #upsert(object: KubeObject, scope: string): void {
    const { uid, resourceVersion: version } = object.metadata;
    const { table, families, allowed, keep } = this.#options;
    if (keep !== undefined && !keep(object)) return;
    const known = this.#entries.get(uid);
    if (known !== undefined && known.scope === scope && version !== undefined && known.version === version) return;
    this.#entries.set(uid, { ...renderObject(table, families, allowed, object), scope, version });
  }
}
