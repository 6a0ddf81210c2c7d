import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Clock, systemClock } from '../lib/time/clock.ts';
import { type Logger, LogOnce } from '../lib/logger.ts';
import type { Service } from '../lib/lifecycle/run-group.ts';
import { Ticker } from '../lib/time/ticker.ts';
import type { ShipLogs } from '../model/log.ts';
import { BatchPool } from './read/batch-pool.ts';
import { Checkpoint } from './read/checkpoint.ts';
import type { LogsConfig } from './config.ts';
import type { PodFields } from './enrich.ts';
import { type FileRules, createFileRules } from './read/discover.ts';
import { hostIdentity } from './read/identity.ts';
import { FileSet } from './read/files.ts';
import { filesByState, metricsOf } from './metrics.ts';
import { type LogFileStatus, listFiles } from './read/file-status.ts';
import { PodWatch } from './read/pod-watch.ts';
import { Rate } from './rate.ts';
import { LogPipeline } from './pipeline.ts';

export interface FollowerOptions {
  readonly config: LogsConfig;
  readonly destination: LogDestination;
  /** Checkpoints lie below, in `logs/`. */
  readonly dataDir: string;
  /** Cluster, region, datacenter …, under ECS names; added to every record. */
  readonly identity: Readonly<Record<string, string>>;
  readonly hostname: string;
  /** What is known of the pods of this node; absent where it is none. */
  readonly podFields?: PodFields;
  /** The program's own log file, followed like any other. */
  readonly ownLog?: string;
  readonly clock?: Clock;
  readonly logger: Logger;
}

/** A place that gets every record. */
export interface LogDestination {
  /** Names it in metrics, and its places in files on disk: the same after a restart. */
  readonly name: string;
  readonly ship: ShipLogs;
  /**
   * Batches of one file that are offered at once, default 1: the next is offered when the one before is accepted. More lets a
   * backlog flow faster to a sink that takes records in any order, as Elasticsearch does.
   */
  readonly perFile?: number;
  /** Called once, when its follower has stopped: drains what was handed over and frees what it holds. */
  readonly stop?: () => Promise<void> | void;
}

export interface LogsStatus {
  readonly linesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly lagSeconds: number;
  readonly files: number;
  readonly skipped: number;
}

export interface Follower extends Service {
  files(): LogFileStatus[];
  status(): LogsStatus;
  /** Other files are asked for from now on; those that still are keep their places. */
  setRules(rules: FileRules): void;
}

/** Milliseconds after an event in a folder of pods at which files are looked for. */
const AFTER_EVENT = [0, 20, 60, 150, 400];

/** Follows the log files of this machine for one destination: what another one does, or does not, makes no difference. */
export function createFollower(options: FollowerOptions): Follower {
  const { config, destination, dataDir, identity, hostname, podFields, ownLog, clock = systemClock, logger } = options;
  const { name, ship, perFile = 1 } = destination;
  const folder = join(dataDir, 'logs');
  const checkpoint = new Checkpoint(join(folder, checkpointName(name)), logger, join(folder, SHARED_CHECKPOINT));
  const files = new FileSet({
    config,
    rules: createFileRules(config, ownLog),
    checkpoint,
    surroundings: { identity, hostname, podFields },
    host: hostIdentity(hostname),
    folder,
    logger,
  });
  const metrics = metricsOf(name);
  const pool = new BatchPool(config.read_bytes, config.max_in_flight_bytes, metrics.inFlightBytes);
  const now = () => clock.now();
  const pipeline = new LogPipeline({ config, files, pool, checkpoint, ship, perFile, now, metrics, logger });
  const lines = new Rate();
  const bytes = new Rate();
  const once = new LogOnce();

  const watch = config.containers === false ? undefined : new PodWatch(config.containers_path, scanSoon, logger);
  let pendingScans: (() => void)[] = [];

  /** A folder comes before the files in it: several scans follow an event, closer together than a pod lives. */
  function scanSoon(): void {
    for (const cancel of pendingScans) cancel();
    pendingScans = AFTER_EVENT.map((ms) =>
      clock.after(ms, () => {
        attempt('scan', () => files.scan(now()));
        attempt('poll', () => files.poll(now()));
        watch?.refresh();
        pipeline.wake();
      }),
    );
  }

  const scan = new Ticker({ interval: config.scan_interval, clock }, async () => {
    attempt('scan', () => files.scan(now()));
    watch?.refresh();
    measure();
  });
  const poll = new Ticker({ interval: config.poll_interval, clock }, async () => {
    attempt('poll', () => files.poll(now()));
    pipeline.wake();
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
    lines.note(now(), pipeline.lines);
    bytes.note(now(), pipeline.bytes);
    const { lagSeconds: lag, files: followed, skipped } = status();
    metrics.lagSeconds.set(lag);
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
    name: `logs for ${name}`,
    start() {
      measure();
      watch?.refresh();
      checkpoint.load();
      attempt('scan', () => files.scan(now()));
      attempt('recover', () => files.recover(now()));
      scan.start();
      poll.start();
      save.start();
      attempt('poll', () => files.poll(now()));
      pipeline.wake();
    },
    async stop() {
      watch?.close();
      for (const cancel of pendingScans) cancel();
      await Promise.all([scan.stop(), poll.stop(), save.stop()]);
      await pipeline.stop(config.stop_timeout);
      await saveCheckpoint();
      files.close();
    },
    files: () => listFiles(files, now()),
    status,
    setRules: (rules) => files.setRules(rules),
  };
}

/** Of versions that had one place for all destinations. */
const SHARED_CHECKPOINT = 'checkpoint.json';

function checkpointName(destination: string): string {
  return `checkpoint-${createHash('sha256').update(destination).digest('hex').slice(0, 12)}.json`;
}
