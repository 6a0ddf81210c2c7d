import { join } from 'node:path';
import { type Clock, systemClock } from '../lib/clock.ts';
import { type Logger, LogOnce } from '../lib/logger.ts';
import type { Service } from '../lib/run-group.ts';
import { Ticker } from '../lib/ticker.ts';
import type { ShipLogs } from '../model/log.ts';
import { BatchPool } from './read/batch-pool.ts';
import { Checkpoint } from './read/checkpoint.ts';
import type { LogsConfig } from './config.ts';
import { createFileRules } from './read/discover.ts';
import { hostIdentity } from './read/identity.ts';
import { FileSet } from './read/files.ts';
import { filesByState, lagSeconds } from './metrics.ts';
import { type LogFileStatus, listFiles } from './read/file-status.ts';
import { Rate } from './rate.ts';
import { LogPipeline } from './pipeline.ts';

export interface LogsOptions {
  readonly config: LogsConfig;
  readonly ship: ShipLogs;
  /** The checkpoint lies below, in `logs/`. */
  readonly dataDir: string;
  /** Cluster, region, datacenter …, under ECS names; they stand on every record. */
  readonly identity: Readonly<Record<string, string>>;
  readonly hostname: string;
  /** The program's own log file, followed like any other. */
  readonly ownLog?: string;
  /**
   * Batches of one file that are offered at once, default 1: the next is offered when the one before is accepted. More lets a
   * backlog flow faster to a sink that takes records in any order, as Elasticsearch does.
   */
  readonly perFile?: number;
  readonly clock?: Clock;
  readonly logger: Logger;
}

interface LogsStatus {
  readonly linesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly lagSeconds: number;
  readonly files: number;
  readonly skipped: number;
}

export interface Logs extends Service {
  files(): LogFileStatus[];
  status(): LogsStatus;
}

/** Follows the log files of this machine and hands their records to `ship`. */
export function createLogs(options: LogsOptions): Logs {
  const { config, ship, dataDir, identity, hostname, ownLog, perFile = 1, clock = systemClock, logger } = options;
  const checkpoint = new Checkpoint(join(dataDir, 'logs', 'checkpoint.json'), logger);
  const files = new FileSet({
    config,
    rules: createFileRules(config, ownLog),
    checkpoint,
    surroundings: { identity, hostname },
    host: hostIdentity(hostname),
    folder: join(dataDir, 'logs'),
    logger,
  });
  const pool = new BatchPool(config.read_bytes, config.max_in_flight_bytes);
  const now = () => clock.now();
  const walk = new LogPipeline({ config, files, pool, checkpoint, ship, perFile, now, logger });
  const lines = new Rate();
  const bytes = new Rate();
  const once = new LogOnce();

  const scan = new Ticker({ interval: config.scan_interval, clock }, async () => {
    attempt('scan', () => files.scan(now()));
    measure();
  });
  const poll = new Ticker({ interval: config.poll_interval, clock }, async () => {
    attempt('poll', () => files.poll(now()));
    walk.wake();
  });
  const save = new Ticker({ interval: config.checkpoint_interval, clock }, saveCheckpoint);

  /** A file system that fails in the middle of a round ends that round only. */
  function attempt(what: string, run: () => void): void {
    try {
      run();
      once.clear(what);
    } catch (error) {
      const { message } = error as Error;
      if (once.fresh(what, message)) logger.error({ error: message }, `log files: ${what} did not come to its end`);
    }
  }

  async function saveCheckpoint(): Promise<void> {
    try {
      await checkpoint.save();
      once.clear('checkpoint');
    } catch (error) {
      const { message } = error as Error;
      if (once.fresh('checkpoint', message)) logger.error({ error: message }, 'log checkpoint could not be written');
    }
  }

  function measure(): void {
    lines.note(now(), walk.lines);
    bytes.note(now(), walk.bytes);
    const { lagSeconds: lag, files: followed, skipped } = status();
    lagSeconds.set(lag);
    filesByState.set({ state: 'followed' }, followed);
    filesByState.set({ state: 'skipped' }, skipped);
  }

  function status(): LogsStatus {
    const all = listFiles(files, now());
    const skipped = all.filter(({ state }) => state === 'skipped').length;
    return {
      linesPerSecond: lines.perSecond(now()),
      bytesPerSecond: bytes.perSecond(now()),
      lagSeconds: Math.max(0, ...all.map(({ lag }) => lag)),
      files: all.length - skipped,
      skipped,
    };
  }

  return {
    name: 'logs',
    start() {
      measure();
      checkpoint.load();
      attempt('scan', () => files.scan(now()));
      attempt('recover', () => files.recover(now()));
      scan.start();
      poll.start();
      save.start();
      attempt('poll', () => files.poll(now()));
      walk.wake();
    },
    async stop() {
      await Promise.all([scan.stop(), poll.stop(), save.stop()]);
      await walk.stop(config.stop_timeout);
      await saveCheckpoint();
      files.close();
    },
    files: () => listFiles(files, now()),
    status,
  };
}
