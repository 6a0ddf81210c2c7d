import type { Clock } from '../lib/time/clock.ts';
import { HttpClient } from '../lib/http/client.ts';
import type { Logger } from '../lib/logger.ts';
import { TimeSlice } from '../lib/time/time-slice.ts';
import type { Labels } from '../model/labels.ts';
import type { Series, WriteMetadata, WriteSeries } from '../model/sample.ts';
import type { DroppedTarget } from '../model/target.ts';
import type { ScrapeConfig } from './config.ts';
import { Discovery, type DiscoverySurroundings, type Provider, providersOf } from './discovery/index.ts';
import * as metrics from './metrics.ts';
import { Relabeler } from '../relabel/relabel.ts';
import { type FetchPage, httpPage, localPage } from './scrape-body.ts';
import { ScrapeError } from './scrape-error.ts';
import { ScrapeLog } from './scrape-log.ts';
import { ScrapeLoop } from './scrape-loop.ts';
import { type Resolve, type TargetChanges, TargetSet } from './target-set.ts';
import { identityOf, offsetOf, resolveTarget, type ScrapeTarget, type Timing } from './targets.ts';

/** Gauges of a job are worked out this often at most, milliseconds: they go over all of its targets. */
const GAUGES_MS = 1000;
/** Targets that cannot be scraped and are named in the log; the API has all. */
const NAMED_FAULTS = 10;

/** What every target of the collector is given. */
export interface PoolContext extends DiscoverySurroundings {
  /** Put on every series that has no such label of its own. */
  readonly identity: Labels;
  readonly hostname: string;
  readonly write: WriteSeries;
  readonly writeMetadata?: WriteMetadata;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where a job's targets come from; default: what its configuration lists. */
  readonly providersOf?: (job: ScrapeConfig) => readonly Provider[];
}

/** A page that this process makes itself, scraped like any other, and the URL that names it. */
export interface LocalPage {
  readonly url: string;
  readonly make: () => Promise<Buffer | string>;
}

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

/** The targets of one job: discovers them, and keeps one scrape loop for each. */
export class ScrapePool {
  readonly #context: PoolContext;
  readonly #local: LocalPage | undefined;
  readonly #client: HttpClient;
  readonly #metricRelabel: Relabeler;
  readonly #discovery: Discovery;
  readonly #log: ScrapeLog;
  readonly #targets: TargetSet;
  readonly #loops = new Map<string, ScrapeLoop>();
  #job: ScrapeConfig;
  /** Changes of targets are worked off one after the other. */
  #work: Promise<void> = Promise.resolve();
  #discoveryFaults: readonly string[] = [];
  /** Loops of the pool in whose place this one comes, by the labels of their targets, until their heirs are found. */
  #predecessors = new Map<string, ScrapeLoop>();
  #cancelGauges: (() => void) | undefined;
  #stopped = false;

