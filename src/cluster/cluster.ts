import { resolve } from 'node:path';
import { type Clock, systemClock } from '../lib/time/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Service } from '../lib/lifecycle/run-group.ts';
import type { ObjectWatch, WatchObjects, WatchStatus } from '../model/kubernetes.ts';
import type { ShipLogs } from '../model/log.ts';
import type { ClusterConfig } from './config.ts';
import { EventLog } from './events/event-log.ts';
import { ObjectState } from './state/object-state.ts';
import { showObjects } from './metrics.ts';
import { eventWatches, stateWatches } from './watches.ts';

/** After so many milliseconds without a word of the API server, a watch is dead. */
const DEAD_AFTER_MS = 300_000;

export interface ClusterOptions {
  readonly config: ClusterConfig;
  readonly watch: WatchObjects;
  /** Where events go, by the name of the destination; none: they are only counted. */
  readonly destinations: readonly { readonly name: string; readonly ship: ShipLogs }[];
  /** Fields that every record of an event has, under ECS names. */
  readonly identity: Readonly<Record<string, string>>;
  readonly dataDir: string;
  readonly clock?: Clock;
  readonly logger: Logger;
}

export interface Cluster extends Service {
  /** The text of `/metrics/kube-state` in pieces. */
  page(): Generator<Buffer>;
  /** Whether every resource was listed, or cannot be; else which are missing. */
  ready(): { readonly ready: boolean; readonly why: string };
  /** Whether the API server is heard; else which watches are dead. */
  healthy(): { readonly healthy: boolean; readonly why: string };
  status(): { readonly objects: number; readonly watches: readonly WatchStatus[] };
}

/** Follows the objects and events of one cluster. */
export function createCluster(options: ClusterOptions): Cluster {
  const { config, watch, destinations, identity, dataDir, clock = systemClock, logger } = options;
  const state = new ObjectState(config.state);
  const events = config.events.enabled
    ? new EventLog({ destinations, identity, folder: resolve(dataDir, 'cluster'), clock, logger })
    : undefined;
  const watches: readonly ObjectWatch[] = [
    ...stateWatches(state, config.state, watch),
    ...(events === undefined ? [] : eventWatches(events.handler, config.state, watch)),
  ];
  let startedAt = clock.now();
  let hide = () => {};

  const statuses = () => watches.map((one) => one.status());
  const names = (found: readonly WatchStatus[]) => [...new Set(found.map(({ resource }) => resource))].join(', ');

  return {
    name: 'cluster',
    page: () => state.page(),
    ready() {
      const missing = statuses().filter(({ synced, state: is }) => !synced && is !== 'absent' && is !== 'denied');
      return { ready: missing.length === 0, why: `not listed yet: ${names(missing)}` };
    },
    healthy() {
      const dead = statuses().filter(
        ({ state: is, lastEventAt }) =>
          is !== 'absent' && is !== 'denied' && clock.now() - Math.max(startedAt, lastEventAt) > DEAD_AFTER_MS,
      );
      return { healthy: dead.length === 0, why: `nothing heard for ${DEAD_AFTER_MS / 1000} s of: ${names(dead)}` };
    },
    status: () => ({ objects: state.objects, watches: statuses() }),
    async start() {
      startedAt = clock.now();
      hide = showObjects(() => state.resources.map(({ table, size }) => [table.resource.plural, size] as const));
      await events?.start();
      // The API server may be away for now: a watch goes on trying, and `ready` says what is missing.
      for (const one of watches)
        void one.start().catch((error: unknown) => logger.error({ error: String(error) }, one.name));
    },
    async stop() {
      await Promise.all(watches.map((one) => one.stop()));
      await events?.stop();
      hide();
    },
  };
}
