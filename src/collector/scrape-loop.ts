import type { Clock } from '../lib/time/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { maskSecretsOfUrl } from '../lib/http/mask-url.ts';
import { Ticker } from '../lib/time/ticker.ts';
import type { Labels } from '../model/labels.ts';
import type { MetricMetadata, SampleBatch, Series, SeriesLayout, WriteMetadata, WriteSeries } from '../model/sample.ts';
import type { LeftOutLines, TargetStatus } from '../model/target.ts';
import * as metrics from './metrics.ts';
import type { FetchPage } from './scrape-body.ts';
import { ScrapeCache, type CacheOptions, type PageSummary } from './scrape-cache.ts';
import { NOTHING_READ, ScrapeError } from './scrape-error.ts';
import { batchAt, staleBatch, withStale, reportSeries, reportValues } from './report.ts';
import type { ScrapeTarget } from './targets.ts';
import { ScrapeLog } from './scrape-log.ts';

/** How long a stop waits for a receiver that does not answer. */
const STOP_MS = 5000;
/** A scrape this late, or early (share of the interval), still gets the time it was due at, so that steps stay even. */
const LATE_SHARE = 0.01;

export interface ScrapeLoopOptions {
  readonly job: string;
  readonly target: ScrapeTarget;
  readonly fetchPage: FetchPage;
  readonly cache: Omit<CacheOptions, 'report'>;
  /** Milliseconds into the interval. */
  readonly offset: number;
  /** Scrape at the start as well, and not only when the turn comes. */
  readonly atOnce: boolean;
  readonly write: WriteSeries;
  readonly writeMetadata?: WriteMetadata;
  /** Called after every scrape, once it is written. */
  readonly onScraped: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Scrapes one target: fetches its page, reads it, writes the samples; again at every interval. */
export class ScrapeLoop {
  readonly #options: ScrapeLoopOptions;
  readonly #cache: ScrapeCache;
  readonly #report: readonly Series[];
  readonly #downLayout: SeriesLayout;
  readonly #ticker: Ticker;
  readonly #log: ScrapeLog;
  #abort = new AbortController();
  #first: Promise<void> = Promise.resolve();
  #health: TargetStatus['health'] = 'unknown';
  #lastError = '';
  #lastScrape = 0;
  #lastDuration = 0;
  #leftOut: LeftOutLines | undefined;
  #discoveredLabels: Labels;
  #inherited: readonly Series[] = [];

  constructor(options: ScrapeLoopOptions) {
    const { target, cache, clock, job, logger } = options;
    this.#options = options;
    this.#discoveredLabels = target.discoveredLabels;
    this.#report = reportSeries(target.labels, cache.rules.identity);
    this.#downLayout = { series: this.#report };
    this.#cache = new ScrapeCache({ ...cache, report: this.#report });
    this.#log = new ScrapeLog(logger, { job, target: maskSecretsOfUrl(target.url) });
    this.#ticker = new Ticker(
      {
        interval: target.interval,
        offset: options.offset,
        clock,
        onMissed: (count) => metrics.missedTicks.inc({ job }, count),
      },
      (due) => this.#scrape(due),
    );
  }

  /**
   * Starts scraping. `inherited`: series of a target in whose place this one comes, once it has ended. Those that the first
   * scrape does not have go stale with it.
   */
  start(inherited: Promise<readonly Series[]> = Promise.resolve([])): void {
    this.#first = this.#begin(inherited);
  }

  async #begin(inherited: Promise<readonly Series[]>): Promise<void> {
    this.#inherited = await inherited;
    if (this.#options.atOnce && !this.#abort.signal.aborted) await this.#scrape(this.#options.clock.now());
    this.#ticker.start();
  }

  /** The same target, discovered with other labels. */
  rediscovered(target: ScrapeTarget): void {
    this.#discoveredLabels = target.discoveredLabels;
  }

