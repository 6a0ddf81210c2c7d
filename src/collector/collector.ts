import { type Clock, systemClock } from '../lib/time/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Reloadable } from '../lib/lifecycle/reload.ts';
import type { Service } from '../lib/lifecycle/run-group.ts';
import { Labels } from '../model/labels.ts';
import type { MetricMetadata, WriteMetadata, WriteSeries } from '../model/sample.ts';
import type { DroppedTarget, TargetStatus } from '../model/target.ts';
import { type CollectorConfig, type ScrapeConfig, scrapeConfigSchema } from './config.ts';
import type { ConnectKubernetes } from './discovery/index.ts';
import { kubeletJobs, type KubeletNode } from './kubelet/jobs.ts';
import { podsJob } from './node-pods/job.ts';
import { createNodePage } from './node/index.ts';
import { type Complaint, InputError } from '../lib/schema/yaml.ts';
import { loadScrapeConfigs, type ScrapeJob } from './scrape-configs.ts';
import { type LocalPage, type PoolContext, ScrapePool } from './scrape-pool.ts';
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
  /** Absent: `kubernetes_sd_configs` find nothing, and say so. */
  readonly connectKubernetes?: ConnectKubernetes;
  /** The node of Kubernetes on which this process runs; absent where it is none. */
  readonly kubernetesNode?: KubeletNode & {
    /** Knows the pods of this node, and no others. */
    readonly connectPods: ConnectKubernetes;
  };
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

export interface Collector extends Service, Reloadable<CollectorConfig> {
  targets(): TargetStatus[];
  droppedTargets(): DroppedTarget[];
  /** What the pages of one of `targets` say about their metrics. */
  metadataOf(target: TargetStatus): readonly MetricMetadata[];
  status(): CollectorStatus;
}

/** How long a start waits for targets that have to be asked for, milliseconds; those that come later are scraped all the same. */
const FIRST_TARGETS_MS = 3000;

/**
 * Collects metrics: every target of `scrape_configs`, the machine's own, and those of this process.
 *
 * On a reload, a job that is the same goes on undisturbed. One that only finds its targets in another way keeps the loops of
 * targets that stay. Of any other, each target's new loop takes the series of the old one over, so that they do not go stale.
 */
export function createCollector(options: CollectorOptions): Collector {
  const clock = options.clock ?? systemClock;
  let pools = new Map<string, Running>();
  /** What a start or reload has set going. */
  let settled: Promise<unknown> = Promise.resolve();

  function switchTo(jobs: readonly Job[]): void {
    const old = pools;
    pools = new Map();
    const changes = jobs.map((job): Promise<void> | undefined => {
      const known = old.get(job.name);
      old.delete(job.name);
      const isKept = known?.job.scrapeKey === job.scrapeKey;
      const pool = isKept ? known.pool : job.create();
      pools.set(job.name, { job, pool });
      if (!isKept) return pool.start(known?.pool);
      return known.job.discoveryKey === job.discoveryKey ? undefined : pool.reconfigure(job.config, job.timing);
    });
    const ended = Array.from(old.values(), ({ pool }) => pool.stop(true));
    settled = Promise.all([settled, ...changes, ...ended]);
  }

  const prepare = (config: CollectorConfig) => Promise.resolve(jobsOf(config, options, clock));
  const running = () => Array.from(pools.values(), ({ pool }) => pool);
  const loops = () => running().flatMap((pool) => pool.loops);
  return {
    name: 'collector',
    async start() {
      switchTo(await prepare(options.config));
      await Promise.race([settled, new Promise<void>((resolve) => clock.after(FIRST_TARGETS_MS, resolve))]);
    },
    async stop() {
      await Promise.all(running().map((pool) => pool.stop(false)));
      await settled;
    },
    async prepare(config) {
      const jobs = await prepare(config);
      return { commit: () => switchTo(jobs) };
    },
    targets: () => loops().map((loop) => loop.status()),
    metadataOf: ({ labels }) =>
      loops()
        .find((loop) => loop.labels === labels)
        ?.metadata() ?? [],
    droppedTargets: () => running().flatMap((pool) => [...pool.dropped]),
    status: () => statusOf(running()),
  };
}

interface Running {
  readonly job: Job;
  readonly pool: ScrapePool;
}

