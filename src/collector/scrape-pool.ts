import type { Clock } from '../lib/clock.ts';
import { HttpClient } from '../lib/http-client.ts';
import type { Logger } from '../lib/logger.ts';
import type { Labels } from '../model/labels.ts';
import type { WriteMetadata, WriteSeries } from '../model/sample.ts';
import type { DroppedTarget } from '../model/target.ts';
import type { ScrapeConfig } from './config.ts';
import { Discovery } from './discovery.ts';
import * as metrics from './metrics.ts';
import { type FetchPage, httpPage, localPage } from './scrape-body.ts';
import { Relabeler } from './relabel.ts';
import { ScrapeError } from './scrape-error.ts';
import { ScrapeLoop } from './scrape-loop.ts';
import { ScrapeLog } from './scrape-log.ts';
import { identityOf, offsetOf, resolveTargets, type Resolved, type ScrapeTarget, type Timing } from './targets.ts';

/** What every target of the collector is given. */
export interface PoolContext {
  readonly identity: Labels;
  readonly hostname: string;
  readonly write: WriteSeries;
  readonly writeMetadata?: WriteMetadata;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A page that this process makes itself, scraped like any other. */
export type MakePage = () => Promise<Buffer | string>;

export interface PoolStatus {
  /** Targets by health. */
  readonly up: number;
  readonly down: number;
  readonly unknown: number;
  readonly series: number;
  readonly samplesPerSecond: number;
  /** Milliseconds. */
  readonly lastScrape: number;
}

/** The targets of one job: finds them, and keeps one walk going for each. */
export class ScrapePool {
  readonly job: ScrapeConfig;
  readonly timing: Timing;
  readonly #context: PoolContext;
  readonly #make: MakePage | undefined;
  readonly #client: HttpClient;
  readonly #relabel: Relabeler;
  readonly #metricRelabel: Relabeler;
  readonly #discovery: Discovery;
  readonly #log: ScrapeLog;
  #loops = new Map<string, ScrapeLoop>();
  #dropped: readonly DroppedTarget[] = [];

  /** With `make`, that page stands in for those behind URLs. */
  constructor(job: ScrapeConfig, timing: Timing, context: PoolContext, make?: MakePage) {
    this.job = job;
    this.timing = timing;
    this.#context = context;
    this.#make = make;
    this.#client = new HttpClient(job);
    const legacyNames = job.metric_name_validation_scheme === 'legacy';
    this.#relabel = new Relabeler(job.relabel_configs, legacyNames);
    this.#metricRelabel = new Relabeler(job.metric_relabel_configs, legacyNames);
    this.#log = new ScrapeLog(context.logger, { job: job.job_name });
    this.#discovery = new Discovery(job, context.clock, (groups, faults) => {
      const resolved = resolveTargets(job, this.#relabel, groups, timing);
      return this.#sync({ ...resolved, faults: [...faults, ...resolved.faults] });
    });
  }

  async start(): Promise<void> {
    await this.#discovery.start();
  }

  /** `gone`: the job is no more, and its series go stale. */
  async stop(gone: boolean): Promise<void> {
    await this.#discovery.stop();
    await Promise.all([...this.#loops.values()].map((loop) => loop.stop(gone)));
    this.#client.close();
    if (!gone) return;
    this.#loops.clear();
    this.#setGauges();
  }

  status(): PoolStatus {
    const status = { up: 0, down: 0, unknown: 0, series: 0, samplesPerSecond: 0, lastScrape: 0 };
    for (const loop of this.#loops.values()) {
      const { health, scrapeInterval, lastScrape } = loop.status();
      status[health]++;
      status.series += loop.seriesCount;
      status.samplesPerSecond += loop.seriesCount / (scrapeInterval / 1000);
      status.lastScrape = Math.max(status.lastScrape, lastScrape);
    }
    return status;
  }

  get loops(): readonly ScrapeLoop[] {
    return [...this.#loops.values()];
  }

  get dropped(): readonly DroppedTarget[] {
    const { keep_dropped_targets: most } = this.job;
    return most > 0 ? this.#dropped.slice(0, most) : this.#dropped;
  }

  /** Lets walks of targets that stay go on, starts those of new ones and ends those of others. */
  async #sync({ targets, dropped, faults }: Resolved): Promise<void> {
    this.#dropped = dropped;
    if (faults.length > 0) metrics.discoveryFailures.inc({ job: this.job.job_name }, faults.length);
    this.#log.discovery(faults);
    const old = this.#loops;
    this.#loops = new Map();
    for (const target of targets) {
      const key = identityOf(target);
      const known = old.get(key);
      old.delete(key);
      this.#loops.set(key, known ?? this.#startLoop(target));
    }
    await Promise.all([...old.values()].map((loop) => loop.stop(true)));
  }

  #setGauges(): void {
    const job = this.job.job_name;
    const status = this.status();
    metrics.activeSeries.set({ job }, status.series);
    for (const health of ['up', 'down', 'unknown'] as const) metrics.targetCount.set({ job, health }, status[health]);
  }

  #pageOf({ url, timeout, refusal }: ScrapeTarget): FetchPage {
    if (refusal !== undefined) return () => Promise.reject(new ScrapeError('target_limit', refusal));
    return this.#make === undefined
      ? httpPage(this.#client, this.job, url, timeout)
      : localPage(this.#make, timeout, this.#context.clock);
  }

  #startLoop(target: ScrapeTarget): ScrapeLoop {
    const { job } = this;
    const { identity, hostname, write, writeMetadata, clock, logger } = this.#context;
    const loop = new ScrapeLoop({
      job: job.job_name,
      target,
      fetchPage: this.#pageOf(target),
      cache: {
        rules: {
          targetLabels: target.labels,
          honorLabels: job.honor_labels,
          metricRelabel: this.#metricRelabel,
          identity,
          labelLimit: job.label_limit,
          labelNameLengthLimit: job.label_name_length_limit,
          labelValueLengthLimit: job.label_value_length_limit,
          legacyNames: job.metric_name_validation_scheme === 'legacy',
        },
        honorTimestamps: job.honor_timestamps,
        trackTimestampsStaleness: job.track_timestamps_staleness,
        sampleLimit: job.sample_limit,
      },
      offset: offsetOf(target, hostname),
      atOnce: this.#make !== undefined,
      onScraped: () => this.#setGauges(),
      write,
      writeMetadata,
      clock,
      logger,
    });
    loop.start();
    return loop;
  }
}
