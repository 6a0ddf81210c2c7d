import { type Clock, systemClock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Service } from '../lib/run-group.ts';
import { Labels } from '../model/labels.ts';
import type { MetricMetadata, WriteMetadata, WriteSeries } from '../model/sample.ts';
import type { DroppedTarget, TargetStatus } from '../model/target.ts';
import { type CollectorConfig, type ScrapeConfig, scrapeConfigSchema } from './config.ts';
import { createNodePage } from './node/index.ts';
import { type MakePage, type PoolContext, ScrapePool } from './scrape-pool.ts';
import { loadScrapeConfigs } from './scrape-configs.ts';
import type { Timing } from './targets.ts';

interface CollectorOptions {
  readonly config: CollectorConfig;
  /** Where relative paths in the configuration start; default: the working directory. */
  readonly folder?: string;
  /** Put on every series that has no such label of its own. */
  readonly identity: Readonly<Record<string, string>>;
  /** `instance` of what is collected from this process and this machine. */
  readonly hostname: string;
  readonly write: WriteSeries;
  readonly writeMetadata?: WriteMetadata;
  /** The metrics of this process, as a page. */
  readonly selfPage?: () => Promise<string>;
  readonly clock?: Clock;
  readonly logger: Logger;
}

interface CollectorStatus {
  readonly targets: number;
  readonly down: number;
  /** Series of the last scrape of every target. */
  readonly series: number;
  /** What these make a second at their intervals. */
  readonly samplesPerSecond: number;
  /** Milliseconds; 0 before the first scrape. */
  readonly lastScrape: number;
}

export interface Collector extends Service {
  targets(): TargetStatus[];
  droppedTargets(): DroppedTarget[];
  /** What the pages of one of `targets` say about their metrics. */
  metadataOf(target: TargetStatus): readonly MetricMetadata[];
  status(): CollectorStatus;
  /**
   * Goes over to another configuration; jobs that are the same in both go on undisturbed.
   * @throws {InputError} for files it names that cannot be used; all then stays as it was
   */
  reload(config: CollectorConfig): Promise<void>;
}

/** Collects metrics: every target of `scrape_configs`, the machine's own, and those of this process. */
export function createCollector(options: CollectorOptions): Collector {
  const context: PoolContext = {
    ...options,
    identity: Labels.of(options.identity),
    clock: options.clock ?? systemClock,
  };
  let pools = new Map<string, ScrapePool>();

  async function switchTo(config: CollectorConfig): Promise<void> {
    const jobs = jobsOf(config, options, context);
    const old = pools;
    const next = new Map<string, ScrapePool>();
    const fresh: ScrapePool[] = [];
    for (const { key, create } of jobs) {
      const known = old.get(key);
      const pool = known ?? create();
      if (known === undefined) fresh.push(pool);
      old.delete(key);
      next.set(key, pool);
    }
    pools = next;
    await Promise.all([...old.values()].map((pool) => pool.stop(true)));
    await Promise.all(fresh.map((pool) => pool.start()));
  }

  const loops = () => [...pools.values()].flatMap((pool) => pool.loops);
  return {
    name: 'collector',
    start: () => switchTo(options.config),
    stop: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.stop(false)));
    },
    targets: () => loops().map((loop) => loop.status()),
    metadataOf: ({ labels }) =>
      loops()
        .find((loop) => loop.labels === labels)
        ?.metadata() ?? [],
    droppedTargets: () => [...pools.values()].flatMap((pool) => [...pool.dropped]),
    status: () => statusOf([...pools.values()]),
    reload: (config) => switchTo(config),
  };
}

interface Job {
  /** Equal where the whole configuration of the job is. */
  readonly key: string;
  readonly create: () => ScrapePool;
}

function jobsOf(config: CollectorConfig, options: CollectorOptions, context: PoolContext): Job[] {
  const scrapeConfigs = loadScrapeConfigs(config, options.folder ?? process.cwd());
  const jobs = scrapeConfigs.map((job) => jobOf(job, timingOf(job, config), context));
  const local = (name: string, make: MakePage, interval: number | undefined, detail: unknown) => {
    const job = localJob(name, options.hostname);
    const timing = timingOf({ scrape_interval: interval }, config);
    return jobOf(job, timing, context, make, detail);
  };
  const { node, self } = config;
  if (node.enabled) jobs.push(local(node.job, createNodePage(node), node.scrape_interval, node));
  if (self.enabled && options.selfPage !== undefined) jobs.push(local(self.job, options.selfPage, undefined, self));
  return jobs;
}

function jobOf(job: ScrapeConfig, timing: Timing, context: PoolContext, make?: MakePage, detail?: unknown): Job {
  return {
    key: JSON.stringify([job, timing, detail]),
    create: () => new ScrapePool(job, timing, context, make),
  };
}

function localJob(name: string, hostname: string): ScrapeConfig {
  return scrapeConfigSchema.parse({ job_name: name, static_configs: [{ targets: [hostname] }] });
}

/** A timeout that was not asked for shrinks with a short interval. */
function timingOf(job: { scrape_interval?: number; scrape_timeout?: number }, config: CollectorConfig): Timing {
  const interval = job.scrape_interval ?? config.scrape_interval;
  return { interval, timeout: job.scrape_timeout ?? Math.min(config.scrape_timeout, interval) };
}

function statusOf(pools: readonly ScrapePool[]): CollectorStatus {
  const all = { targets: 0, down: 0, series: 0, samplesPerSecond: 0, lastScrape: 0 };
  for (const pool of pools) {
    const { up, down, unknown, series, samplesPerSecond, lastScrape } = pool.status();
    all.targets += up + down + unknown;
    all.down += down;
    all.series += series;
    all.samplesPerSecond += samplesPerSecond;
    all.lastScrape = Math.max(all.lastScrape, lastScrape);
  }
  return all;
}
