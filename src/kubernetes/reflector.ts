import { Backoff } from '../lib/time/backoff.ts';
import type { Clock } from '../lib/time/clock.ts';
import { type Logger, LogOnce } from '../lib/logger.ts';
import { TimeSlice } from '../lib/time/time-slice.ts';
import type {
  KubeObject,
  ObjectHandler,
  ObjectMetadata,
  ObjectWatch,
  ResourceKind,
  WatchOptions,
  WatchState,
  WatchStatus,
} from '../model/kubernetes.ts';
import { type ApiClient, ApiError } from './api-client.ts';
import { BadLineError } from './json-lines.ts';
import { listObjects } from './list.ts';
import * as metrics from './metrics.ts';
import { projectionOf } from './projection.ts';
import { nameOf, pathOf, selectorsOf } from './resource.ts';
import { type WatchEvent, SilenceError, watchEvents } from './watch-stream.ts';

export interface ReflectorOptions {
  readonly client: ApiClient;
  readonly resource: ResourceKind;
  readonly handler: ObjectHandler;
  readonly options?: WatchOptions;
  /** Whether the API server sends a list as a stream of events, which holds no page of it in memory. */
  readonly streamsLists: () => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing?: Partial<ReflectorTiming>;
}

/** Milliseconds, but for `watchSeconds`. */
export interface ReflectorTiming {
  /** A watch is renewed after one to two times as long. */
  readonly watchSeconds: number;
  /** The API server sends a bookmark a minute where it can. */
  readonly silence: number;
  readonly retryMin: number;
  readonly retryMax: number;
}

const TIMING: ReflectorTiming = { watchSeconds: 300, silence: 90_000, retryMin: 500, retryMax: 30_000 };
/** A watch that lasted this long, milliseconds, was a good one: the next begins at once. */
const GOOD_WATCH_MS = 10_000;
/** A first list that is streamed has no pauses; silence this long means that the server does not know such lists. */
const STREAMED_LIST_SILENCE_MS = 30_000;
const LONGEST_RETRY_AFTER_MS = 60_000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/**
 * Follows one resource:
 *
 *     list ─▶ replace ─▶ watch from its version ─▶ upsert, remove, bookmarks ─┐
 *      ▲                      ▲                                             │
 *      │                      └── ended, or connection lost ◀───────────────┤
 *      └── the version is too old (410) ◀───────────────────────────────────┘
 *
 * `#version` is that of the last event the handler has seen: no event is missed, and none comes twice. It is undefined until a
 * list was read in full. Each failure is followed by a pause that grows up to `retryMax`.
 */
export class Reflector implements ObjectWatch {
  readonly name: string;
  readonly #options: ReflectorOptions;
  readonly #resource: string;
  readonly #path: string;
  readonly #selectors: Readonly<Record<string, string>>;
  readonly #project: (value: unknown) => KubeObject;
  readonly #timing: ReflectorTiming;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  readonly #once = new LogOnce();
  #status: Omit<WatchStatus, 'resource'> = { state: 'starting', synced: false, lastEventAt: 0 };
  #version: string | undefined;
  #streams = true;
  #startedAt = 0;
  #hide: () => void = () => {};
  #running: Promise<void> | undefined;
  #onFirstTry: () => void = () => {};

  constructor(options: ReflectorOptions) {
    const { resource, options: selection = {}, timing } = options;
    this.#options = options;
    this.#resource = nameOf(resource);
    this.#path = pathOf(resource, selection.namespace);
    this.#selectors = selectorsOf(selection);
    this.#project = projectionOf(resource, selection);
    this.#timing = { ...TIMING, ...timing };
    this.#backoff = new Backoff({ min: this.#timing.retryMin, max: this.#timing.retryMax });
    this.name = `watch of ${this.#resource}`;
  }

