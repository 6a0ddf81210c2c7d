import { type Clock, systemClock } from '../lib/time/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { KubeRequest, WatchObjects } from '../model/kubernetes.ts';
import type { KubeAccess } from './access.ts';
import { ApiClient } from './api-client.ts';
import { Reflector, type ReflectorTiming } from './reflector.ts';

/** The first minor version of 1 whose lists can be streamed without a feature gate. */
const STREAMS_LISTS_FROM = 32;

export interface KubeConnection {
  readonly watch: WatchObjects;
  readonly request: KubeRequest;
  /** Namespace of the credentials, where they name one. */
  readonly namespace: string | undefined;
  /** Ends idle connections. Watches are stopped one by one. */
  close(): void;
}

export interface ConnectOptions {
  readonly access: KubeAccess;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly timing?: Partial<ReflectorTiming>;
}

/** What one API server is asked with. Nothing is sent before the first request or the start of a watch. */
export function connectKubernetes({ access, logger, clock = systemClock, timing }: ConnectOptions): KubeConnection {
  const client = new ApiClient(access, clock);
  let streams: boolean | undefined;

  async function streamsLists(): Promise<boolean> {
    if (streams !== undefined) return streams;
    try {
      const { major, minor } = (await client.get('/version')) as { readonly major?: string; readonly minor?: string };
      streams = major === '1' && Number.parseInt(minor ?? '', 10) >= STREAMS_LISTS_FROM;
      return streams;
    } catch {
      // The list itself says what is wrong.
      return false;
    }
  }

  return {
    request: client.request,
    namespace: access.namespace,
    watch: (resource, handler, options) =>
      // Each has connections of its own: one client has a bound to them, and a watch holds one all the time.
      new Reflector({
        client: new ApiClient(access, clock),
        resource,
        handler,
        options,
        streamsLists,
        clock,
        logger,
        timing,
      }),
    close: () => client.close(),
  };
}