interface Job {
  readonly name: string;
  readonly config: ScrapeConfig;
  readonly timing: Timing;
  /** Equal where targets are found in the same way and get the same labels and URLs. */
  readonly discoveryKey: string;
  /** Equal where a target is scraped in the same way. */
  readonly scrapeKey: string;
  create(): ScrapePool;
}

/** @throws {InputError} for files that cannot be used */
function jobsOf(config: CollectorConfig, options: CollectorOptions, clock: Clock): Job[] {
  const { node, self } = config;
  const context = { ...options, clock, identity: Labels.of(options.identity) };
  const unused = new Map<string, readonly string[]>();
  const scrapeConfigs = loadScrapeConfigs(config, options.folder ?? process.cwd(), (file, keys) =>
    unused.set(file, keys),
  );
  for (const [file, keys] of unused) options.logger.warn({ file, keys }, 'keys of a scrape config file are not used');
  const jobs = scrapeConfigs.map((job) => {
    const identity = Labels.of({ ...job.external_labels, ...options.identity });
    return jobOf(job, timingOf(job, config), { ...context, identity });
  });
  jobs.push(...jobsOfKubernetes(config, options, context));
  if (node.enabled) {
    const timing = timingOf({ scrape_interval: node.scrape_interval }, config);
    const page = { url: 'crowsnest://node', make: createNodePage(node, options.logger) };
    jobs.push(jobOf(localJob(node.job, options.hostname), timing, context, page, node));
  }
  if (self.enabled && options.selfPage !== undefined) {
    const page = { url: 'crowsnest://self', make: options.selfPage };
    jobs.push(jobOf(localJob(self.job, options.hostname), timingOf({}, config), context, page, self));
  }
  return jobs;
}

/** @throws {InputError} where they are asked for and there is no node */
function jobsOfKubernetes(config: CollectorConfig, options: CollectorOptions, context: PoolContext): Job[] {
  const { kubelet, pods } = config;
  const { kubernetesNode: node } = options;
  const isOn = (name: string, enabled: boolean | 'auto') => {
    if (enabled === true && node === undefined) throw new InputError([noNode(`collect.${name}.enabled`)]);
    return enabled !== false;
  };
  const isKubeletOn = isOn('kubelet', kubelet.enabled);
  const arePodsOn = isOn('pods', pods.enabled);
  if (node === undefined) return [];
  const own = (job: ScrapeConfig, settings: { scrape_interval?: number }, within: PoolContext) => ({
    ...jobOf(job, timingOf(settings, config), within),
    // A job of the configuration may have the same name.
    name: `crowsnest://kubernetes ${job.job_name}`,
  });
  return [
    ...(isKubeletOn ? kubeletJobs(kubelet, node).map((job) => own(job, kubelet, context)) : []),
    ...(arePodsOn ? [own(podsJob(pods), pods, { ...context, connectKubernetes: node.connectPods })] : []),
  ];
}

/** Why what runs on a node only is refused elsewhere. */
export const NO_NODE = 'expected false or auto: the name of this node is not known, see kubernetes.node';

function noNode(path: string): Complaint {
  return { file: 'configuration', line: 0, column: 0, path, message: NO_NODE };
}

function jobOf(job: ScrapeJob, timing: Timing, context: PoolContext, local?: LocalPage, detail?: unknown): Job {
  const {
    static_configs, file_sd_configs, http_sd_configs, dns_sd_configs, kubernetes_sd_configs, relabel_configs, target_limit,
    keep_dropped_targets, metrics_path, scheme, params, scrape_interval, scrape_timeout, ...scraping
  } = job; // prettier-ignore
  const found = [
    static_configs, file_sd_configs, http_sd_configs, dns_sd_configs, kubernetes_sd_configs, relabel_configs, target_limit,
    keep_dropped_targets, metrics_path, scheme, params, scrape_interval, scrape_timeout,
  ]; // prettier-ignore
  return {
    name: local === undefined ? job.job_name : `${local.url} ${job.job_name}`,
    config: job,
    timing,
    discoveryKey: JSON.stringify([found, timing]),
    scrapeKey: JSON.stringify([scraping, detail]),
    create: () => new ScrapePool(job, timing, context, local),
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
