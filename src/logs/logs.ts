import type { PreparedChange, Reloadable } from '../lib/lifecycle/reload.ts';
import type { Service } from '../lib/lifecycle/run-group.ts';
import type { LogsConfig } from './config.ts';
import { Destinations } from './destinations.ts';
import { type FollowerOptions, type LogDestination, type LogsStatus, createFollower } from './follower.ts';
import { createFileRules } from './read/discover.ts';
import type { LogFileStatus } from './read/file-status.ts';

export interface LogsOptions extends Omit<FollowerOptions, 'destination'> {
  /** The first is the one whose places `files` returns. */
  readonly destinations: readonly LogDestination[];
}

export interface Logs extends Service, Reloadable<LogsConfig> {
  files(): LogFileStatus[];
  /** Figures of the first destination; the lag is that of the slowest one. Undefined without a destination: nothing is read. */
  status(): LogsStatus | undefined;
  /** Destinations from now on; those that stay, by object, go on untouched. */
  setDestinations(destinations: readonly LogDestination[]): void;
}

/** Settings that decide which files are followed; all others are those of the start. */
const LIVE: ReadonlySet<string> = new Set(['containers', 'containers_path', 'files', 'exclude']);

/**
 * Follows the log files of this machine and hands their records to every destination. Each has places of its own and reads
 * for itself: one that is away lags, and holds up no other (docs/decisions/log-destinations.md).
 */
export function createLogs({ destinations: given, ...options }: LogsOptions): Logs {
  let { config } = options;
  const destinations = new Destinations(
    given,
    (destination) => createFollower({ ...options, config, destination }),
    options.logger,
  );

  async function prepare(next: LogsConfig): Promise<PreparedChange> {
    const fixed = Object.keys(next).filter((key) => !LIVE.has(key)) as (keyof LogsConfig)[];
    const changed = fixed.find((key) => JSON.stringify(next[key]) !== JSON.stringify(config[key]));
    if (changed !== undefined) throw new Error(`logs.${changed}: changed, which needs a restart`);
    return {
      commit() {
        if (JSON.stringify(next) === JSON.stringify(config)) return;
        config = next;
        for (const follower of destinations.followers) follower.setRules(createFileRules(next, options.ownLog));
      },
    };
  }

  return {
    name: 'logs',
    start: () => destinations.start(),
    stop: () => destinations.stop(),
    files: () => destinations.followers[0]?.files() ?? [],
    status() {
      const all = destinations.followers.map((follower) => follower.status());
      return all.length === 0 ? undefined : { ...all[0], lagSeconds: Math.max(...all.map((one) => one.lagSeconds)) };
    },
    prepare,
    setDestinations: (next) => destinations.set(next),
  };
}
