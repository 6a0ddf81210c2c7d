/** The parts of `metadata` that are read here; others are kept as they came, but for `managedFields`. */
export interface ObjectMetadata {
  readonly name: string;
  /** Absent for objects of the whole cluster. */
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion?: string;
  /** RFC 3339. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly [key: string]: unknown;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** An object of the Kubernetes API as JSON. It is shared by all who watch it and must not be changed. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly [key: string]: unknown;
}

/** Names a resource of the API: `{group: 'apps', version: 'v1', plural: 'deployments', namespaced: true}`. */
export interface ResourceKind {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Takes objects over, in the order in which the API server tells of them. Calls never overlap; none comes after `stop`. */
export interface ObjectHandler {
  /** All objects there are: after every full list, the first among them. Others that were known are gone. */
  replace(objects: readonly KubeObject[]): void;
  /** An object is new or has changed. */
  upsert(object: KubeObject): void;
  /** An object is gone; this is its last state. */
  remove(object: KubeObject): void;
}

export interface WatchOptions {
  /** Only objects of this namespace; of a namespaced resource all namespaces otherwise. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /**
   * Returns what of an object is kept. It may read `managedFields`, which are taken away afterwards in any case; the data of
   * secrets and config maps is gone before.
   */
  readonly project?: (object: KubeObject) => KubeObject;
}

/**
 * - 'starting': no answer has come yet
 * - 'watching': a watch is open
 * - 'absent': the API server does not serve the resource, which then has no objects
 * - 'denied': the credentials may not read it; what was known before stays known
 * - 'failing': no watch is open for another reason, and the next try is due
 */
export type WatchState = 'starting' | 'watching' | 'absent' | 'denied' | 'failing';

export interface WatchStatus {
  /** As in `pods` or `deployments.apps`. */
  readonly resource: string;
  readonly state: WatchState;
  /** Whether the handler has had its first `replace`. */
  readonly synced: boolean;
  /** Milliseconds since the epoch at which the API server last sent anything, a bookmark included; 0 before the first time. */
  readonly lastEventAt: number;
  /** What the last try met; undefined while a watch is open. */
  readonly error?: string;
}

export interface ObjectWatch {
  readonly name: string;
  /** Resolves when the first list was read, or its first try failed: the watch then goes on trying. */
  start(): Promise<void>;
  stop(): Promise<void>;
  status(): WatchStatus;
}

/**
 * Keeps a handler up to date with the objects of one resource for as long as it runs, over restarts of the API server, expired
 * versions and tokens. A resource that cannot be read is tried again and harms no other.
 */
export type WatchObjects = (resource: ResourceKind, handler: ObjectHandler, options?: WatchOptions) => ObjectWatch;

export interface KubeResponse {
  readonly status: number;
  /** Parsed JSON; text where the answer is none. */
  readonly body: unknown;
}

/** One request to the API server; a bad status is not an error here. @throws where no answer came, with what was tried */
export type KubeRequest = (
  path: string,
  options?: {
    readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    readonly body?: unknown;
    /** Of the body; default `application/json`. */
    readonly contentType?: string;
    /** Milliseconds; default 30 s. */
    readonly timeout?: number;
    readonly signal?: AbortSignal;
  },
) => Promise<KubeResponse>;