  /** With `local`, that page takes the place of those behind URLs. */
  constructor(job: ScrapeConfig, timing: Timing, context: PoolContext, local?: LocalPage) {
    this.#job = job;
    this.#context = context;
    this.#local = local;
    this.#client = new HttpClient(job);
    this.#metricRelabel = new Relabeler(job.metric_relabel_configs, isLegacy(job));
    this.#log = new ScrapeLog(context.logger, { job: job.job_name });
    this.#targets = new TargetSet(this.#resolverOf(job, timing));
    this.#discovery = new Discovery(
      context.clock,
      (changes) => void this.#enqueue(() => this.#targets.apply(changes)),
      (faults) => this.#takeFaults(faults),
    );
  }

  /** Resolves once the targets are known that could be found at the first try. `predecessor`: the pool that this one replaces. */
  async start(predecessor?: ScrapePool): Promise<void> {
    if (predecessor !== undefined) this.#predecessors = predecessor.#release();
    await this.#discovery.use(this.#providers());
    await this.#enqueue(() => Promise.resolve(NO_CHANGES));
    await this.#endPredecessors();
  }

  /** Goes over to a job that finds its targets in another way, and is the same otherwise: targets that stay go on undisturbed. */
  async reconfigure(job: ScrapeConfig, timing: Timing): Promise<void> {
    this.#job = job;
    await this.#enqueue(() => this.#targets.resolveBy(this.#resolverOf(job, timing)));
    await this.#discovery.use(this.#providers());
    await this.#work;
  }

  /** `gone`: the job is no more, and its series go stale. */
  async stop(gone: boolean): Promise<void> {
    this.#stopped = true;
    await this.#discovery.stop();
    await this.#work;
    const loops = [...this.#loops.values(), ...this.#predecessors.values()];
    await Promise.all(loops.map((loop) => loop.stop(gone)));
    this.#close();
    if (gone) this.#removeGauges();
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
    const { keep_dropped_targets: most } = this.#job;
    const dropped: DroppedTarget[] = [];
    for (const { scrapePool, discoveredLabels, reason } of this.#targets.dropped()) {
      if (most > 0 && dropped.length >= most) break;
      dropped.push({ scrapePool, discoveredLabels, reason });
    }
    return dropped;
  }

  #providers(): readonly Provider[] {
    return this.#context.providersOf?.(this.#job) ?? providersOf(this.#job, this.#context);
  }

  #resolverOf(job: ScrapeConfig, timing: Timing): Resolve {
    const relabel = new Relabeler(job.relabel_configs, isLegacy(job));
    return (found) => {
      const resolved = resolveTarget(job, relabel, found, timing);
      if ('dropped' in resolved && resolved.isFault) metrics.discoveryFailures.inc({ job: job.job_name });
      if (this.#local === undefined || 'dropped' in resolved) return resolved;
      const target = { ...resolved.target, url: this.#local.url };
      return { target, identity: identityOf(target) };
    };
  }

  #enqueue(change: () => Promise<TargetChanges>): Promise<void> {
    this.#work = this.#work.then(async () => this.#follow(await change()));
    return this.#work;
  }

  /** Starts loops of new targets, ends those of others, and leaves the rest alone. */
  async #follow({ added, removed, rediscovered }: TargetChanges): Promise<void> {
    const ending = new Map<string, ScrapeLoop>();
    for (const identity of removed) {
      const loop = this.#loops.get(identity);
      if (loop === undefined) continue;
      this.#loops.delete(identity);
      // One that has the same labels again, at another URL or interval, goes on with its series.
      ending.set(loop.labels.key, loop);
    }
    for (const target of rediscovered) this.#loops.get(identityOf(target))?.rediscovered(target);
    const slice = new TimeSlice();
    for (const target of this.#stopped ? [] : added) {
      const loop = this.#createLoop(target);
      this.#loops.set(identityOf(target), loop);
      loop.start(this.#seriesOfPredecessor(target, ending));
      if (slice.due) await slice.pause();
    }
    this.#logFaults();
    this.#gaugesSoon();
    await Promise.all([...ending.values()].map((loop) => loop.stop(true)));
  }

  #seriesOfPredecessor(
    { labels }: ScrapeTarget,
    ending: Map<string, ScrapeLoop>,
  ): Promise<readonly Series[]> | undefined {
    for (const loops of [ending, this.#predecessors]) {
      const loop = loops.get(labels.key);
      if (loop === undefined) continue;
      loops.delete(labels.key);
      return loop.handOver();
    }
    return undefined;
  }

  /** Ends this pool but for its loops, which the pool that replaces it ends one by one. */
  #release(): Map<string, ScrapeLoop> {
    const loops = [...this.#loops.values()];
    this.#loops.clear();
    this.#stopped = true;
    void this.#discovery.stop();
    this.#close();
    return new Map([...this.#predecessors, ...loops.map((loop): [string, ScrapeLoop] => [loop.labels.key, loop])]);
  }

  async #endPredecessors(): Promise<void> {
    const loops = [...this.#predecessors.values()];
    this.#predecessors.clear();
    await Promise.all(loops.map((loop) => loop.stop(true)));
  }

  #takeFaults(faults: readonly string[]): void {
    if (faults.length > 0) metrics.discoveryFailures.inc({ job: this.#job.job_name }, faults.length);
    this.#discoveryFaults = faults;
    this.#logFaults();
  }

  #logFaults(): void {
    const faults = [...this.#discoveryFaults];
    if (this.#refusal !== undefined) faults.push(`${this.#refusal}: none is scraped`);
    for (const { discoveredLabels, reason, isFault } of this.#targets.dropped()) {
      if (faults.length >= NAMED_FAULTS) break;
      if (isFault) faults.push(`target ${discoveredLabels.get('__address__')}: ${reason}`);
    }
    this.#log.discovery(faults);
  }

  /** Why no target is scraped at present. */
  get #refusal(): string | undefined {
    const { target_limit: limit } = this.#job;
    const { size } = this.#targets;
    return limit > 0 && size > limit ? `${size} targets, target_limit is ${limit}` : undefined;
  }

  #gaugesSoon(): void {
    if (this.#stopped) return;
    this.#cancelGauges ??= this.#context.clock.after(GAUGES_MS, () => {
      this.#cancelGauges = undefined;
      this.#setGauges();
    });
  }

  #setGauges(): void {
    const job = this.#job.job_name;
    const status = this.status();
    metrics.activeSeries.set({ job }, status.series);
    for (const health of HEALTHS) metrics.targetCount.set({ job, health }, status[health]);
  }

  #removeGauges(): void {
    const job = this.#job.job_name;
    metrics.activeSeries.remove({ job });
    for (const health of HEALTHS) metrics.targetCount.remove({ job, health });
  }

  #close(): void {
    this.#cancelGauges?.();
    this.#client.close();
  }

  #pageOf({ url, timeout }: ScrapeTarget): FetchPage {
    const page =
      this.#local === undefined
        ? httpPage(this.#client, this.#job, url, timeout)
        : localPage(this.#local.make, timeout, this.#context.clock);
    return (signal) => {
      const refusal = this.#refusal;
      return refusal === undefined ? page(signal) : Promise.reject(new ScrapeError('target_limit', refusal));
    };
  }

  #createLoop(target: ScrapeTarget): ScrapeLoop {
    const job = this.#job;
    const { identity, hostname, write, writeMetadata, clock, logger } = this.#context;
    return new ScrapeLoop({
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
          legacyNames: isLegacy(job),
        },
        honorTimestamps: job.honor_timestamps,
        trackTimestampsStaleness: job.track_timestamps_staleness,
        sampleLimit: job.sample_limit,
      },
      offset: offsetOf(target, hostname),
      atOnce: this.#local !== undefined,
      onScraped: () => this.#gaugesSoon(),
      write,
      writeMetadata,
      clock,
      logger,
    });
  }
}

const HEALTHS = ['up', 'down', 'unknown'] as const;
const NO_CHANGES: TargetChanges = { added: [], removed: [], rediscovered: [] };

function isLegacy(job: ScrapeConfig): boolean {
  return job.metric_name_validation_scheme === 'legacy';
}
