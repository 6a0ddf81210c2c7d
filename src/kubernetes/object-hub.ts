import type { Clock } from '../lib/time/clock.ts';
import type { KubeObject, ObjectHandler } from '../model/kubernetes.ts';

/** How long an object that is gone is still found, milliseconds: its last logs are read after its end. */
const KEPT_MS = 10 * 60_000;
/** Objects that are gone and still found, at most; the oldest go first. */
const MOST_KEPT = 5000;

/** What one source has told. It is kept up to date also while another source is in use: a watch does not tell it again. */
interface Told {
  objects: Map<string, KubeObject>;
  /** Whether all objects were told once. */
  synced: boolean;
}

/** One set of objects from one of several sources, handed on to any number of handlers. */
export class ObjectHub {
  changedAt = 0;
  readonly #clock: Clock;
  readonly #handlers = new Set<ObjectHandler>();
  readonly #sources = new Map<string, Told>();
  #objects: ReadonlyMap<string, KubeObject> = new Map();
  /** In order of their end. */
  readonly #gone = new Map<string, { readonly object: KubeObject; readonly until: number }>();
  #current = '';
  #isSynced = false;
  #onSynced: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether any source has told all objects once. */
  get synced(): boolean {
    return this.#isSynced;
  }

  /** Takes what a source tells. It is handed on while that source is the one in use. */
  source(name: string): ObjectHandler {
    const told = this.#toldBy(name);
    const isCurrent = () => name === this.#current;
    return {
      replace: (objects) => {
        told.objects = new Map(objects.map((object) => [keyOf(object), object]));
        told.synced = true;
        if (isCurrent()) this.#switchTo(told);
      },
      upsert: (object) => {
        told.objects.set(keyOf(object), object);
        if (isCurrent()) this.#tell((handler) => handler.upsert(object));
      },
      remove: (object) => {
        told.objects.delete(keyOf(object));
        if (!isCurrent()) return;
        this.#keep(keyOf(object), object);
        this.#tell((handler) => handler.remove(object));
      },
    };
  }

  /** The objects of the source before stay until this one has told all of its own. */
  use(name: string): void {
    if (name === this.#current) return;
    this.#current = name;
    const told = this.#toldBy(name);
    if (told.synced) this.#switchTo(told);
  }

  /** Returns what takes the handler off again. */
  add(handler: ObjectHandler): () => void {
    this.#handlers.add(handler);
    if (this.#isSynced) handler.replace([...this.#objects.values()]);
    return () => this.#handlers.delete(handler);
  }

  /** There now, or not long ago. */
  find(namespace: string, name: string): KubeObject | undefined {
    const key = `${namespace}/${name}`;
    return this.#objects.get(key) ?? this.#gone.get(key)?.object;
  }

  /** Resolves when there was a first list, after `ms` at the latest. */
  firstObjects(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isSynced) return resolve();
      const cancel = this.#clock.after(ms, resolve);
      this.#onSynced = () => {
        cancel();
        resolve();
      };
    });
  }

  #toldBy(name: string): Told {
    const told = this.#sources.get(name) ?? { objects: new Map(), synced: false };
    this.#sources.set(name, told);
    return told;
  }

  #switchTo({ objects }: Told): void {
    for (const [key, object] of this.#objects) if (!objects.has(key)) this.#keep(key, object);
    this.#objects = objects;
    this.#tell((handler) => handler.replace([...objects.values()]));
    this.#isSynced = true;
    this.#onSynced();
  }

  #tell(what: (handler: ObjectHandler) => void): void {
    this.changedAt = this.#clock.now();
    for (const handler of this.#handlers) what(handler);
  }

  #keep(key: string, object: KubeObject): void {
    const now = this.#clock.now();
    this.#gone.delete(key);
    this.#gone.set(key, { object, until: now + KEPT_MS });
    for (const [oldest, { until }] of this.#gone) {
      if (until > now && this.#gone.size <= MOST_KEPT) break;
      this.#gone.delete(oldest);
    }
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
