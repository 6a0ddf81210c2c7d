import type { Service } from '../lib/run-group.ts';
import type { PreparedChange, Reloadable } from '../lib/reload.ts';
import type { LogsConfig } from './config.ts';
import {
  type Follower,
  type FollowerOptions,
  type LogDestination,
  type LogsStatus,
  createFollower,
} from './follower.ts';
import { createFileRules } from './read/discover.ts';
import type { LogFileStatus } from './read/file-status.ts';

export interface LogsOptions extends Omit<FollowerOptions, 'destination'> {
  /** The first is the one whose places `files` returns. */
  readonly destinations: readonly LogDestination[];
}

export interface Logs extends Service, Reloadable<LogsConfig> {
  files(): LogFileStatus[];
  /** Figures of the first destination; the lag is that of the slowest one. */
  status(): LogsStatus;
}

/** Settings that decide which files are followed; all others are those of the start. */
const LIVE: ReadonlySet<string> = new Set(['containers', 'containers_path', 'files', 'exclude']);

/**
 * Follows the log files of this machine and hands their records to every destination. Each has places of its own and reads
 * for itself: one that is away lags, and holds up no other (docs/decisions/log-destinations.md).
 */
export function createLogs({ destinations, ...options }: LogsOptions): Logs {
  const followers = withOwnNames(destinations).map((destination) => createFollower({ ...options, destination }));
  const [first] = followers;
  let { config } = options;

  async function prepare(next: LogsConfig): Promise<PreparedChange> {
    const fixed = Object.keys(next).filter((key) => !LIVE.has(key)) as (keyof LogsConfig)[];
    const changed = fixed.find((key) => JSON.stringify(next[key]) !== JSON.stringify(config[key]));
    if (changed !== undefined) throw new Error(`logs.${changed}: changed, which needs a restart`);
    return {
      commit() {
        if (JSON.stringify(next) === JSON.stringify(config)) return;
        config = next;
        for (const follower of followers) follower.setRules(createFileRules(next, options.ownLog));
      },
    };
  }

  return {
    name: 'logs',
    async start() {
      for (const follower of followers) await follower.start();
    },
    async stop() {
      await Promise.all(followers.map(async (follower) => follower.stop()));
    },
    files: () => first.files(),
    status: () => ({ ...first.status(), lagSeconds: slowest(followers) }),
    prepare,
  };
}

/** The same place named twice gets everything twice, each time with places of its own. */
function withOwnNames(destinations: readonly LogDestination[]): LogDestination[] {
  const seen = new Map<string, number>();
  return destinations.map((destination) => {
    const times = (seen.get(destination.name) ?? 0) + 1;
    seen.set(destination.name, times);
    return times === 1 ? destination : { ...destination, name: `${destination.name} #${times}` };
  });
}

function slowest(followers: readonly Follower[]): number {
  return Math.max(...followers.map((follower) => follower.status().lagSeconds));
}