  /**
   * Stops scraping; a scrape under way is given up. `gone`: the target is no more, so its series go stale; on a mere restart
   * they go on where they were.
   */
  async stop(gone: boolean): Promise<void> {
    const series = await this.handOver();
    if (!gone || series.length === 0) return;
    const time = Math.max(this.#options.clock.now(), this.#lastScrape + 1);
    await this.#write(staleBatch(series, time));
  }

  /** Stops scraping, and returns the series that are not stale yet for whoever scrapes them from now on. */
  async handOver(): Promise<readonly Series[]> {
    this.#abort.abort();
    const ended = Promise.all([this.#first, this.#ticker.stop()]);
    await Promise.race([ended, new Promise<void>((resolve) => this.#options.clock.after(STOP_MS, resolve))]);
    const own = this.#lastScrape > 0 ? [...this.#cache.tracked(), ...this.#report] : [];
    return [...own, ...this.#inherited];
  }

  status(): TargetStatus {
    const { target, job } = this.#options;
    return {
      scrapePool: job,
      scrapeUrl: maskSecretsOfUrl(target.url),
      discoveredLabels: this.#discoveredLabels,
      labels: target.labels,
      health: this.#health,
      lastError: this.#lastError,
      lastScrape: this.#lastScrape,
      lastScrapeDuration: this.#lastDuration,
      scrapeInterval: target.interval,
      scrapeTimeout: target.timeout,
      ...(this.#leftOut !== undefined && { leftOut: this.#leftOut }),
    };
  }

  get labels(): Labels {
    return this.#options.target.labels;
  }

  metadata(): readonly MetricMetadata[] {
    return this.#cache.metadata();
  }

  get seriesCount(): number {
    return this.#cache.seriesCount;
  }

  async #scrape(due: number): Promise<void> {
    const { fetchPage, clock, target } = this.#options;
    const began = performance.now();
    const now = clock.now();
    const time = Math.abs(now - due) <= target.interval * LATE_SHARE ? due : now;
    try {
      const page = await fetchPage(this.#abort.signal);
      const summary = await this.#cache.read(page.body, page.format, time).finally(() => page.release());
      await this.#pass(summary, time, (performance.now() - began) / 1000);
    } catch (error) {
      if (!this.#abort.signal.aborted) await this.#fail(error, time, (performance.now() - began) / 1000);
    }
    this.#options.onScraped();
  }

  async #pass(summary: PageSummary, time: number, duration: number): Promise<void> {
    const { job, writeMetadata } = this.#options;
    const { scraped, kept, added, vanished, exemplars, metadata } = summary;
    this.#note('up', '', time, duration);
    this.#leftOut = leftOutOf(summary);
    metrics.scrapes.inc({ job, result: 'ok' });
    metrics.scrapedSamples.inc({ job }, scraped);
    for (const [reason, count] of summary.faults) metrics.brokenLines.inc({ job, reason }, count);
    this.#log.up();
    this.#log.brokenLines(summary.faults, summary.firstFault);
    if (metadata.length > 0) writeMetadata?.(metadata);
    const values = reportValues({ up: true, duration, scraped, kept, added });
    const left = this.#leftBehind(this.#cache.layout.series);
    await this.#write(this.#cache.batch(time, values, exemplars, [...vanished, ...left]));
  }

  async #fail(error: unknown, time: number, duration: number): Promise<void> {
    const reason = error instanceof ScrapeError ? error.reason : 'page';
    const message = error instanceof Error ? error.message : String(error);
    this.#note('down', message, time, duration);
    this.#leftOut = undefined;
    metrics.scrapes.inc({ job: this.#options.job, result: reason });
    this.#log.down(reason, message);
    const vanished = [...this.#cache.abandon(), ...this.#leftBehind(this.#report)];
    const { scraped, kept, added } = error instanceof ScrapeError ? error.read : NOTHING_READ;
    const values = reportValues({ up: false, duration, scraped, kept, added });
    await this.#write(withStale(batchAt(this.#downLayout, time, values), vanished, time));
  }

  /** Inherited series that are not among `present`; asked once. */
  #leftBehind(present: readonly Series[]): readonly Series[] {
    if (this.#inherited.length === 0) return [];
    const keys = new Set(present.map(({ labels }) => labels.key));
    const left = this.#inherited.filter(({ labels }) => !keys.has(labels.key));
    this.#inherited = [];
    return left;
  }

  #note(health: 'up' | 'down', error: string, time: number, duration: number): void {
    this.#health = health;
    this.#lastError = error;
    this.#lastScrape = time;
    this.#lastDuration = duration;
  }

  /** A receiver that fails costs these samples only; it says itself why. */
  async #write(batch: SampleBatch): Promise<void> {
    const { job, write } = this.#options;
    try {
      const { refused } = await write(batch);
      for (const [reason, count] of Object.entries(refused)) metrics.refusedSamples.inc({ job, reason }, count);
      this.#log.written(refused);
    } catch (error) {
      metrics.refusedSamples.inc({ job, reason: 'write_failed' }, batch.values.length);
      this.#log.written({ write_failed: batch.values.length }, error);
    }
  }
}

function leftOutOf({ faults, firstFault }: PageSummary): LeftOutLines | undefined {
  if (faults.size === 0) return undefined;
  const lines = [...faults.values()].reduce((sum, count) => sum + count, 0);
  return { lines, reasons: Object.fromEntries(faults), first: firstFault };
}