  start(): Promise<void> {
    this.#startedAt = this.#options.clock.now();
    this.#hide = metrics.showWatch(this);
    const firstTry = new Promise<void>((resolve) => (this.#onFirstTry = resolve));
    this.#running = this.#run();
    return firstTry;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    this.#hide();
    this.#options.client.close();
  }

  status(): WatchStatus {
    return { resource: this.#resource, ...this.#status };
  }

  /** Milliseconds since the API server last sent anything, or since the start. */
  quietFor(): number {
    return this.#options.clock.now() - (this.#status.lastEventAt || this.#startedAt);
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#abort.signal.aborted) {
      const since = clock.now();
      let wait = 0;
      try {
        await this.#listAndWatch();
      } catch (error) {
        if (this.#abort.signal.aborted) break;
        wait = this.#fail(error);
      }
      this.#onFirstTry();
      const wasGood = clock.now() - since >= GOOD_WATCH_MS;
      if (wasGood) this.#backoff.reset();
      // A server that ends each watch at once is not asked in a circle.
      if (!wasGood || wait > 0) await this.#pause(Math.max(wait, this.#backoff.next()));
    }
    this.#onFirstTry();
  }

  async #listAndWatch(): Promise<void> {
    if (this.#version !== undefined) return this.#watch(this.#version);
    if (this.#streams && (await this.#options.streamsLists())) return this.#watch(undefined);
    const list = await listObjects(
      this.#options.client,
      this.#path,
      this.#selectors,
      this.#project,
      this.#abort.signal,
    );
    this.#replace(list.objects, list.version);
    return this.#watch(list.version);
  }

  /** Without a version, the watch begins with all objects there are. */
  async #watch(version: string | undefined): Promise<void> {
    const { client, clock } = this.#options;
    const { watchSeconds, silence } = this.#timing;
    const fromVersion: Record<string, string> = { resourceVersion: version ?? '' };
    const withList = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' };
    const events = watchEvents(client, {
      path: this.#path,
      parameters: { ...this.#selectors, ...(version === undefined ? withList : fromVersion) },
      seconds: Math.ceil(watchSeconds * (1 + Math.random())),
      silence: version === undefined ? Math.min(silence, STREAMED_LIST_SILENCE_MS) : silence,
      signal: this.#abort.signal,
      clock,
      onBytes: () => this.#hear(),
    });
    const slice = new TimeSlice();
    let listed: Map<string, KubeObject> | undefined = version === undefined ? new Map() : undefined;
    try {
      for await (const event of events) {
        if (this.#abort.signal.aborted) return;
        if (listed === undefined) this.#apply(event);
        else if (collect(listed, event, this.#project)) {
          this.#replace([...listed.values()], versionOf(event.object));
          listed = undefined;
        }
        if (slice.due) await slice.pause();
      }
    } catch (error) {
      if (listed !== undefined && isNoStreamedList(error)) this.#streams = false;
      // An event that cannot be used would come again from this version: a list shows what there is now.
      if (error instanceof BadLineError) this.#version = undefined;
      throw error;
    }
  }

  #apply({ type, object }: WatchEvent): void {
    const { handler } = this.#options;
    if (type !== 'BOOKMARK') {
      const projected = this.#project(object);
      metrics.events.inc({ resource: this.#resource, type: type.toLowerCase() });
      if (type === 'DELETED') handler.remove(projected);
      else handler.upsert(projected);
    }
    this.#version = versionOf(object);
  }

  #replace(objects: readonly KubeObject[], version: string): void {
    metrics.lists.inc({ resource: this.#resource });
    this.#options.handler.replace(objects);
    this.#version = version;
    this.#status = { ...this.#status, synced: true };
    this.#hear();
    this.#onFirstTry();
  }

  /** The server has sent something: all is well. */
  #hear(): void {
    const { clock, logger } = this.#options;
    const { synced } = this.#status;
    this.#status = { state: synced ? 'watching' : 'starting', synced, lastEventAt: clock.now() };
    if (synced && this.#once.clear('failure')) logger.info({ resource: this.#resource }, 'resource is watched again');
  }

  /** Notes and says, once, why nothing comes; returns the least time to wait, milliseconds. */
  #fail(error: unknown): number {
    const { message } = error as Error;
    const status = error instanceof ApiError ? error.status : 0;
    if (status === 410) {
      this.#version = undefined;
      metrics.failures.inc({ resource: this.#resource, reason: 'expired' });
      return 0;
    }
    const state: WatchState = status === 404 ? 'absent' : status === 403 ? 'denied' : 'failing';
    metrics.failures.inc({ resource: this.#resource, reason: state === 'failing' ? 'failed' : state });
    if (state === 'absent') this.#vanish();
    this.#status = { ...this.#status, state, error: message };
    this.#say(state, message);
    return Math.min(error instanceof ApiError ? (error.retryAfter ?? 0) : 0, LONGEST_RETRY_AFTER_MS);
  }

  #say(state: WatchState, message: string): void {
    // A message may hold what differs each time, such as a port.
    if (!this.#once.fresh('failure', state)) return;
    const { logger } = this.#options;
    const details = { resource: this.#resource, error: message };
    if (state === 'absent')
      logger.info(details, 'the API server does not serve a resource; asked again from time to time');
    else if (state === 'denied') logger.warn(details, 'a resource may not be read; asked again from time to time');
    else logger.warn(details, 'a resource is not watched at present; asked again');
  }

  /** The resource is gone, and its objects with it. */
  #vanish(): void {
    if (this.#status.synced && this.#version === undefined) return;
    this.#version = undefined;
    this.#options.handler.replace([]);
    this.#status = { ...this.#status, synced: true };
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#abort;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = () => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#options.clock.after(ms, end);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}

/** Adds to a streamed list; returns whether that was its end. */
function collect(
  listed: Map<string, KubeObject>,
  { type, object }: WatchEvent,
  project: (value: unknown) => KubeObject,
): boolean {
  const metadata = (object as { readonly metadata?: ObjectMetadata } | null)?.metadata;
  if (type === 'BOOKMARK') return metadata?.annotations?.[INITIAL_EVENTS_END] === 'true';
  const projected = project(object);
  const key = `${projected.metadata.namespace ?? ''}/${projected.metadata.name}`;
  if (type === 'DELETED') listed.delete(key);
  else listed.set(key, projected);
  return false;
}

/** Whether a server that was asked for a streamed list refuses it, or does not know what is asked. */
function isNoStreamedList(error: unknown): boolean {
  return error instanceof SilenceError || (error instanceof ApiError && (error.status === 400 || error.status === 422));
}

function versionOf(object: unknown): string {
  const version = (object as { readonly metadata?: ObjectMetadata } | null)?.metadata?.resourceVersion;
  if (version === undefined || version === '') throw new BadLineError('an event without a resourceVersion');
  return version;
}
