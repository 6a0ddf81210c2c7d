import type { Clock } from '../lib/time/clock.ts';
import { type ApiClient, ApiError, messageOf } from './api-client.ts';
import { BadLineError, jsonLines } from './json-lines.ts';

/** Objects are 1.5 MB at most in etcd; JSON writes some of it longer. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;
/** Added to the time that the server is asked for, before its answer is cut off, milliseconds. */
const GRACE_MS = 30_000;
/** A server answers a watch at once, whether there is anything to send or not. */
const LONGEST_HEAD_MS = 30_000;

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

export interface WatchEvent {
  readonly type: WatchEventType;
  readonly object: unknown;
}

export interface WatchRequest {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** After which the server ends the watch. */
  readonly seconds: number;
  /** Milliseconds without a byte after which the connection is taken for dead. */
  readonly silence: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Called when the watch is open and whenever something comes. */
  readonly onBytes: () => void;
}

/** A connection on which nothing came for too long. */
export class SilenceError extends Error {}

/**
 * Yields what a watch brings until the server ends it. An ERROR event is thrown as {@link ApiError}.
 * @throws {SilenceError} where the connection is half open, or a proxy in between hangs
 */
export async function* watchEvents(
  client: ApiClient,
  { path, parameters, seconds, silence, signal, clock, onBytes }: WatchRequest,
): AsyncGenerator<WatchEvent, void, undefined> {
  const query = new URLSearchParams({
    ...parameters,
    watch: '1',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(seconds),
  });
  const stream = await client.stream(`${path}?${query}`, {
    timeout: seconds * 1000 + GRACE_MS,
    headTimeout: Math.min(silence, LONGEST_HEAD_MS),
    signal,
  });
  const guard = new SilenceGuard(clock, silence, () =>
    stream.destroy(new SilenceError(`${path}: nothing came for ${silence} ms, the connection is taken for dead`)),
  );
  const note = () => {
    guard.note();
    onBytes();
  };
  try {
    note();
    for await (const line of jsonLines(stream, MAX_EVENT_BYTES, note)) yield eventOf(path, line);
  } finally {
    guard.end();
    stream.destroy();
  }
}

function eventOf(path: string, line: unknown): WatchEvent {
  const { type, object } = (line ?? {}) as { readonly type?: unknown; readonly object?: unknown };
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type, object };
    case 'ERROR': {
      const { code } = (object ?? {}) as { readonly code?: unknown };
      throw new ApiError(typeof code === 'number' ? code : 500, `${path}: ${messageOf(object)}`);
    }
    default:
      throw new BadLineError(`${path}: unknown type of event: ${JSON.stringify(type)?.slice(0, 100)}`);
  }
}

/** Calls back when nothing was noted for `limit` ms. One timer, however much is noted. */
class SilenceGuard {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #onSilence: () => void;
  #last: number;
  #cancel: () => void;

  constructor(clock: Clock, limit: number, onSilence: () => void) {
    this.#clock = clock;
    this.#limit = limit;
    this.#onSilence = onSilence;
    this.#last = clock.now();
    this.#cancel = clock.after(limit, () => this.#check());
  }

  note(): void {
    this.#last = this.#clock.now();
  }

  end(): void {
    this.#cancel();
  }

  #check(): void {
    const left = this.#last + this.#limit - this.#clock.now();
    if (left <= 0) this.#onSilence();
    else this.#cancel = this.#clock.after(left, () => this.#check());
  }
}
